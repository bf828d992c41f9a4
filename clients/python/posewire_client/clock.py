"""Places the server's monotonic clock on this machine's, as NTP does."""

import time
from collections import deque


def now_us() -> int:
    """This machine's monotonic clock in microseconds."""
    return time.monotonic_ns() // 1000


class ClockSync:
    """Estimates the offset between two monotonic clocks from request and answer times.

    The sample with the shortest round trip of the last few is the one least bent by queues on the way (D. Mills, RFC
    5905, the clock filter). Its error is at most half that round trip.
    """

    def __init__(self, window: int = 8) -> None:
        self._samples: deque[tuple[int, float]] = deque(maxlen=window)

    def add(self, t0_us: int, t1_us: int, t2_us: int, t3_us: int) -> None:
        """One exchange: sent (ours), received and answered (theirs), arrived (ours)."""
        round_trip = (t3_us - t0_us) - (t2_us - t1_us)
        self._samples.append((round_trip, ((t1_us - t0_us) + (t2_us - t3_us)) / 2))

    @property
    def ready(self) -> bool:
        """Whether there is an estimate."""
        return bool(self._samples)

    @property
    def offset_us(self) -> float:
        """Server clock minus ours; 0 before the first exchange."""
        return min(self._samples)[1] if self._samples else 0.0

    @property
    def error_us(self) -> float:
        """How far off the offset may be; infinite before the first exchange."""
        return min(self._samples)[0] / 2 if self._samples else float("inf")

    def to_local_us(self, server_us: int) -> float:
        """A time of the server's on our clock."""
        return server_us - self.offset_us
