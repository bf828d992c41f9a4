import asyncio
import json
from collections.abc import AsyncGenerator
from http import HTTPStatus

import pytest

from streamer.rest import batch as batches
from streamer.rest.batch import Batch
from streamer.rest.problem import Problem
from streamer.rest.upload import Upload


async def files(count: int) -> AsyncGenerator[Upload, None]:
    for n in range(count):
        yield Upload(f"{n}.png", b"x", 1)


async def answer(upload: Upload) -> tuple[bytes, bool]:
    if upload.name == "1.png":
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "broken")
    return b'{"people":[]}', False


async def lines(batch: Batch) -> list[dict[str, object]]:
    found = []
    while (line := await batch.next_line()) is not None:
        found.append(json.loads(line))
    return found


async def test_every_picture_gets_a_line() -> None:
    ended = asyncio.Event()
    batch = Batch(files(3), answer, 1)
    batch.start(ended.set)
    await batch.first_picture()
    first, second, third = await lines(batch)
    assert first == {"index": 0, "name": "0.png", "people": []}
    assert second["error"]["status"] == 422
    assert third["index"] == 2
    await asyncio.wait_for(ended.wait(), 5)


async def test_no_more_are_looked_at_at_a_time_than_allowed() -> None:
    now = most = 0

    async def look(upload: Upload) -> tuple[bytes, bool]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1
        return b'{"people":[]}', False

    batch = Batch(files(10), look, 3)
    batch.start(lambda: None)
    assert len(await lines(batch)) == 10
    assert most == 3


async def test_nothing_to_look_at_is_a_problem() -> None:
    batch = Batch(files(0), answer, 1)
    batch.start(lambda: None)
    with pytest.raises(Problem, match="no field 'images'"):
        await batch.first_picture()


async def test_a_batch_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH", 4)
    batch = Batch(files(9), answer, 1)
    batch.start(lambda: None)
    *rest, last = await lines(batch)
    assert [line["index"] for line in rest] == [0, 1, 2, 3]
    assert last == {"error": Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "at most 4 pictures in a batch").as_json()}


async def test_giving_up_ends_all_work() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def look(upload: Upload) -> tuple[bytes, bool]:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    batch = Batch(files(3), look, 1)
    batch.start(ended.set)
    await started.wait()
    batch.give_up()
    await asyncio.wait_for(ended.wait(), 5)
    assert await batch.next_line() is None
