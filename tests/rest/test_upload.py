import asyncio
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus

import pytest
from starlette.requests import Request

from streamer.rest import upload as uploading
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


async def collect(files: AsyncIterator[Upload]) -> list[Upload]:
    return [file async for file in files]


FILES = [("images", "a.png", b"first"), ("other", "x", b"passed over"), ("images", "b.png", b"second")]
EXPECTED = [Upload("a.png", b"first", 5), Upload("b.png", b"second", 6)]


@pytest.mark.parametrize("step", [1, 7, 100_000])
async def test_files_come_one_by_one_however_the_bytes_are_cut(step: int) -> None:
    body = multipart(*FILES)
    chunks = [body[at : at + step] for at in range(0, len(body), step)]
    assert await collect(uploads(request(chunks), "images", 100)) == EXPECTED


async def test_a_file_over_the_limit_is_counted_and_the_next_one_is_read() -> None:
    files = [("images", "a.png", bytes(101)), ("images", "b.png", bytes(100))]
    first, second = await collect(uploads(request([multipart(*files)]), "images", 100))
    assert (first.data, first.size) == (None, 101)
    assert second.data == bytes(100)


async def test_a_name_is_bounded() -> None:
    (file,) = await collect(uploads(request([multipart(("images", "n" * 1000, b""))]), "images", 100))
    assert len(file.name) == 200


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"])
async def test_another_content_type_is_415(kind: str) -> None:
    with pytest.raises(Problem) as caught:
        await collect(uploads(request([b""], kind), "images", 100))
    assert caught.value.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize("body", [b"", b"hello", b"--xyz0123\r\nnonsense\r\n\r\n", multipart(*FILES)[:-40]])
async def test_what_is_not_well_formed_is_400(body: bytes) -> None:
    with pytest.raises(Problem, match="isn't well-formed") as caught:
        await collect(uploads(request([body]), "images", 100))
    assert caught.value.status == HTTPStatus.BAD_REQUEST


async def test_too_many_parts_are_400() -> None:
    body = multipart(*[("x", "", b"")] * (uploading.MAX_PARTS + 1))
    with pytest.raises(Problem) as caught:
        await collect(uploads(request([body]), "images", 100))
    assert caught.value.status == HTTPStatus.BAD_REQUEST


async def test_an_upload_that_stands_still_is_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "SILENCE_S", 0.05)
    with pytest.raises(Problem, match="nothing for") as caught:
        await collect(uploads(request([multipart(*FILES)[:60]], stall=True), "images", 100))
    assert caught.value.status == HTTPStatus.REQUEST_TIMEOUT
