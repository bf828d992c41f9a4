"""A picture that somebody sent: what kind it is, how large, and whether it may be decoded at all."""

import io
from dataclasses import dataclass

import cv2
import imagesize
import numpy as np

from streamer.source.base import MAX_PIXELS, MIN_SIDE, Image, into_rgb
from streamer.source.jpeg import BadJpeg, check_cost, examine

MAX_BYTES = 10_000_000
"""Of one picture's file, unless set otherwise."""
ENOUGH_SIDE = 1600
"""Longer side in pixels that a reduced picture keeps at least: somebody who fills a sixth of it has 256 pixels."""
MAX_WHOLE_PIXELS = 12_500_000
"""Of a PNG or WebP, which can only be decoded whole."""
MAX_COEFFICIENT_BYTES = 48_000_000
"""Of a JPEG in several scans, as `source.jpeg` counts them: 16 million pixels of the usual kind."""
MAX_DRAWN_PIXELS = 4_200_000
"""A larger picture is made smaller before somebody draws on it, and its PNG is."""
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
    if kind == "JPEG":
        try:
            check_cost(examine(data), MAX_COEFFICIENT_BYTES)
        except BadJpeg as error:
            raise BadPicture(str(error)) from None
    elif width * height > MAX_WHOLE_PIXELS:
        raise PictureTooLarge(f"{kind}: {width}x{height} pixels; at most {MAX_WHOLE_PIXELS:,} in all")


def decode(data: bytes, drawn_on: bool = False) -> tuple[Image, tuple[int, int]]:
    """The picture as RGB, turned as its EXIF data says, and its width and height. Call `check` first.

    A large picture comes out a half, a quarter or an eighth of its size; of a JPEG no more is decoded, which is much
    faster. The networks see no more than 256 x 256 pixels of a person: they miss nothing. drawn_on: it is made smaller
    only where it has more than MAX_DRAWN_PIXELS. Width and height are always the picture's own. Raises BadPicture.
    """
    width, height = imagesize.get(io.BytesIO(data))
    shrink = _shrink_drawn(width * height) if drawn_on else _shrink(max(width, height))
    is_jpeg = data.startswith(b"\xff\xd8\xff")  # only that has smaller pictures within it
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), _FLAGS[shrink if is_jpeg else 1])
    except cv2.error:  # more pixels than its header said
        picture = None
    if picture is None:
        raise BadPicture("the picture can't be decoded; the file may be cut short or damaged")
    if not is_jpeg and shrink > 1:
        picture = cv2.resize(picture, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    # The size in the header, but the way round that EXIF data may have turned the picture.
    seen_height, seen_width = picture.shape[:2]
    if (seen_width > seen_height) != (width > height):
        width, height = height, width
    return into_rgb(picture), (width, height)


def _shrink(longer_side: int) -> int:
    return next((by for by in (8, 4, 2) if longer_side >= by * ENOUGH_SIDE), 1)


def _shrink_drawn(pixels: int) -> int:
    return next((by for by in (1, 2, 4) if pixels <= by * by * MAX_DRAWN_PIXELS), 8)
