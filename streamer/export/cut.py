"""What of a take is exported: all of it, or from one time of it to another."""

from dataclasses import dataclass
from typing import Final

from streamer.errors import UsageError

MAX_S: Final = 999_999
"""Eleven days: no take is as long."""


@dataclass(frozen=True, slots=True)
class Cut:
    """From `start_s` up to `end_s`, which isn't in it any more, in seconds of a take from its first frame.

    Of a recording of several streams from the first frame of them all, as a replay counts: all are cut at the same
    moments.

    end_s: after start_s; None, or what is later than the take's end, for up to its end.
    """

    start_s: float = 0.0
    end_s: float | None = None

    def __str__(self) -> str:
        return f"from {self.start_s:.10g} s " + ("on" if self.end_s is None else f"to {self.end_s:.10g} s")


WHOLE: Final = Cut()


class EmptyCut(UsageError):
    """A take has nothing in the cut, or nobody."""


def parse_cut(start: str | None, end: str | None, start_name: str, end_name: str) -> Cut:
    """The cut between two times in text, None for the take's own start and end.

    start_name, end_name: of the options that say so. Raises UsageError for what is no number from 0 to MAX_S, and for
    an end that isn't after the start.
    """
    cut = Cut(0.0 if start is None else _seconds(start, start_name), None if end is None else _seconds(end, end_name))
    if cut.end_s is not None and cut.end_s <= cut.start_s:
        raise UsageError(f"{end_name} is {cut.end_s:.10g}; it has to be after {start_name}, {cut.start_s:.10g}")
    return cut


def _seconds(text: str, name: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MAX_S:
        raise UsageError(f"{name} is {text[:40]!r}; a number of seconds from 0 to {MAX_S}")
    return seconds
