"""What every source is: a blocking reader of pictures, driven by one capture thread."""

from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from streamer.errors import SourceError

Image = NDArray[np.uint8]
"""(height, width, 3) uint8, RGB, C-contiguous."""

MIN_SIDE = 32
"""Smallest width and height in pixels; no body can be seen on less."""
MAX_PIXELS = 25_000_000
"""Largest width times height, 75 MB decoded."""
_STRIP_ROWS = 64


@dataclass(frozen=True, slots=True)
class Frame:
    """One captured picture.

    `t_us` is the monotonic clock at capture. `media_us` is the time line that motion is measured on: equal to `t_us`
    for a live or paced source, and start + presentation time where every frame of a file is taken as fast as possible.
    It strictly increases from frame to frame. `mirrored`: left and right were swapped.
    """

    image: Image
    t_us: int
    media_us: int
    seq: int
    mirrored: bool = False


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
    t_us: int | None
    """When the picture last read was captured, where the source knows: on the server's clock, not in the future.
    None where reading it is capturing it."""

    def open(self) -> SourceInfo:
        """Open or reopen. Raises SourceError with one line that says what was tried."""

    def read(self) -> Image | None:
        """The next picture, None at the end of a file. Raises SourceLost when a live source stops,
        SourceAbsent while one that comes by itself isn't there."""

    def skip(self) -> bool:
        """Pass over one picture without decoding it where that is possible. False at the end."""

    def close(self) -> None:
        """Release the device, file or connection; harmless when not open."""


def check_size(width: int, height: int, label: str) -> None:
    """Raises SourceError for a picture too small to show a body or too large to decode."""
    if min(width, height) < MIN_SIDE:
        raise SourceError(f"{label}: {width}x{height} pixels; at least {MIN_SIDE}x{MIN_SIDE}")
    if width * height > MAX_PIXELS:
        raise SourceError(f"{label}: {width}x{height} pixels; at most {MAX_PIXELS:,} in all")


def into_rgb(picture: NDArray[Any]) -> Image:
    """OpenCV's decoded picture (BGR) as RGB, in its own memory: a copy of a large one would cost as much again."""
    for top in range(0, len(picture), _STRIP_ROWS):
        strip = picture[top : top + _STRIP_ROWS]
        strip[:] = cv2.cvtColor(strip, cv2.COLOR_BGR2RGB)
    return np.asarray(picture, np.uint8)


def to_rgb(picture: NDArray[Any]) -> Image:
    """OpenCV's picture (BGR, BGRA or grey) as RGB."""
    if picture.ndim == 2 or picture.shape[2] == 1:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), np.uint8)
    code = cv2.COLOR_BGRA2RGB if picture.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(picture, code), np.uint8)
