"""The pool with real worker processes; the lite network keeps them quick."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress

import cv2
import numpy as np
import psutil
import pytest

from streamer.engine.mediapipe import MediaPipeEngine
from streamer.photo import pool as pools
from streamer.photo.picture import PictureLimits, decode
from streamer.photo.pool import PhotoFailed, Pool, PoolFull, Unreadable
from streamer.photo.request import PhotoRequest
from tests.harness import read_clip

LITE = PhotoRequest(model="lite")
GREY = cv2.imencode(".png", np.full((200, 300, 3), 120, np.uint8))[1].tobytes()


@pytest.fixture(scope="module")
def photo() -> bytes:
    return cv2.imencode(".jpg", read_clip()[50])[1].tobytes()


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool(workers=1, queue=2, max_pixels=PictureLimits().max_pixels)
    yield made
    await made.close()
    assert children() == []


def children() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.Error):  # it has just ended
            if "streamer.photo.worker" in child.cmdline():
                found.append(child)
    return found


async def until(condition) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("that did not come to be in 20 s")


async def test_a_picture_gets_its_answer(pool: Pool, photo: bytes) -> None:
    found = json.loads(await pool.look(LITE, photo))
    assert found["size"] == [720, 1280]
    assert len(found["people"]) == 1
    assert json.loads(await pool.look(LITE, GREY))["people"] == []


async def test_an_annotated_picture_is_a_png_of_its_size(pool: Pool, photo: bytes) -> None:
    png = await pool.look(PhotoRequest(model="lite", annotated=True), photo)
    assert cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR).shape == (1280, 720, 3)


async def test_a_picture_that_cannot_be_decoded_harms_nothing(pool: Pool, photo: bytes) -> None:
    with pytest.raises(Unreadable, match="can't be decoded"):
        await pool.look(LITE, photo[:200])
    (process,) = children()
    assert json.loads(await pool.look(LITE, GREY))["people"] == []
    assert children() == [process]


async def test_a_picture_larger_than_its_header_says_is_refused_by_the_decoder(photo: bytes) -> None:
    pool = Pool(workers=1, queue=2, max_pixels=10_000)
    try:
        with pytest.raises(Unreadable):
            await pool.look(LITE, photo)
    finally:
        await pool.close()


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="scheduling classes are Linux's")
async def test_every_thread_of_a_worker_yields_to_all_others(pool: Pool) -> None:
    await pool.look(LITE, GREY)
    (process,) = children()
    threads = [thread.id for thread in process.threads()]
    assert len(threads) > 1
    assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}
    assert {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads} == {19}


async def test_a_worker_that_dies_fails_one_picture_and_is_replaced(pool: Pool) -> None:
    await pool.look(LITE, GREY)
    (process,) = children()
    os.kill(process.pid, signal.SIGSTOP)
    asking = asyncio.create_task(pool.look(LITE, GREY))
    await until(lambda: pool.waiting == 0)
    process.kill()
    with pytest.raises(PhotoFailed, match="ended"):
        await asking
    assert json.loads(await pool.look(LITE, GREY))["people"] == []


async def test_a_worker_that_hangs_is_replaced(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    await pool.look(LITE, GREY)
    monkeypatch.setattr(pools, "TIMEOUT_S", 0.2)
    (process,) = children()
    os.kill(process.pid, signal.SIGSTOP)
    with pytest.raises(PhotoFailed, match=r"more than 0\.2 s"):
        await pool.look(LITE, GREY)
    monkeypatch.undo()
    assert json.loads(await pool.look(LITE, GREY))["people"] == []


async def test_the_queue_is_short_and_the_patient_wait_behind(pool: Pool) -> None:
    await pool.look(LITE, GREY)
    (process,) = children()
    os.kill(process.pid, signal.SIGSTOP)
    order: list[str] = []

    async def look(name: str, patient: bool = False) -> None:
        await pool.look(LITE, GREY, patient)
        order.append(name)

    first = asyncio.create_task(look("first"))
    await until(lambda: pool.waiting == 0)
    tasks = [first, *(asyncio.create_task(look(f"patient {n}", True)) for n in range(3))]
    await until(lambda: pool.waiting == 3)
    tasks += [asyncio.create_task(look(f"single {n}")) for n in range(2)]
    await until(lambda: pool.waiting == 5)
    with pytest.raises(PoolFull):
        await pool.look(LITE, GREY)
    os.kill(process.pid, signal.SIGCONT)
    await asyncio.gather(*tasks)
    assert order == ["first", "single 0", "single 1", "patient 0", "patient 1", "patient 2"]


async def test_who_gives_up_waiting_leaves_the_queue(pool: Pool) -> None:
    await pool.look(LITE, GREY)
    (process,) = children()
    os.kill(process.pid, signal.SIGSTOP)
    first = asyncio.create_task(pool.look(LITE, GREY))
    await until(lambda: pool.waiting == 0)
    second = asyncio.create_task(pool.look(LITE, GREY))
    await until(lambda: pool.waiting == 1)
    second.cancel()
    await until(lambda: pool.waiting == 0)
    os.kill(process.pid, signal.SIGCONT)
    await first


async def test_an_idle_worker_ends_and_comes_back() -> None:
    pool = Pool(workers=1, queue=2, max_pixels=PictureLimits().max_pixels, idle_s=0.1)
    try:
        await pool.look(LITE, GREY)
        await until(lambda: children() == [])
        assert json.loads(await pool.look(LITE, GREY))["people"] == []
    finally:
        await pool.close()


async def test_closing_fails_what_waits_and_what_comes(pool: Pool) -> None:
    asking = [asyncio.create_task(pool.look(LITE, GREY)) for _ in range(2)]
    await until(lambda: children() != [])
    await pool.close()
    for outcome in await asyncio.gather(*asking, return_exceptions=True):
        assert isinstance(outcome, PhotoFailed)
    with pytest.raises(PoolFull):
        await pool.look(LITE, GREY)


async def test_a_large_picture_loses_nothing_by_being_decoded_smaller(pool: Pool) -> None:
    large = cv2.resize(read_clip()[50], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    data = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    assert decode(data)[0].shape == (1920, 1080, 3)
    engine = MediaPipeEngine("heavy", mode="image")
    (whole,) = engine.estimate(decode(data, drawn_on=True)[0], 0)
    engine.close()
    found = json.loads(await pool.look(PhotoRequest(model="heavy"), data))
    assert found["size"] == [2160, 3840]
    seen = whole.image[:, 3] > 0.9
    assert seen.sum() > 15
    points = np.array([(point["x"], point["y"]) for point in found["keypoints"]])
    assert np.abs(points - whole.image[:, :2])[seen].max() < 0.01
