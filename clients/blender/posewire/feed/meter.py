"""How many frames come, and how old they are when they do."""

from collections import deque
from statistics import median
from typing import Final

RATE_WINDOW_US: Final = 2_000_000
LATENCY_WINDOW_US: Final = 1_000_000
_MAX_FRAMES: Final = 2048


class Meter:
    """Of one stream. Times are local, microseconds."""

    def __init__(self) -> None:
        self._frames: deque[tuple[int, float]] = deque(maxlen=_MAX_FRAMES)

    def add(self, arrival_us: int, age_us: float) -> None:
        """A frame was decoded, so long after its capture."""
        self._frames.append((arrival_us, age_us))
        while arrival_us - self._frames[0][0] > RATE_WINDOW_US:
            self._frames.popleft()

    def rate_fps(self, now_us: int) -> float:
        """Frames a second, over the last two seconds; 0 where fewer than two came."""
        arrivals = [arrival_us for arrival_us, _ in self._frames if now_us - arrival_us <= RATE_WINDOW_US]
        span_us = arrivals[-1] - arrivals[0] if arrivals else 0
        return (len(arrivals) - 1) * 1e6 / span_us if span_us > 0 else 0.0

    def latency_ms(self, now_us: int) -> float | None:
        """Median age of the last second's frames; None where none came."""
        ages = [age_us for arrival_us, age_us in self._frames if now_us - arrival_us <= LATENCY_WINDOW_US]
        return median(ages) / 1000 if ages else None
