"""What every source is: a blocking reader of pictures, driven by one capture thread."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(height, width, 3) uint8, RGB, C-contiguous."""

MIN_SIDE = 32
MAX_PIXELS = 25_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """One captured picture.

    `t_us` is the monotonic clock at capture. `media_us` is the time line that motion is measured on: equal to `t_us` for a
    live or paced source, and start + presentation time where every frame of a file is taken as fast as possible. It
    strictly increases from frame to frame.
    """

    image: Image
    t_us: int
    media_us: int
    seq: int


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What opening a source told: picture size in pixels as read (before rotation) and nominal rate (0: unknown)."""

    width: int
    height: int
    fps: float


class Source(Protocol):
    """A blocking reader, used by one thread at a time; it may be opened again after `close`."""

    label: str
    """For people and logs; never carries a password."""
    live: bool
    """True for cameras and streams, which set their own pace and may be lost; False for files."""

    def open(self) -> SourceInfo:
        """Open or reopen. Raises SourceError with one line that says what was tried."""

    def read(self) -> Image | None:
        """The next picture, None at the end of a file. Raises SourceLost when a live source stops."""

    def skip(self) -> bool:
        """Pass over one picture without decoding it where that is possible. False at the end."""

    def close(self) -> None:
        """Release the device, file or connection; harmless when not open."""
