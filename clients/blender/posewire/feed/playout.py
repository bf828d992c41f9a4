"""Smooth playout: which moment is shown, and the frame for it. Pure: time is passed in. See clients/README.md."""

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

from .blend import blend
from .messages import Frame

MAX_DELAY_US: Final = 250_000
JUMP_US: Final = 500_000
"""The moment shown is set anew where it is farther off than this; a gap longer than this isn't bridged."""
CATCH_UP_US: Final = 200_000
MAX_SPEED_CHANGE: Final = 0.1
WINDOW: Final = 64
PERCENTILE: Final = 0.95


class Playout:
    """Of one stream and connection. Times are on the server's clock, but for ours, by which the moment moves on.

    `arrived` may be called by one thread and `sample` by another.
    """

    def __init__(self) -> None:
        self._needs_us: deque[float] = deque(maxlen=WINDOW)
        self.delay_us = 0.0
        """How far behind the present the moment shown should be."""
        self._moment_us: float | None = None
        self._local_us = 0
        self._shown: tuple[Frame, int, Frame] | None = None

    def arrived(self, before_us: int, arrival_us: float) -> None:
        """A frame arrived; before_us: the capture of the one before it, which was still shown until then."""
        self._needs_us.append(arrival_us - before_us)
        ordered = sorted(self._needs_us)
        need_us = ordered[math.ceil(PERCENTILE * len(ordered)) - 1]
        self.delay_us = min(max(need_us, 0.0), MAX_DELAY_US)

    def sample(self, frames: Sequence[Frame], now_us: float, local_us: int) -> Frame | None:
        """The frame to show now, out of the last few, oldest first; None where there is none yet.

        now_us: on the server's clock, as far as it is known. local_us: on ours, which no better estimate sets back.
        Its `t_us` is the moment shown. The same object while nothing moves.
        """
        if not frames:
            return None
        moment_us = int(self._advance(now_us, local_us, frames[-1].t_us))
        later = next((index for index, frame in enumerate(frames) if frame.t_us > moment_us), len(frames))
        if later == 0:
            return frames[0]
        earlier = frames[later - 1]
        if later == len(frames) or earlier.t_us == moment_us:
            return earlier
        gap_us = frames[later].t_us - earlier.t_us
        if gap_us > JUMP_US:
            return earlier
        if self._shown is None or self._shown[0] is not earlier or self._shown[1] != moment_us:
            mixed = blend(earlier, frames[later], (moment_us - earlier.t_us) / gap_us, moment_us)
            self._shown = (earlier, moment_us, mixed)
        return self._shown[2]

    def _advance(self, now_us: float, local_us: int, newest_us: int) -> float:
        """Move on to the moment that is shown now."""
        target_us = now_us - self.delay_us
        if self._moment_us is None:
            moment_us = target_us
        else:
            passed_us = max(0, local_us - self._local_us)
            off_us = target_us - (self._moment_us + passed_us)
            speed = min(max(off_us / CATCH_UP_US, -MAX_SPEED_CHANGE), MAX_SPEED_CHANGE)
            # One long step doesn't go past where it is heading.
            change_us = math.copysign(min(abs(speed) * passed_us, abs(off_us)), off_us)
            is_far = abs(off_us) > JUMP_US
            moment_us = target_us if is_far else self._moment_us + passed_us + change_us
        self._local_us = local_us
        self._moment_us = min(moment_us, float(newest_us))
        return self._moment_us
