import struct
import zlib

import cv2
import numpy as np
import pytest

from streamer.photo.picture import (
    BadPicture,
    NotAPicture,
    PictureError,
    PictureLimits,
    PictureTooLarge,
    check,
    decode,
)
from streamer.source.jpeg import MAX_SCANS
from tests.bombs import progressive_jpeg

LIMITS = PictureLimits(max_bytes=2_000_000, max_pixels=1_000_000)
PHOTO = np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8)


def encoded(suffix: str, picture: np.ndarray = PHOTO) -> bytes:
    return cv2.imencode(suffix, picture)[1].tobytes()


def png_bomb(width: int, height: int) -> bytes:
    """A small file that says of itself, truly, how large it is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" * (width + 1) * 100, 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_the_three_kinds_are_taken(suffix: str) -> None:
    data = encoded(suffix)
    check(data, LIMITS)
    assert decode(data)[0].shape == (60, 80, 3)


def test_colours_are_rgb() -> None:
    blue_in_bgr = np.full((40, 40, 3), (200, 10, 30), np.uint8)
    assert decode(encoded(".png", blue_in_bgr))[0][0, 0].tolist() == [30, 10, 200]


def test_grey_and_transparent_pictures_become_rgb() -> None:
    assert decode(encoded(".png", np.zeros((40, 50), np.uint8)))[0].shape == (40, 50, 3)
    assert decode(encoded(".png", np.zeros((40, 50, 4), np.uint8)))[0].shape == (40, 50, 3)


def test_a_picture_is_turned_as_its_exif_data_says() -> None:
    orientation_6 = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    app1 = b"\xff\xe1" + struct.pack(">H", len(orientation_6) + 2) + orientation_6
    plain = encoded(".jpg")
    data = plain[:2] + app1 + plain[2:]
    check(data, LIMITS)
    picture, size = decode(data)
    assert (picture.shape, size) == ((80, 60, 3), (60, 80))


@pytest.mark.parametrize(
    ("width", "height", "shrink"), [(3199, 400, 1), (3200, 2000, 2), (6400, 1000, 4), (1001, 3201, 2), (12_800, 100, 8)]
)
def test_a_large_jpeg_is_decoded_smaller_and_keeps_its_size(width: int, height: int, shrink: int) -> None:
    grey = np.full((height, width, 3), 120, np.uint8)
    picture, size = decode(encoded(".jpg", grey))
    assert size == (width, height)
    assert picture.shape == (-(-height // shrink), -(-width // shrink), 3)


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_other_kinds_are_made_smaller_as_well(suffix: str) -> None:
    picture, size = decode(encoded(suffix, np.full((64, 3200, 3), (10, 20, 200), np.uint8)))
    assert (picture.shape, size) == ((32, 1600, 3), (3200, 64))
    assert np.abs(picture.reshape(-1, 3).mean(0) - (200, 20, 10)).max() < 3


@pytest.mark.parametrize(
    ("width", "height", "shrink"), [(2800, 1500, 1), (2801, 1500, 2), (4000, 4000, 2), (4100, 4100, 4)]
)
def test_what_is_drawn_on_has_its_size_up_to_a_limit(width: int, height: int, shrink: int) -> None:
    for suffix in (".jpg", ".png"):
        picture, size = decode(encoded(suffix, np.zeros((height, width, 3), np.uint8)), drawn_on=True)
        assert size == (width, height)
        assert np.abs(np.array(picture.shape[:2]) - (height / shrink, width / shrink)).max() <= 0.5


def test_a_kind_that_can_only_be_decoded_whole_has_a_limit_of_its_own() -> None:
    limits = PictureLimits()
    check(encoded(".jpg", np.zeros((4000, 4000, 3), np.uint8)), limits)
    for suffix in (".png", ".webp"):
        with pytest.raises(PictureTooLarge, match="4000x4000 pixels; at most 12,500,000 in all"):
            check(encoded(suffix, np.zeros((4000, 4000, 3), np.uint8)), limits)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (progressive_jpeg(400, 400, MAX_SCANS + 1), f"more than {MAX_SCANS} scans"),
        (progressive_jpeg(3300, 3300, 1), "3300x3300 pixels in several scans take 65,498,496 bytes to decode; at most"),
    ],
)
def test_a_jpeg_that_is_dear_to_decode_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(BadPicture, match=words):
        check(data, PictureLimits())


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", NotAPicture, "empty file"),
        (b"hello", NotAPicture, "JPEG, PNG or WebP"),
        (b"GIF89a" + bytes(50), NotAPicture, "JPEG, PNG or WebP"),
        (b"<svg/>", NotAPicture, "JPEG, PNG or WebP"),
        (b"\xff\xd8\xff" + bytes(20), BadPicture, "broken JPEG"),
        (b"\x89PNG\r\n\x1a\n", BadPicture, "broken PNG"),
        (b"RIFF\x10\0\0\0WEBP", BadPicture, "broken WebP"),
        (bytes(2_000_001), PictureTooLarge, "2,000,001 bytes; at most 2,000,000"),
        (png_bomb(30_000, 30_000), PictureTooLarge, "30000x30000 pixels; at most 1,000,000"),
        (encoded(".png", np.zeros((31, 400, 3), np.uint8)), BadPicture, "400x31 pixels; at least 32x32"),
    ],
)
def test_what_cannot_be_used_is_said_before_it_is_decoded(data: bytes, kind: type[PictureError], words: str) -> None:
    with pytest.raises(kind, match=words):
        check(data, LIMITS)


def test_a_picture_with_nothing_in_it_cannot_be_decoded() -> None:
    data = encoded(".png")[:60]
    check(data, LIMITS)
    with pytest.raises(BadPicture, match="can't be decoded"):
        decode(data)
