"""A take: every frame that came while it ran, with times on one clock."""

from dataclasses import dataclass
from typing import Final

from .humanoid import BoneTree
from .messages import Frame

MAX_TAKE_POSES: Final = 216_000
"""Poses that a take holds at most, an empty frame counting as one: two hours of one person at 30 frames a second."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing came between two times of a take, because the connection was lost; `reason` says why."""

    start_us: int
    end_us: int
    reason: str


@dataclass(frozen=True, slots=True)
class TakeProgress:
    """How far a take is. seconds: from the first frame's capture to the last one's."""

    frames: int
    seconds: float
    is_full: bool
    """It holds MAX_TAKE_POSES and takes no more; what it has is safe."""


@dataclass(frozen=True, slots=True)
class Take:
    """A finished take.

    frames: all frames of the stream, in order. A frame's own `t_us` is on the clock of the server that it came from,
    and after a server was started anew that is another clock; so times are in `times_us`.
    times_us: when each frame was captured, on this machine's clock (`now_us()`), strictly growing. Between frames of
    one connection the differences are exactly those of their `t_us`.
    gaps: where the connection was lost in between.
    dropped: frames that the server left out because this connection was too slow.
    is_full: whether it came to MAX_TAKE_POSES, and what came after that isn't in it.
    bones: of the last `hello`, None where the server solves none. landmarks: names of the rows of `world` and `image`.
    """

    stream: str
    frames: tuple[Frame, ...]
    times_us: tuple[int, ...]
    gaps: tuple[Gap, ...]
    dropped: int
    is_full: bool
    bones: BoneTree | None
    landmarks: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """From the first frame's capture to the last one's."""
        return (self.times_us[-1] - self.times_us[0]) / 1e6 if self.times_us else 0.0
