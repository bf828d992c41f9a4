"""How often one and the same message is told: so many lines in a while, then how many more there were. Pure."""

from dataclasses import dataclass
from typing import Final

MAX_LINES: Final = 10
"""Of one kind in a window."""
WINDOW_S: Final = 10.0
MAX_KINDS: Final = 256
"""Kinds of message that are counted at a time; the oldest gives way to another."""

Kind = tuple[str, str]
"""Logger and template of a message, before its values are put in."""


@dataclass(slots=True)
class _Window:
    ends_s: float
    told: int = 0
    left_out: int = 0


class LogLimit:
    """Times are seconds of one clock that never goes back. One thread at a time."""

    def __init__(self) -> None:
        self._windows: dict[Kind, _Window] = {}  # the oldest first
        self._over: list[tuple[Kind, int]] = []

    def take(self, kind: Kind, now_s: float) -> bool:
        """Whether one more may be told."""
        window = self._windows.get(kind)
        if window is None or window.ends_s <= now_s:
            self._end(kind)
            if len(self._windows) >= MAX_KINDS:
                self._end(next(iter(self._windows)))
            window = self._windows[kind] = _Window(now_s + WINDOW_S)
        if window.told < MAX_LINES:
            window.told += 1
            return True
        window.left_out += 1
        return False

    def over(self, now_s: float) -> list[tuple[Kind, int]]:
        """Kinds of which some were left out in a window that has ended, and how many; each is said once."""
        for kind in [kind for kind, window in self._windows.items() if window.ends_s <= now_s]:
            self._end(kind)
        over, self._over = self._over, []
        return over

    @property
    def next_s(self) -> float | None:
        """When a window ends in which something was left out; None where there is none."""
        return min((window.ends_s for window in self._windows.values() if window.left_out), default=None)

    def _end(self, kind: Kind) -> None:
        window = self._windows.pop(kind, None)
        if window is not None and window.left_out:
            self._over.append((kind, window.left_out))
