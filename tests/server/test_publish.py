"""A publisher's conversation, with a real connection and a reader of the source that the test moves on by hand."""

import asyncio
import json
import socket
import struct
import time

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import State

from streamer.clock import now_us
from streamer.guard.access import Access
from streamer.server.connection import StreamConnection
from streamer.server.publish import HURRIED_S, MAX_FAULTS
from streamer.source.base import MAX_PIXELS
from streamer.source.browser import MAX_BYTES
from tests.inprocess import LocalServer, local_server
from tests.server.test_server import get
from tests.source.test_jpeg import claiming, jpeg


def url(local: LocalServer, stream: str = "phone", query: str = "") -> str:
    return f"ws://127.0.0.1:{local.port}/publish/{stream}{query}"


async def receive(client: ClientConnection) -> dict:
    data = await asyncio.wait_for(client.recv(), 10)
    assert isinstance(data, str)
    return json.loads(data)


def message(t_us: int, data: bytes | None = None) -> bytes:
    return struct.pack("<Q", t_us) + (jpeg() if data is None else data)


async def test_it_is_told_the_limits_first() -> None:
    async with local_server() as local, connect(url(local)) as phone:
        first = await receive(phone)
        assert 0 <= now_us() - first.pop("now_us") < 10_000_000
        assert first == {"type": "camera", "stream": "phone", "max_bytes": MAX_BYTES, "max_pixels": MAX_PIXELS}


async def test_the_clock_can_be_asked() -> None:
    async with local_server() as local, connect(url(local)) as phone:
        await receive(phone)
        before_us = now_us()
        await phone.send('{"type": "time", "t0_us": 17}')
        answer = await receive(phone)
        assert (answer["type"], answer["t0_us"]) == ("time", 17)
        assert before_us <= answer["t1_us"] <= answer["t2_us"] <= now_us()


async def test_a_picture_is_acknowledged_once_it_is_decoded() -> None:
    async with local_server() as local, connect(url(local)) as phone:
        await receive(phone)
        await phone.send(message(41))
        image = await asyncio.to_thread(local.browser.read)
        assert image is not None
        assert image.shape == (48, 64, 3)
        assert await receive(phone) == {"type": "ack", "t_us": 41}


async def test_pictures_that_come_too_fast_replace_each_other_and_are_acknowledged_all_the_same() -> None:
    async with local_server() as local, connect(url(local)) as phone:
        await receive(phone)
        for t_us in (1, 2, 3):
            await phone.send(message(t_us))
        begun_s = time.monotonic()
        assert [(await receive(phone))["t_us"] for _ in range(2)] == [1, 2]
        assert time.monotonic() - begun_s > 0.8 * HURRIED_S  # it isn't listened to all the time
        await asyncio.to_thread(local.browser.read)
        assert (await receive(phone))["t_us"] == 3


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        (b"", "bad_picture", "message of 0 bytes; 8 of capture time and a JPEG are needed"),
        (bytes(8), "bad_picture", "message of 8 bytes; 8 of capture time and a JPEG are needed"),
        ("", "malformed", "not JSON"),
        ("[1]", "malformed", "has to be a map"),
        ('{"type": "subscribe", "id": 0}', "unknown_type", "isn't for a publisher's connection"),
        ('{"type": "time", "t0_us": -1}', "bad_value", "t0_us"),
        ("[" * 4000, "malformed", ""),
        ("[" * 5000, "too_large", "5000 values in arrays and maps; at most 4096"),
        ('{"type": "' + "x" * 70_000 + '"}', "too_large", "at most 65536"),
    ],
)
async def test_faulty_messages_are_answered_and_the_connection_lives_on(data: object, code: str, text: str) -> None:
    async with local_server() as local, connect(url(local)) as phone:
        await receive(phone)
        await phone.send(data)  # type: ignore[arg-type]
        error = await receive(phone)
        assert (error["type"], error["code"]) == ("error", code)
        assert text in error["message"]
        assert len(error["message"]) <= 200
        await phone.send('{"type": "time", "t0_us": 1}')
        assert (await receive(phone))["type"] == "time"


async def test_bad_pictures_are_told_by_time_and_ten_in_a_row_end_it() -> None:
    async with local_server() as local:
        reading = asyncio.create_task(asyncio.to_thread(local.browser.read))
        async with connect(url(local)) as phone:
            await receive(phone)
            for t_us in range(MAX_FAULTS - 1):
                await phone.send(message(t_us, b"garbage"))
                error = await receive(phone)
                assert error == {"type": "error", "code": "bad_picture", "message": "not a JPEG", "t_us": t_us}
            await phone.send(message(100))  # one good picture, and it may go wrong as often again
            assert (await receive(phone))["type"] == "ack"
            await reading
            reading = asyncio.create_task(asyncio.to_thread(local.browser.read))
            for t_us in range(MAX_FAULTS):
                await phone.send(message(t_us, claiming(65_500, 65_500)))
                assert "65500x65500 pixels; at most 25,000,000" in (await receive(phone))["message"]
            with pytest.raises(ConnectionClosed) as closed:
                await receive(phone)
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1007, "10 faulty messages in a row")
        local.browser.release()
        await asyncio.gather(reading, return_exceptions=True)


async def test_a_message_over_the_limit_closes_before_it_is_read() -> None:
    async with local_server() as local:
        async with connect(url(local)) as phone:
            await receive(phone)
            await phone.send(bytes(8 + MAX_BYTES))
            await asyncio.to_thread(local.browser._waiting.take, 10)
            await phone.send(bytes(8 + MAX_BYTES + 1))
            with pytest.raises(ConnectionClosed) as closed:
                await receive(phone)
            assert closed.value.rcvd.code == 1009
        await freed(local)


async def freed(local: LocalServer) -> None:
    for _ in range(500):
        if not local.browser.taken:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("still taken")


async def test_a_second_publisher_is_refused_until_the_first_is_gone_however_it_went() -> None:
    async with local_server() as local:
        for rude in (False, True):
            first = await connect(url(local))
            assert json.loads((await get(local, "/cameras"))[2])["cameras"] == [{"stream": "phone", "taken": True}]
            with pytest.raises(InvalidStatus) as refused:
                await connect(url(local))
            assert refused.value.response.status_code == 409
            assert b"another camera publishes 'phone'" in refused.value.response.body
            assert local.browser.taken
            if rude:
                first.transport.abort()
            else:
                await first.close()
            await freed(local)
        assert json.loads((await get(local, "/cameras"))[2])["cameras"] == [{"stream": "phone", "taken": False}]


async def test_a_faulty_handshake_does_not_keep_the_stream() -> None:
    async with local_server() as local:
        reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
        head = f"GET /publish/phone HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\nConnection: Upgrade\r\n"
        writer.write(f"{head}Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: no\r\n\r\n".encode())
        assert b" 400 " in await reader.readline()
        writer.close()
        await freed(local)


@pytest.mark.parametrize(
    ("stream", "query", "options", "status"),
    [
        ("phone", "", {}, 401),
        ("phone", "?token=wrong", {}, 401),
        ("phone", "?token=s3cret", {"origin": "http://evil.example"}, 403),
        ("cam", "?token=s3cret", {}, 404),
        ("", "?token=s3cret", {}, 404),
        ("nobody%0d%0a", "?token=s3cret", {}, 404),
    ],
)
async def test_refusals_come_before_the_upgrade(stream: str, query: str, options: dict, status: int) -> None:
    async with local_server(Access("s3cret")) as local:
        with pytest.raises(InvalidStatus) as refused:
            await connect(url(local, stream, query), **options)
        assert refused.value.response.status_code == status
        assert refused.value.response.body
        assert not local.browser.taken


async def test_a_publisher_that_is_silent_on_the_line_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.server.publish.PING_S", 0.1)
    async with local_server() as local:
        phone = await connect(url(local))
        phone.transport.pause_reading()
        await freed(local)
        phone.transport.abort()


async def ask_and_read_nothing(local: LocalServer, phone: ClientConnection) -> StreamConnection:
    """Until the server listens no more, or drops it."""
    await receive(phone)
    (connection,) = local.gateway._connections
    phone.transport.pause_reading()
    phone.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # full sooner
    asked = 0
    while phone.state is State.OPEN and not (connection.paused and connection.recv_messages.paused):
        for _ in range(20):
            phone.protocol.send_text(b'{"type": "time", "t0_us": 1}')
            phone.send_data()
            asked += 1
        await asyncio.sleep(0)
        assert asked < 1_000_000
    return connection


async def test_whoever_reads_no_answers_is_not_listened_to() -> None:
    async with local_server() as local, connect(url(local), max_queue=1) as phone:
        connection = await ask_and_read_nothing(local, phone)
        assert connection.transport.get_write_buffer_size() < 200
        phone.transport.abort()


async def test_whoever_reads_no_answers_does_not_keep_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.server.publish.STALL_S", 0.2)
    async with local_server() as local:
        phone = await connect(url(local), max_queue=1)
        await ask_and_read_nothing(local, phone)
        await freed(local)
        assert not local.gateway._connections
        phone.transport.abort()


async def test_a_server_that_ends_says_so() -> None:
    async with local_server() as local:
        phone = await connect(url(local))
        await receive(phone)
        await local.gateway.close()
        with pytest.raises(ConnectionClosed) as closed:
            await receive(phone)
        assert closed.value.rcvd.code == 1001
        assert not local.browser.taken


async def test_a_stream_that_waits_for_a_camera_is_no_fault() -> None:
    async with local_server() as local:
        from protocol import StreamInfo

        local.catalog.add(StreamInfo("phone", 0, 0, 0.0, "none", "none"), now_us())
        local.catalog.set_state("phone", "lost", "no camera", now_us())
        status, _, body = await get(local, "/healthz")
        streams = {"cam": "live", "phone": "lost"}
        assert (status, json.loads(body)) == (200, {"status": "ok", "streams": streams, "details": {}})
        assert (await get(local, "/publish/phone"))[0] == 426
