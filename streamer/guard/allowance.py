"""How much somebody may ask for: a token bucket, which lets bursts pass and holds the average."""

import time
from collections.abc import Callable


class Allowance:
    """`per_s` units a second, up to `burst` of them saved up. It may be overdrawn; who did that has to wait."""

    __slots__ = ("_burst", "_clock", "_left", "_per_s", "_since_s")

    def __init__(self, per_s: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._left = burst
        self._since_s = clock()

    def spend(self, units: float = 1.0) -> None:
        """Take from it, more than there is if need be."""
        self._refill()
        self._left -= units

    @property
    def overdrawn_s(self) -> float:
        """Seconds until nothing of it is owed, 0 where nothing is."""
        self._refill()
        return max(0.0, -self._left / self._per_s)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there: forgetting it would change nothing."""
        self._refill()
        return self._left >= self._burst

    def _refill(self) -> None:
        now_s = self._clock()
        self._left = min(self._burst, self._left + (now_s - self._since_s) * self._per_s)
        self._since_s = now_s
