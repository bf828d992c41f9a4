"""When silence means that a live source is lost: for a camera of 30 pictures a second sooner than for one of one."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

MIN_SILENCE_S: Final = 0.8
"""Of a source that brings several pictures a second: short enough to be told within a second, and no mere hiccup."""
FIRST_SILENCE_S: Final = 2.0
"""Of a source whose rhythm isn't known yet; the first pictures may come at once, from what was read to open it."""
MAX_SILENCE_S: Final = 10.0
"""Of the slowest source."""
INTERVALS: Final = 3
"""Times the longest of the last RECENT intervals is what a source may be silent for, between the limits above."""
RECENT: Final = 8


class Rhythm:
    """The intervals between a source's pictures. One thread writes, any may ask."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._intervals_s: deque[float] = deque(maxlen=RECENT)
        self._last_s: float | None = None
        self.limit_s = FIRST_SILENCE_S

    def beat(self) -> None:
        """A picture came."""
        now_s = self._clock_s()
        if self._last_s is not None:
            self._intervals_s.append(now_s - self._last_s)
            least_s = MIN_SILENCE_S if len(self._intervals_s) == RECENT else FIRST_SILENCE_S
            self.limit_s = min(max(least_s, INTERVALS * max(self._intervals_s)), MAX_SILENCE_S)
        self._last_s = now_s

    def pause(self) -> None:
        """The source has to be opened anew. Its silence until now counts, so that one too slow for the limit is given
        more time from then on; what comes now doesn't.
        """
        self.beat()
        self._last_s = None


def stalled(limit_s: float) -> str:
    """What is told of a source that was silent for so long."""
    return f"stalled: no picture for {limit_s:.1f} s"
