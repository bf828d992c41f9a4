"""JPEG pictures that somebody sends: looked at before they are decoded, so that a small file can't cost much."""

import re
from dataclasses import dataclass

import cv2
import numpy as np

from streamer.errors import SourceError
from streamer.source.base import Image, check_size, into_rgb

MAX_SCANS = 32
"""A progressive JPEG has about ten. Each makes the decoder go over the whole picture."""
MAX_COEFFICIENT_BYTES = 32_000_000
"""What a decoder keeps of a JPEG in several scans until the last is read, whatever size it decodes to."""
WHOLE_SIDE = 3200
"""A picture with a side of this many pixels is decoded at half its size, which halves memory twice."""
WHOLE_PIXELS = 5_100_000
"""The same for width times height. Somebody who fills a fifth of half a picture still has 256 pixels."""
_START, _END = b"\xff\xd8", b"\xff\xd9"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Markers of a frame's header: baseline, extended and progressive with Huffman codes, all that decoders take."""
_PROGRESSIVE, _SCAN, _END_OF_IMAGE = 0xC2, 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]")
"""The next one that means something, as decoders search for it: not in a scan's data, no restart."""


class BadJpeg(SourceError):
    """Bytes that are no JPEG that can be used. The text is one line for people."""


@dataclass(frozen=True, slots=True)
class Jpeg:
    """What decoding would cost. coefficient_bytes: 0 where one scan holds all, which needs none of them kept."""

    width: int
    height: int
    scans: int
    coefficient_bytes: int


def decode(data: bytes) -> Image:
    """The picture as RGB, turned as its EXIF data says, a large one at half its size.

    Raises SourceError, before decoding where that can be.
    """
    width, height = read_size(data)
    check_size(width, height, "JPEG")
    if not data.endswith(_END):
        raise BadJpeg("JPEG: cut short, its end marker is missing")
    check_cost(examine(data), MAX_COEFFICIENT_BYTES)
    large = max(width, height) >= WHOLE_SIDE or width * height > WHOLE_PIXELS
    flag = cv2.IMREAD_REDUCED_COLOR_2 if large else cv2.IMREAD_COLOR
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if picture is None:
        raise BadJpeg("JPEG: damaged, it can't be decoded")
    return into_rgb(picture)


def check_cost(jpeg: Jpeg, max_coefficient_bytes: int) -> None:
    """Raises BadJpeg for one that is small to send and dear to decode."""
    if jpeg.scans > MAX_SCANS:
        raise BadJpeg(f"JPEG: more than {MAX_SCANS} scans")
    if jpeg.coefficient_bytes > max_coefficient_bytes:
        raise BadJpeg(
            f"JPEG: {jpeg.width}x{jpeg.height} pixels in several scans take {jpeg.coefficient_bytes:,} bytes "
            f"to decode; at most {max_coefficient_bytes:,}"
        )


def read_size(data: bytes) -> tuple[int, int]:
    """Width and height as the frame's header says, walking the segments before it as the decoder does.

    Raises BadJpeg for whatever isn't one segment after the other: a decoder that searches for the next marker might
    find another header than we did.
    """
    if not data.startswith(_START):
        raise BadJpeg("not a JPEG")
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _FRAMES and at + 9 <= len(data):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        if not (marker == 0xFE or marker >= 0xE0 or marker in (0xC4, 0xCC, 0xDB, 0xDD)) or length < 2:
            break
        at += 2 + length
    raise BadJpeg("JPEG: damaged, its size can't be read")


def examine(data: bytes) -> Jpeg:
    """What a JPEG's headers say, of the frame and of scans up to one over MAX_SCANS. Raises BadJpeg.

    It goes from marker to marker as decoders do, over fill bytes and garbage, and as far: to the end of the image.
    """
    frame: bytes | None = None
    buffered = False
    scans, at = 0, len(_START)
    while scans <= MAX_SCANS and (found := _MARKER.search(data, at)):
        marker = data[found.start() + 1]
        if marker == _END_OF_IMAGE:
            break
        at = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2], "big"))
        segment = data[found.end() + 2 : at] if marker in _FRAMES or marker == _SCAN else b""
        if marker in _FRAMES:
            if frame is not None or len(segment) < 6 or len(segment) < 6 + 3 * segment[5]:
                break
            frame, buffered = segment, marker == _PROGRESSIVE
        elif marker == _SCAN:
            if frame is None or not segment:
                break
            scans += 1
            buffered |= segment[0] < frame[5]
    if not data.startswith(_START) or frame is None:
        raise BadJpeg("JPEG: damaged, its size can't be read")
    width, height = int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")
    return Jpeg(width, height, scans, _coefficient_bytes(frame, width, height) if buffered else 0)


def _coefficient_bytes(frame: bytes, width: int, height: int) -> int:
    """64 numbers of 16 bits for each block of each component, which may be subsampled."""
    factors = [(frame[at] >> 4, frame[at] & 0x0F) for at in range(7, 7 + 3 * frame[5], 3)]
    across, down = max((h for h, _ in factors), default=1), max((v for _, v in factors), default=1)
    columns, rows = -(-width // (8 * max(1, across))), -(-height // (8 * max(1, down)))
    return sum(columns * h * rows * v * 128 for h, v in factors)
