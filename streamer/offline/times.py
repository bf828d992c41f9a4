"""When each picture of a file was taken, whatever rate it has and however it changes."""

from typing import Final

MAX_STEP_US: Final = 3_600_000_000
"""A picture that is said to be later than this after the one before isn't believed."""


class Times:
    """The times of one file's pictures in order, in microseconds, strictly increasing.

    They are the file's own. Where one isn't later than that before, is far too late or isn't known, the picture is
    taken to be one step of the nominal rate after that before. fps: that rate.
    """

    def __init__(self, fps: float) -> None:
        self._step_us = max(round(1e6 / fps), 1)
        self._last_us: int | None = None

    def next(self, shown_us: int | None) -> int:
        """The next picture's time. shown_us: as the file has it."""
        if self._last_us is None:
            self._last_us = shown_us or 0
        elif shown_us is not None and 0 < shown_us - self._last_us <= MAX_STEP_US:
            self._last_us = shown_us
        else:
            self._last_us += self._step_us
        return self._last_us
