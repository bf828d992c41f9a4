"""The endpoints on a real server, with a pool that answers at once where no network is needed."""

import asyncio
import json
from collections.abc import AsyncIterator

import cv2
import numpy as np
import pytest

from streamer.photo.pool import PhotoFailed, PoolFull, Unreadable
from streamer.photo.request import PhotoRequest
from tests.inprocess import LocalServer, local_server
from tests.rest.http import BOUNDARY, head, multipart, post, raw, read_answer

PICTURE = cv2.imencode(".png", np.full((40, 50, 3), 90, np.uint8))[1].tobytes()


class InstantPool:
    """Answers with what was asked, or the error it was told; `gate` holds it back."""

    size = 1

    def __init__(self) -> None:
        self.looked: list[tuple[PhotoRequest, bytes]] = []
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def look(self, asked: PhotoRequest, data: bytes, patient: bool = False) -> bytes:
        self.looked.append((asked, data))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return json.dumps({"model": asked.model, "patient": patient}).encode()


@pytest.fixture
async def local() -> AsyncIterator[LocalServer]:
    async with local_server() as server:
        server.photos.pool = InstantPool()
        yield server


async def test_a_picture_is_answered_and_the_second_time_from_the_cache(local: LocalServer) -> None:
    first = await post(local.port, "/detect?model=lite", ("image", "a.png", PICTURE))
    second = await post(local.port, "/detect?model=lite", ("image", "b.png", PICTURE))
    assert (first.status, first.json) == (200, {"model": "lite", "patient": False})
    assert first.headers["content-type"] == "application/json"
    assert (first.headers["x-posewire-cache"], second.headers["x-posewire-cache"]) == ("miss", "hit")
    assert second.body == first.body
    assert len(local.photos.pool.looked) == 1
    assert (await post(local.port, "/detect", ("image", "a.png", PICTURE))).headers["x-posewire-cache"] == "miss"


async def test_an_annotated_picture_is_png(local: LocalServer) -> None:
    answer = await post(local.port, "/detect?annotated=1", ("image", "a.png", PICTURE))
    assert answer.headers["content-type"] == "image/png"


async def test_other_fields_are_passed_over(local: LocalServer) -> None:
    answer = await post(local.port, "/detect", ("note", "", b"hello"), ("image", "a.png", PICTURE))
    assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "files", "status", "words"),
    [
        ("/detect", [("image", "a.txt", b"hello")], 415, "JPEG, PNG or WebP"),
        ("/detect", [("image", "a.png", PICTURE[:20])], 422, "broken PNG"),
        ("/detect", [("image", "a.png", bytes(10_000_001))], 413, "10,000,001 bytes; at most 10,000,000"),
        ("/detect", [("picture", "a.png", PICTURE)], 422, "no field 'image'"),
        ("/detect", [], 422, "no field 'image'"),
        ("/detect?people=9", [("image", "a.png", PICTURE)], 422, "people '9'"),
        ("/detect?colour=red", [("image", "a.png", PICTURE)], 422, "no option 'colour'"),
        ("/batch_detect", [("image", "a.png", PICTURE)], 422, "no field 'images'"),
        ("/batch_detect?annotated=1", [("images", "a.png", PICTURE)], 422, "single pictures"),
        ("/nowhere", [], 404, "not found"),
    ],
)
async def test_what_is_wrong_is_a_problem(
    local: LocalServer, path: str, files: list[tuple[str, str, bytes]], status: int, words: str
) -> None:
    answer = await post(local.port, path, *files)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert words in answer.json["detail"]
    assert local.photos.pool.looked == []


@pytest.mark.parametrize(
    ("error", "status", "retry", "words"),
    [
        (PoolFull(), 503, "1", "too many pictures wait"),
        (PhotoFailed("it ended"), 503, "5", "it ended"),
        (Unreadable("can't be decoded"), 422, None, "can't be decoded"),
    ],
)
async def test_what_goes_wrong_at_work_is_a_problem_and_is_not_cached(
    local: LocalServer, error: Exception, status: int, retry: str | None, words: str
) -> None:
    local.photos.pool.error = error
    answer = await post(local.port, "/detect", ("image", "a.png", PICTURE))
    assert (answer.status, answer.headers.get("retry-after")) == (status, retry)
    assert words in answer.json["detail"]
    local.photos.pool.error = None
    assert (await post(local.port, "/detect", ("image", "a.png", PICTURE))).headers["x-posewire-cache"] == "miss"


async def test_another_method_is_a_problem(local: LocalServer) -> None:
    answer = await raw(local.port, head("/detect", local.port, None, method="GET"))
    assert (answer.status, answer.headers["content-type"]) == (405, "application/problem+json")


async def test_a_batch_is_answered_line_by_line_with_errors_among_them(local: LocalServer) -> None:
    files = [("images", "a.png", PICTURE), ("images", "b.txt", b"hello"), ("images", "c.png", PICTURE + b"more")]
    answer = await post(local.port, "/batch_detect", *files, ("images", "d.png", bytes(10_000_001)))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/x-ndjson")
    a, b, c, d = sorted(answer.lines, key=lambda line: line["index"])
    assert a == {"index": 0, "name": "a.png", "model": "full", "patient": True}
    assert (b["name"], b["error"]["status"]) == ("b.txt", 415)
    assert c["name"] == "c.png"
    assert d["error"]["status"] == 413


async def test_a_line_comes_while_the_upload_goes_on(local: LocalServer) -> None:
    body = multipart(("images", "a.png", PICTURE), ("images", "b.png", PICTURE + b"2"))
    at = body.index(b"b.png")
    reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
    writer.write(head("/batch_detect", local.port, len(body)) + body[:at])
    line = await asyncio.wait_for(reader.readuntil(b'"a.png"'), 10)
    assert b"200 OK" in line
    writer.write(body[at:])
    assert b'"b.png"' in await asyncio.wait_for(reader.read(), 10)
    writer.close()


async def test_behind_a_proxy_lines_wait_until_the_upload_has_ended(local: LocalServer) -> None:
    body = multipart(("images", "a.png", PICTURE), ("images", "b.png", PICTURE + b"2"))
    at = body.index(b"b.png")
    reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
    start = head("/batch_detect", local.port, len(body)).replace(b"\r\n\r\n", b"\r\nVia: 1.1 nginx\r\n\r\n")
    writer.write(start + body[:at])
    while not local.photos.pool.looked:
        await asyncio.sleep(0.01)
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        await asyncio.wait_for(reader.read(1), 0.5)
    writer.write(body[at:])
    answer = await read_answer(reader)
    assert [line["name"] for line in answer.lines] == ["a.png", "b.png"]
    writer.close()


async def test_an_upload_that_breaks_off_in_the_middle_of_a_batch_ends_with_an_error_line(local: LocalServer) -> None:
    body = multipart(("images", "a.png", PICTURE)).replace(f"--{BOUNDARY}--\r\n".encode(), b"--wrong--\r\n")
    answer = await raw(local.port, head("/batch_detect", local.port, len(body)) + body)
    assert answer.status == 400
    body = multipart(("images", "a.png", PICTURE), ("images", "b.png", PICTURE))[:-30]
    answer = await raw(local.port, head("/batch_detect", local.port, len(body)) + body)
    assert answer.status == 200
    assert answer.lines[0]["name"] == "a.png"
    assert answer.lines[1]["error"]["status"] == 400


async def test_more_uploads_at_a_time_than_allowed_are_told_to_wait(local: LocalServer) -> None:
    local.photos.pool.gate.clear()
    waiting = [
        asyncio.create_task(post(local.port, "/detect", ("image", "a.png", PICTURE + bytes([n])))) for n in range(8)
    ]
    while len(local.photos.pool.looked) < 8:
        await asyncio.sleep(0.01)
    refused = await post(local.port, "/batch_detect", ("images", "a.png", PICTURE))
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    local.photos.pool.gate.set()
    assert {answer.status for answer in await asyncio.gather(*waiting)} == {200}
    assert (await post(local.port, "/batch_detect", ("images", "a.png", PICTURE))).status == 200


async def test_a_client_that_goes_in_mid_batch_frees_its_place(local: LocalServer) -> None:
    local.photos.pool.gate.clear()
    body = multipart(*(("images", f"{n}.png", PICTURE + bytes([n])) for n in range(3)))
    _, writer = await asyncio.open_connection("127.0.0.1", local.port)
    writer.write(head("/batch_detect", local.port, len(body) + 1000) + body[:-200])
    while not local.photos.pool.looked:
        await asyncio.sleep(0.01)
    writer.transport.abort()
    local.photos.pool.gate.set()
    while local.photos._busy:
        await asyncio.sleep(0.01)


async def test_the_description_is_served(local: LocalServer) -> None:
    answer = await raw(local.port, head("/openapi.json", local.port, None, method="GET"))
    assert answer.json["openapi"].startswith("3.1")


async def test_an_answer_reaches_who_is_still_sending(local: LocalServer) -> None:
    body = multipart(("image", "a.png", bytes(30_000_000)))
    reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
    writer.write(head("/detect", local.port, len(body)) + body)
    await writer.drain()
    assert (await read_answer(reader)).status == 413
    writer.close()
