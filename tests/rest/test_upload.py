import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import pytest
from starlette.requests import Request

from streamer.rest import budget as budgets
from streamer.rest import upload as uploading
from streamer.rest.budget import Budget
from streamer.rest.problem import Problem
from streamer.rest.upload import Upload, uploads
from tests.rest.http import BOUNDARY, multipart


def request(chunks: Sequence[bytes], kind: str = f"multipart/form-data; boundary={BOUNDARY}", stall: bool = False):
    """A request whose body comes in these pieces, and then ends or stalls."""
    pieces = iter(chunks)

    async def receive():
        piece = next(pieces, None)
        if piece is None and stall:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    return Request({"type": "http", "headers": [(b"content-type", kind.encode())]}, receive)


async def collect(request: Request, field: str, max_bytes: int, budget: Budget | None = None) -> list[Upload]:
    with (budget or Budget()).share() as share:
        return [file async for file in uploads(request, field, max_bytes, share)]


FILES = [("images", "a.png", b"first"), ("other", "x", b"passed over"), ("images", "b.png", b"second")]
EXPECTED = [Upload("a.png", b"first", 5), Upload("b.png", b"second", 6)]


@pytest.mark.parametrize("step", [1, 7, 100_000])
async def test_files_come_one_by_one_however_the_bytes_are_cut(step: int) -> None:
    body = multipart(*FILES)
    chunks = [body[at : at + step] for at in range(0, len(body), step)]
    assert await collect(request(chunks), "images", 100) == EXPECTED


async def test_a_file_over_the_limit_is_counted_and_the_next_one_is_read() -> None:
    files = [("images", "a.png", bytes(101)), ("images", "b.png", bytes(100))]
    first, second = await collect(request([multipart(*files)]), "images", 100)
    assert (first.data, first.size) == (None, 101)
    assert second.data == bytes(100)


async def test_a_name_is_bounded() -> None:
    (file,) = await collect(request([multipart(("images", "n" * 1000, b""))]), "images", 100)
    assert len(file.name) == 200


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"])
async def test_another_content_type_is_415(kind: str) -> None:
    with pytest.raises(Problem) as caught:
        await collect(request([b""], kind), "images", 100)
    assert caught.value.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize("body", [b"", b"hello", b"--xyz0123\r\nnonsense\r\n\r\n", multipart(*FILES)[:-40]])
async def test_what_is_not_well_formed_is_400(body: bytes) -> None:
    with pytest.raises(Problem, match="isn't well-formed") as caught:
        await collect(request([body]), "images", 100)
    assert caught.value.status == HTTPStatus.BAD_REQUEST


async def test_too_many_parts_are_400() -> None:
    body = multipart(*[("x", "", b"")] * (uploading.MAX_PARTS + 1))
    with pytest.raises(Problem) as caught:
        await collect(request([body]), "images", 100)
    assert caught.value.status == HTTPStatus.BAD_REQUEST


async def test_an_upload_that_stands_still_is_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "SILENCE_S", 0.05)
    with pytest.raises(Problem, match="nothing for") as caught:
        await collect(request([multipart(*FILES)[:60]], stall=True), "images", 100)
    assert caught.value.status == HTTPStatus.REQUEST_TIMEOUT


async def test_what_is_held_is_counted_and_what_is_too_large_is_given_back() -> None:
    budget = Budget()
    files = [("images", "a.png", bytes(101)), ("images", "b.png", bytes(40)), ("other", "c.png", bytes(70))]
    with budget.share() as share:
        body = multipart(*files)
        chunks = [body[at : at + 10] for at in range(0, len(body), 10)]
        held = [budget.held async for _ in uploads(request(chunks), "images", 100, share)]
    assert held == [0, 40]
    assert budget.held == 0


async def test_an_upload_waits_for_room_and_is_given_up_where_none_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "PATIENCE_S", 0.05)
    budget = Budget(max_bytes=100)
    with budget.share() as other:
        await other.take(90)
        with pytest.raises(Problem, match="hold 90 bytes; at most 100") as caught:
            await collect(request([multipart(("images", "a.png", bytes(11)))]), "images", 100, budget)
        assert caught.value.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert budget.held == 90
