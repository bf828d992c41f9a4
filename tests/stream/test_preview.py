import asyncio

import cv2
import numpy as np
import pytest

from streamer.errors import SourceError
from streamer.source.base import Frame
from streamer.stream import preview as previews
from streamer.stream.preview import Preview, TooManyLook, encode


def frame(t_us: int, shade: int = 90, size: tuple[int, int] = (48, 64)) -> Frame:
    return Frame(np.full((*size, 3), shade, np.uint8), t_us, t_us, 1)


def offer(preview: Preview, shown: Frame) -> None:
    preview.offer(shown.t_us, lambda: shown.image)


async def look(preview: Preview, shown: Frame, after_us: int = 0) -> previews.Picture | None:
    """As a page looks: it asks, and then a picture comes from the worker."""
    asking = asyncio.create_task(preview.picture(after_us))
    await asyncio.sleep(0)
    await asyncio.to_thread(offer, preview, shown)
    return await asking


async def test_a_picture_that_is_offered_while_somebody_looks() -> None:
    preview = Preview(asyncio.get_running_loop())
    found = await look(preview, frame(7, 90))
    assert found.t_us == 7
    decoded = cv2.imdecode(np.frombuffer(found.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == (48, 64, 3)
    assert abs(int(decoded.mean()) - 90) < 3


async def test_nothing_is_kept_while_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "WAIT_S", 0.05)
    preview = Preview(asyncio.get_running_loop())
    offer(preview, frame(1))
    assert await preview.picture(0) is None


async def test_only_what_is_newer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    preview = Preview(asyncio.get_running_loop())
    assert (await look(preview, frame(10))).t_us == 10
    assert (await preview.picture(9)).t_us == 10
    monkeypatch.setattr(previews, "WAIT_S", 0.05)
    assert await preview.picture(10) is None


async def test_pictures_that_come_too_fast_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    monkeypatch.setattr(previews, "encode", lambda image: encoded.append(1) or b"jpeg")
    preview = Preview(asyncio.get_running_loop())
    asking = asyncio.create_task(preview.picture(0))
    await asyncio.sleep(0)
    for t_us in range(1, 100):
        offer(preview, frame(t_us))
    assert (await asking).t_us == 1
    assert len(encoded) <= 2


async def test_all_who_look_share_one_picture_and_their_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MAX_WAITING", 3)
    preview = Preview(asyncio.get_running_loop())
    asking = [asyncio.create_task(preview.picture(0)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyLook):
        await preview.picture(0)
    offer(preview, frame(5))
    found = await asyncio.gather(*asking)
    assert found[0] is found[1] is found[2]


@pytest.mark.parametrize(("size", "shown"), [((1280, 720), (640, 360)), ((100, 3000), (21, 640)), ((40, 32), (40, 32))])
def test_the_longer_side_has_640_pixels_at_most(size: tuple[int, int], shown: tuple[int, int]) -> None:
    decoded = cv2.imdecode(np.frombuffer(encode(np.zeros((*size, 3), np.uint8)), np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape[:2] == shown


async def test_who_looks_again_later_does_not_get_the_picture_of_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "LOOKING_S", 0.05)
    monkeypatch.setattr(previews, "WAIT_S", 0.05)
    preview = Preview(asyncio.get_running_loop())
    assert (await look(preview, frame(5))).t_us == 5
    while preview.watched:
        await asyncio.sleep(0.01)
    assert await preview.picture(0) is None


async def test_who_waits_for_a_later_time_is_not_given_an_earlier_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "WAIT_S", 0.2)
    preview = Preview(asyncio.get_running_loop())
    asking = [asyncio.create_task(preview.picture(after_us)) for after_us in (0, 100)]
    await asyncio.sleep(0)
    offer(preview, frame(50))
    early, late = await asyncio.gather(*asking)
    assert early is not None
    assert early.t_us == 50
    assert late is None


async def test_a_picture_that_cannot_be_had_is_told_and_the_next_is_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(previews, "MAX_FPS", 1000)
    preview = Preview(asyncio.get_running_loop())

    def bad() -> np.ndarray:
        raise SourceError("JPEG: damaged")

    asking = asyncio.create_task(preview.picture(0))
    await asyncio.sleep(0)
    preview.offer(1, bad)
    while "a picture can't be shown: JPEG: damaged" not in caplog.text:
        await asyncio.sleep(0.001)
    offer(preview, frame(2))
    assert (await asking).t_us == 2
