"""This machine's monotonic clock, and where the server's stands on it."""

import time
from collections import deque


def now_us() -> int:
    """This machine's monotonic clock in microseconds; every local time here is of it."""
    return time.perf_counter_ns() // 1000


class ClockSync:
    """Estimates the offset between the server's monotonic clock and ours from exchanges of times.

    The sample with the shortest round trip of the last few is the one least bent by queues on the way (D. Mills, RFC
    5905, the clock filter). Its error is at most half that round trip. Written by the socket's thread, read by any.
    """

    def __init__(self, window: int = 8) -> None:
        self._samples: deque[tuple[int, float]] = deque(maxlen=window)
        self.offset_us: float | None = None
        """Server clock minus ours; None before `hello`."""
        self.error_us = float("inf")
        """How far off the offset may be; infinite before the first exchange."""

    def greet(self, server_us: int, local_us: int) -> None:
        """`hello` told its time: too late by its way here, but enough until the first exchange."""
        if not self._samples:
            self.offset_us = float(server_us - local_us)

    def add(self, t0_us: int, t1_us: int, t2_us: int, t3_us: int) -> None:
        """One exchange: sent (ours), received and answered (theirs), arrived (ours)."""
        round_trip = (t3_us - t0_us) - (t2_us - t1_us)
        self._samples.append((round_trip, ((t1_us - t0_us) + (t2_us - t3_us)) / 2))
        shortest, self.offset_us = min(self._samples)
        self.error_us = shortest / 2

    def to_server_us(self, local_us: float) -> float:
        """A time of ours on the server's clock; unchanged before `hello`."""
        return local_us + (self.offset_us or 0.0)

    def to_local_us(self, server_us: float) -> float:
        """A time of the server's on our clock; unchanged before `hello`."""
        return server_us - (self.offset_us or 0.0)
