import cv2
import numpy as np
import pytest

from streamer.errors import SourceError
from streamer.source.jpeg import MAX_SCANS, BadJpeg, decode, examine, read_size
from tests.bombs import progressive_jpeg


def picture(width: int = 64, height: int = 48) -> np.ndarray:
    rows = np.linspace(0, 255, height, dtype=np.uint8)
    return np.dstack([np.broadcast_to(rows[:, None], (height, width)), np.full((height, width, 2), 90, np.uint8)])


def jpeg(width: int = 64, height: int = 48, *options: int) -> bytes:
    return cv2.imencode(".jpg", picture(width, height), [cv2.IMWRITE_JPEG_QUALITY, 90, *options])[1].tobytes()


def claiming(width: int, height: int) -> bytes:
    """A whole JPEG whose header says another size."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)


@pytest.mark.parametrize("options", [(), (cv2.IMWRITE_JPEG_PROGRESSIVE, 1)], ids=["baseline", "progressive"])
def test_a_picture_comes_out_as_rgb(options: tuple[int, ...]) -> None:
    data = jpeg(64, 48, *options)
    assert read_size(data) == (64, 48)
    image = decode(data)
    assert image.shape == (48, 64, 3)
    assert np.abs(image[..., ::-1].astype(int) - picture()).mean() < 4  # OpenCV's own order is BGR


def test_segments_before_the_header_are_passed_over() -> None:
    thumbnail = b"\xff\xe1" + (2 + len(jpeg(32, 32))).to_bytes(2, "big") + jpeg(32, 32)
    data = jpeg()
    assert read_size(data[:2] + thumbnail + data[2:]) == (64, 48)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "not a JPEG"),
        (b"hello", "not a JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "not a JPEG"),
        (b"\xff\xd8", "its size can't be read"),
        (b"\xff\xd8\xff\xd9", "its size can't be read"),
        (b"\xff\xd8" + bytes(100), "its size can't be read"),
        (b"\xff\xd8\xff\xe0\x00\x00" + jpeg()[2:], "its size can't be read"),
        (b"\xff\xd8\xff" + jpeg()[2:], "its size can't be read"),  # a fill byte, after which another parser may go on
        (jpeg()[:-100], "cut short"),
        (jpeg()[:400] + b"\xff\xd9", "can't be decoded|cut short|size can't be read"),
        (jpeg(16, 64), "16x64 pixels; at least 32x32"),
        (claiming(0, 0), "0x0 pixels; at least 32x32"),
        (claiming(65_500, 65_500), r"65500x65500 pixels; at most 25,000,000 in all"),
        (progressive_jpeg(64, 64, MAX_SCANS + 1), f"more than {MAX_SCANS} scans"),
        (
            progressive_jpeg(2300, 2400, 1),
            r"2300x2400 pixels in several scans take 33,177,600 bytes to decode; at most",
        ),
    ],
)
def test_what_is_no_picture_says_so(data: bytes, text: str) -> None:
    with pytest.raises(SourceError, match=text):
        decode(data)


def test_a_size_is_refused_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(SourceError, match="at most"):
        decode(claiming(65_500, 65_500))


def test_whatever_comes_only_documented_errors_are_raised() -> None:
    random = np.random.default_rng(1)
    good = np.frombuffer(jpeg(), np.uint8)
    refused = 0
    for _ in range(500):
        data = good.copy()
        data[random.integers(0, data.size, 3)] = random.integers(0, 256, 3)
        try:
            assert decode(data.tobytes()).ndim == 3
        except SourceError:
            refused += 1
    assert 0 < refused < 500


def test_a_bad_jpeg_is_a_source_error() -> None:
    assert issubclass(BadJpeg, SourceError)


@pytest.mark.parametrize(
    ("width", "height", "shrink"), [(3199, 400, 1), (3200, 400, 2), (2550, 2000, 1), (2551, 2000, 2), (5000, 5000, 2)]
)
def test_a_large_picture_is_decoded_at_half_its_size(width: int, height: int, shrink: int) -> None:
    assert decode(jpeg(width, height)).shape == (-(-height // shrink), -(-width // shrink), 3)


@pytest.mark.parametrize("options", [(), (cv2.IMWRITE_JPEG_PROGRESSIVE, 1)], ids=["baseline", "progressive"])
@pytest.mark.parametrize("sampling", [cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444])
def test_what_decoding_costs_is_read_from_the_headers(options: tuple[int, ...], sampling: int) -> None:
    found = examine(jpeg(161, 81, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling, *options))
    assert (found.width, found.height) == (161, 81)
    if not options:
        assert (found.scans, found.coefficient_bytes) == (1, 0)
    else:
        assert 5 < found.scans <= MAX_SCANS
        units, blocks = (11 * 6, 6) if sampling == cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420 else (21 * 11, 3)
        assert found.coefficient_bytes == units * blocks * 128


def test_scans_are_counted_in_the_picture_only_not_before_nor_behind_it() -> None:
    thumbnail = b"\xff\xe1" + (2 + len(jpeg(32, 32)) * 3).to_bytes(2, "big") + jpeg(32, 32) * 3
    data = jpeg()
    behind = b"\xff\xda" * 100 + jpeg(5000, 32)
    assert examine(data[:2] + thumbnail + b"\xff" + data[2:] + behind) == examine(data)


def test_restarts_and_stuffed_bytes_are_no_markers() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (400, 400, 3), np.uint8)
    data = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_JPEG_RST_INTERVAL, 3])[1].tobytes()
    assert data.count(b"\xff\xd0") > 10
    assert data.count(b"\xff\x00") > 10
    assert examine(data).scans == 1


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xc0", jpeg()[:30]])
def test_headers_that_end_too_soon_are_refused(data: bytes) -> None:
    with pytest.raises(BadJpeg, match="size can't be read"):
        examine(data)


def test_scans_in_parts_of_the_colours_are_kept_until_the_last() -> None:
    """A baseline JPEG may come in several scans too."""
    data = jpeg()
    at = data.index(b"\xff\xda")
    assert examine(data[:at] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + data[at:]).coefficient_bytes > 0
