"""JPEG pictures that somebody sends: looked at before they are decoded, so that a small file can't cost much."""

import cv2
import numpy as np

from streamer.errors import SourceError
from streamer.source.base import Image, check_size, to_rgb

MAX_SCANS = 32
"""A progressive JPEG has about ten. Each makes the decoder go over the whole picture."""
_START, _END, _SCAN = b"\xff\xd8", b"\xff\xd9", b"\xff\xda"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Markers of a frame's header: baseline, extended and progressive with Huffman codes, all that decoders take."""


class BadJpeg(SourceError):
    """Bytes that are no JPEG that can be used. The text is one line for people."""


def decode(data: bytes) -> Image:
    """The picture as RGB, turned as its EXIF data says. Raises SourceError, before decoding where that can be."""
    width, height = read_size(data)
    check_size(width, height, "JPEG")
    if not data.endswith(_END):
        raise BadJpeg("JPEG: cut short, its end marker is missing")
    if (scans := data.count(_SCAN)) > MAX_SCANS:
        raise BadJpeg(f"JPEG: {scans} scans; at most {MAX_SCANS}")
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise BadJpeg("JPEG: damaged, it can't be decoded")
    return to_rgb(picture)


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
