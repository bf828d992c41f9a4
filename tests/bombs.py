"""Pictures that cost more than they weigh, and pictures with something hidden in them."""

import struct
import zlib
from collections.abc import Iterable

import cv2
import numpy as np

END_OF_BAND = 0xE0
"""Huffman symbol of a progressive scan: 14 bits follow, and up to 32,767 blocks hold nothing."""
MOST_BLOCKS = 32_767


def segment(marker: int, data: bytes) -> bytes:
    """A JPEG segment."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def progressive_jpeg(width: int, height: int, scans: int) -> bytes:
    """A grey JPEG of this size (in colour, no subsampling) whose scans go over all of it and say nothing."""
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"".join(bytes((n, 0x11, 0)) for n in (1, 2, 3))
    table = bytes((0x10, 1, *[0] * 15, END_OF_BAND))  # one symbol, its code the bit 0
    blocks = -(-width // 8) * -(-height // 8)
    symbols = -(-blocks // MOST_BLOCKS)
    bits = "011111111111111" * symbols
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    scan = segment(0xDA, bytes((1, 1, 0, 1, 63, 0))) + data
    head = b"\xff\xd8" + segment(0xDB, bytes((0, *[1] * 64))) + segment(0xC2, frame) + segment(0xC4, table)
    return head + scan * scans + b"\xff\xd9"


def jpeg(width: int = 64, height: int = 48, value: int = 90) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width, 3), value, np.uint8))[1].tobytes()


def jpeg_claiming(width: int, height: int) -> bytes:
    """A whole small JPEG whose header says another size."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(size: int) -> bytes:
    """So many zero bytes, deflated; not made at once."""
    deflate = zlib.compressobj(9)
    block = bytes(1_000_000)
    parts = [deflate.compress(block[: min(len(block), size - at)]) for at in range(0, size, len(block))]
    return b"".join(parts) + deflate.flush()


def png(width: int, height: int, colour: int = 2, extra: Iterable[bytes] = (), rows: int | None = None) -> bytes:
    """A black PNG (colour type 2: RGB, 0: grey, 6: with alpha). extra: chunks before the picture's."""
    channels = {0: 1, 2: 3, 6: 4}[colour]
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    data = zeros((width * channels + 1) * (height if rows is None else rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
