import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from http import HTTPStatus

import pytest

from streamer.rest import batch as batches
from streamer.rest import budget as budgets
from streamer.rest.batch import Batch
from streamer.rest.budget import Budget, Share
from streamer.rest.problem import Problem
from streamer.rest.upload import Upload


async def files(count: int) -> AsyncGenerator[Upload, None]:
    for n in range(count):
        yield Upload(f"{n}.png", b"", 0)


async def answer(upload: Upload) -> tuple[bytes, bool]:
    if upload.name == "1.png":
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "broken")
    return b'{"people":[]}', False


@pytest.fixture
def share() -> Iterator[Share]:
    with Budget().share() as made:
        yield made


async def lines(batch: Batch) -> list[dict[str, object]]:
    found = []
    while (line := await batch.next_line()) is not None:
        found.append(json.loads(line))
    return found


async def test_every_picture_gets_a_line(share: Share) -> None:
    batch = Batch(files(3), answer, 1, share)
    batch.start()
    await batch.first_picture()
    first, second, third = await lines(batch)
    assert first == {"index": 0, "name": "0.png", "people": []}
    assert second["error"]["status"] == 422
    assert third["index"] == 2
    await batch.end()


async def test_no_more_are_looked_at_at_a_time_than_allowed(share: Share) -> None:
    now = most = 0

    async def look(upload: Upload) -> tuple[bytes, bool]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1
        return b'{"people":[]}', False

    batch = Batch(files(10), look, 3, share)
    batch.start()
    assert len(await lines(batch)) == 10
    assert most == 3


async def test_nothing_to_look_at_is_a_problem(share: Share) -> None:
    batch = Batch(files(0), answer, 1, share)
    batch.start()
    with pytest.raises(Problem, match="no field 'images'"):
        await batch.first_picture()


async def test_a_batch_is_bounded(monkeypatch: pytest.MonkeyPatch, share: Share) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH", 4)
    batch = Batch(files(9), answer, 1, share)
    batch.start()
    *rest, last = await lines(batch)
    assert [line["index"] for line in rest] == [0, 1, 2, 3]
    assert last == {"error": Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "at most 4 pictures in a batch").as_json()}


async def test_giving_up_ends_all_work(share: Share) -> None:
    started = asyncio.Event()

    async def look(upload: Upload) -> tuple[bytes, bool]:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    batch = Batch(files(3), look, 1, share)
    batch.start()
    await started.wait()
    await asyncio.wait_for(batch.end(), 5)
    assert await batch.next_line() is None


async def test_lines_that_nobody_reads_are_held_until_they_are_read_and_then_pictures_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budgets, "PATIENCE_S", 0.05)
    budget = Budget(max_bytes=100)

    async def look(upload: Upload) -> tuple[bytes, bool]:
        return b'{"people":[]}', False

    with budget.share() as share:
        batch = Batch(files(4), look, 1, share)
        batch.start()
        while batch._lines.qsize() < 5:  # and the end
            await asyncio.sleep(0.01)
        assert 50 < budget.held <= 100
        found = await lines(batch)
        assert [line.get("error", {}).get("status") for line in found] == [None, None, 503, 503]
        assert budget.held == 0
        await batch.end()
