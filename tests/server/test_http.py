import asyncio
import base64
import os
import time
from contextlib import suppress

import msgpack
import pytest
from websockets.frames import Frame, Opcode

from streamer.guard.access import Access
from streamer.guard.pace import BURST_S, SHARE
from tests.inprocess import LocalServer, local_server

HEAD = b"GET /streams HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time limits that a test can wait for."""
    monkeypatch.setattr("streamer.guard.door.HANDSHAKE_S", 0.4)
    monkeypatch.setattr("streamer.server.http.HANDSHAKE_S", 0.4)
    monkeypatch.setattr("streamer.server.http.STALL_S", 0.4)


async def dial(local: LocalServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", local.port)


def upgrade(path: str = "/stream") -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


async def read_until_closed(reader: asyncio.StreamReader) -> bytes:
    """What comes before the end; also where that is a reset, because the server was sent more than it cared to read."""
    data = b""

    async def read() -> None:
        nonlocal data
        with suppress(ConnectionResetError):
            while piece := await reader.read(65_536):
                data += piece

    await asyncio.wait_for(read(), 5)
    return data


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> bytes:
    """Send a byte now and then until the server has enough of it; all that it answers."""
    closed = asyncio.create_task(read_until_closed(reader))
    for byte in data:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.02)
        if closed.done():
            break
    return await closed


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("begun", [b"", b"G", HEAD], ids=["nothing", "a letter", "half a head"])
async def test_a_head_has_to_come_in_time(begun: bytes) -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        writer.write(begun)
        assert b" 408 " in await read_until_closed(reader)
        writer.close()


@pytest.mark.usefixtures("quick")
async def test_a_head_that_came_in_time_isn_t_late_because_its_turn_is() -> None:
    async with local_server() as local:
        watcher, watching = await dial(local)
        watching.write(upgrade("/stream?subscribe=*"))
        await watcher.readuntil(b"\r\n\r\n")
        pace = local.server._door.pace
        pace.spend(BURST_S + SHARE * 1.5)
        reader, writer = await dial(local)
        writer.write(HEAD + b"\r\n")
        silent, other = await dial(local)
        assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"]}"), 5)
        assert b" 408 " in await read_until_closed(silent)
        for one in (watching, writer, other):
            one.close()


@pytest.mark.usefixtures("quick")
async def test_a_byte_now_and_then_gains_nothing() -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        assert b" 408 " in await trickle(reader, writer, HEAD * 10)
        writer.close()


@pytest.mark.usefixtures("quick")
async def test_nor_does_it_after_a_first_request() -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        writer.write(HEAD + b"\r\n")
        assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"]}"), 5)
        await asyncio.sleep(0.6)  # idle is no offence
        writer.write(HEAD + b"\r\n")
        assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"]}"), 5)
        assert b" 408 " in await trickle(reader, writer, HEAD * 10)
        writer.close()


@pytest.mark.usefixtures("quick")
async def test_a_body_that_nobody_asked_for_keeps_nothing_open() -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
        assert b" 200 " in await trickle(reader, writer, b"x" * 100)
        writer.close()


@pytest.mark.usefixtures("quick")
async def test_who_takes_nothing_of_an_answer_is_dropped() -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        request = b"GET /static/swagger-ui-es-bundle.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        writer.write(request)
        for _ in range(200):
            await asyncio.sleep(0.02)
            if not local.server._state.connections:
                break
        assert not local.server._state.connections
        assert not local.server._door.connections
        writer.close()


async def test_tiny_chunks_leave_others_their_turn() -> None:
    """A quarter of a megabyte of chunks of one byte, of which a parser makes half a second's work."""
    async with local_server() as local:
        _, writer = await dial(local)
        head = b"POST /detect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 43_000)
        longest_s, until_s = 0.0, time.monotonic() + 1.5
        while (before_s := time.monotonic()) < until_s:
            await asyncio.sleep(0)
            longest_s = max(longest_s, time.monotonic() - before_s)
        assert longest_s < 0.2
        writer.close()


async def test_what_follows_an_upgrade_are_frames() -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        question = Frame(Opcode.BINARY, msgpack.packb({"type": "time", "t0_us": 7})).serialize(mask=True)
        writer.write(upgrade() + question)
        assert b" 101 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert await asyncio.wait_for(reader.readuntil(b"t0_us\x07"), 5)
        writer.close()


@pytest.mark.parametrize(
    "path", ["/stream", "/stream?token=wrong", "/nowhere?token=s3cret", "/publish/no?token=s3cret"]
)
async def test_what_follows_a_refused_upgrade_is_no_request(path: str) -> None:
    async with local_server(Access("s3cret")) as local:
        reader, writer = await dial(local)
        writer.write(upgrade(path) + HEAD + b"Authorization: Bearer s3cret\r\n\r\n")
        answers = await read_until_closed(reader)
        assert answers.startswith((b"HTTP/1.1 401", b"HTTP/1.1 404"))
        assert answers.count(b"HTTP/1.1") == 1
        writer.close()


@pytest.mark.parametrize("body", [b"Content-Length: 200\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_an_upgrade_has_no_body(body: bytes) -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        writer.write(upgrade()[:-2] + body + b"\r\n" + HEAD + b"\r\n")
        answers = await read_until_closed(reader)
        assert b" 101 " not in answers
        assert answers.count(b"HTTP/1.1") <= 1
        writer.close()


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        writer.write(HEAD + b"\r\n" + HEAD.replace(b"/streams", b"/nowhere") + b"Connection: close\r\n\r\n")
        answers = await read_until_closed(reader)
        assert answers.index(b" 200 ") < answers.index(b" 404 ")
        writer.close()


@pytest.mark.parametrize("line", [b"POST /detect", b"GET /streams"])
async def test_after_a_request_with_a_length_and_chunks_none_is_read(line: bytes) -> None:
    """A proxy that believes the length takes the second one for a part of the first."""
    async with local_server() as local:
        reader, writer = await dial(local)
        body = b"0\r\n\r\n" + HEAD + b"\r\n"
        head = HEAD.replace(b"GET /streams", line) + b"Transfer-Encoding: chunked\r\n"
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answers = await read_until_closed(reader)
        assert answers.count(b"HTTP/1.1") == 1
        assert b"connection: close" in answers
        writer.close()


@pytest.mark.parametrize("target", ["http://evil.example/stream", "//evil.example/stream", "http://127.0.0.1/stream"])
async def test_an_upgrade_is_for_a_path(target: str) -> None:
    async with local_server() as local:
        reader, writer = await dial(local)
        writer.write(upgrade(target))
        assert b" 404 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.close()
