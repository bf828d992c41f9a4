"""A picture that somebody sent: what kind it is, how large, and whether it may be decoded at all."""

import io
from dataclasses import dataclass

import cv2
import imagesize
import numpy as np

from streamer.source.base import MAX_PIXELS, MIN_SIDE, Image, to_rgb

MAX_BYTES = 10_000_000
"""Of one picture's file, unless set otherwise."""
ENOUGH_SIDE = 1600
"""Longer side in pixels that a reduced picture keeps at least: somebody who fills a sixth of it has 256 pixels."""
_FLAGS = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_MARKS = ((b"\xff\xd8\xff", 0, "JPEG"), (b"\x89PNG\r\n\x1a\n", 0, "PNG"), (b"WEBP", 8, "WebP"))


class PictureError(Exception):
    """A picture that can't be used. The text is one line for people."""


class NotAPicture(PictureError):
    """Bytes that are no JPEG, PNG or WebP."""


class PictureTooLarge(PictureError):
    """More bytes or pixels than allowed."""


class BadPicture(PictureError):
    """A picture of a known kind that can't be decoded, or is too small to show anybody."""


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """How large a picture may be: bytes of its file, pixels (width times height) once decoded."""

    max_bytes: int = MAX_BYTES
    max_pixels: int = MAX_PIXELS


def check(data: bytes, limits: PictureLimits) -> None:
    """Look at the first bytes of a picture, before anything is decoded: 50 kB of PNG may decode into gigabytes.

    Raises NotAPicture, PictureTooLarge or BadPicture.
    """
    if len(data) > limits.max_bytes:
        raise PictureTooLarge(f"{len(data):,} bytes; at most {limits.max_bytes:,}")
    kind = next((name for mark, at, name in _MARKS if data.startswith(mark, at)), None)
    if kind is None:
        raise NotAPicture("not a picture; JPEG, PNG or WebP" if data else "an empty file; JPEG, PNG or WebP is needed")
    width, height = imagesize.get(io.BytesIO(data))
    if width <= 0 or height <= 0:
        raise BadPicture(f"a broken {kind}: its size can't be read")
    if width * height > limits.max_pixels:
        raise PictureTooLarge(f"{width}x{height} pixels; at most {limits.max_pixels:,} in all")
    if min(width, height) < MIN_SIDE:
        raise BadPicture(f"{width}x{height} pixels; at least {MIN_SIDE}x{MIN_SIDE}")


def decode(data: bytes, reduced: bool = False) -> tuple[Image, tuple[int, int]]:
    """The picture as RGB, turned as its EXIF data says, and its width and height. Call `check` first.

    reduced: a large JPEG may be decoded to a half, a quarter or an eighth of its size, which is much faster. The
    networks see no more than 256 x 256 pixels of a person: they miss nothing. Width and height are the picture's own.
    Raises BadPicture.
    """
    width, height = imagesize.get(io.BytesIO(data))
    shrink = _shrink(data, max(width, height)) if reduced else 1
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), _FLAGS[shrink])
    except cv2.error:  # more pixels than its header said
        picture = None
    if picture is None:
        raise BadPicture("the picture can't be decoded; the file may be cut short or damaged")
    # The size in the header, but the way round that EXIF data may have turned the picture.
    seen_height, seen_width = picture.shape[:2]
    if (seen_width > seen_height) != (width > height):
        width, height = height, width
    return to_rgb(picture), (width, height)


def _shrink(data: bytes, longer_side: int) -> int:
    if not data.startswith(b"\xff\xd8\xff"):
        return 1  # only JPEG has smaller pictures within it
    return next((by for by in (8, 4, 2) if longer_side >= by * ENOUGH_SIDE), 1)
