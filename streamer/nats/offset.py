"""How far another machine's clock is from ours, and how sure that is. Pure: whoever asks says what time it is."""

from collections import deque
from typing import Final

WINDOW: Final = 32
"""Exchanges that are remembered."""
DRIFT: Final = 50e-6
"""How fast two quartzes may part, each off by half of this; what RFC 5905 calls dispersion grows at this rate."""


class Offset:
    """Of a clock that is asked again and again, as in NTP.

    An exchange's error is at most half its round trip when it is made, and grows as clocks part. The exchange whose
    error is least at the moment counts: usually the quickest of the last half minute (D. Mills, RFC 5905, the clock
    filter).
    """

    def __init__(self) -> None:
        self._exchanges: deque[tuple[int, float, float]] = deque(maxlen=WINDOW)

    def add(self, t0_us: int, t1_us: int, t2_us: int, t3_us: int) -> None:
        """One exchange: sent (ours), received and answered (theirs), arrived (ours).

        Nothing is made of one that can't be: an answer sent before its question came, or that took longer to be made
        than the whole exchange.
        """
        round_trip_us = (t3_us - t0_us) - (t2_us - t1_us)
        if t1_us <= t2_us and round_trip_us >= 0:
            self._exchanges.append((t3_us, round_trip_us / 2, ((t1_us - t0_us) + (t2_us - t3_us)) / 2))

    @property
    def exchanges(self) -> int:
        """How many count."""
        return len(self._exchanges)

    def estimate(self, now_us: int) -> tuple[float, float]:
        """Their clock minus ours, and by how much that may be off; microseconds. (0, infinity) before any exchange."""
        best_us, error_us = 0.0, float("inf")
        for at_us, half_us, offset_us in self._exchanges:
            error_now_us = half_us + DRIFT * (now_us - at_us)
            if error_now_us < error_us:
                best_us, error_us = offset_us, error_now_us
        return best_us, error_us
