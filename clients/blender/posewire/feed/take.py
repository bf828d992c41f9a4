"""A take: every frame that came while it ran, with times on one clock."""

import threading
from dataclasses import dataclass
from typing import Final

from .clock import ClockSync
from .humanoid import BoneTree
from .messages import Frame

MAX_TAKE_POSES: Final = 216_000
"""Poses that a take holds at most, an empty frame counting as one: two hours of one person at 30 frames a second.

With `world`, `bones` and `rest` these are 600 MB.
"""


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


class TakeRecorder:
    """Gathers a take. Filled by the socket's thread, ended by any."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._pieces: list[_Piece] = []
        self._frames = 0
        self._poses = 0
        self._dropped = 0
        self._reason = ""
        self._is_full = False

    def add(self, frame: Frame, clock: ClockSync) -> None:
        """A frame came. clock: of its connection, another for each connection."""
        with self._lock:
            if self._stream == "*":
                self._stream = frame.stream
            if frame.stream != self._stream or self._is_full:
                return
            poses = max(1, len(frame.poses))
            if self._poses + poses > MAX_TAKE_POSES:
                self._is_full = True
                return
            if not self._pieces or self._pieces[-1].clock is not clock:
                self._pieces.append(_Piece(clock, self._reason, []))
            self._pieces[-1].frames.append(frame)
            self._frames += 1
            self._poses += poses

    def lose(self, reason: str) -> None:
        """The connection ended."""
        with self._lock:
            self._reason = reason

    def drop(self, stream: str, count: int) -> None:
        """The server left out frames of a stream."""
        with self._lock:
            if stream == self._stream and not self._is_full:
                self._dropped += count

    @property
    def progress(self) -> TakeProgress:
        """How far it is."""
        with self._lock:
            times_us = [(piece.local_us(0), piece.local_us(-1)) for piece in self._pieces[:1] + self._pieces[-1:]]
            seconds = (times_us[-1][1] - times_us[0][0]) / 1e6 if times_us else 0.0
            return TakeProgress(self._frames, max(0.0, seconds), self._is_full)

    def finish(self, bones: BoneTree | None, landmarks: tuple[str, ...]) -> Take:
        """What was taken."""
        with self._lock:
            frames: list[Frame] = []
            times_us: list[int] = []
            gaps: list[Gap] = []
            for piece in self._pieces:
                first_us = piece.local_us(0)
                if times_us:
                    # Two estimates of the clock may overlap by what they are off; time still goes on.
                    first_us = max(first_us, times_us[-1] + 1)
                    gaps.append(Gap(times_us[-1], first_us, piece.reason))
                start_us = piece.frames[0].t_us
                times_us += [first_us + frame.t_us - start_us for frame in piece.frames]
                frames += piece.frames
            return Take(
                self._stream,
                tuple(frames),
                tuple(times_us),
                tuple(gaps),
                self._dropped,
                self._is_full,
                bones,
                landmarks,
            )


@dataclass(frozen=True, slots=True)
class _Piece:
    """The frames of one connection; reason: why the one before it was lost."""

    clock: ClockSync
    reason: str
    frames: list[Frame]

    def local_us(self, index: int) -> int:
        """When a frame was captured, on this machine's clock.

        One offset for all frames, that of the moment when it is asked for; after the connection's end the clock's last.
        """
        return round(self.clock.to_local_us(self.frames[index].t_us))
