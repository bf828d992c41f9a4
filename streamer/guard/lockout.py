"""Wrong tokens, counted by address: whoever guesses is not listened to for a while."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MAX_FAILURES: Final = 5
"""Wrong tokens of one address within LOCK_S, after which it is locked out."""
LOCK_S: Final = 60.0
MAX_ADDRESSES: Final = 4096
"""Remembered at a time; the one whose last failure is longest ago is forgotten for a new one."""


class Lockout:
    """Which addresses failed and which are locked out. A right token doesn't make up for wrong ones: they grow old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def remaining_s(self, address: str) -> float:
        """Seconds for which an address stays locked out, 0 where it isn't."""
        times = self._failures.get(address, [])
        return max(0.0, times[-1] + LOCK_S - self._clock()) if len(times) >= MAX_FAILURES else 0.0

    def fail(self, address: str) -> bool:
        """Note a wrong token. True where it locks the address out."""
        now_s = self._clock()
        recent = [at for at in self._failures.pop(address, []) if now_s - at < LOCK_S]
        self._failures[address] = [*recent, now_s]
        if len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)
        return len(recent) + 1 == MAX_FAILURES
