import asyncio
import time
from dataclasses import replace

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from posewire_client import Client, ConnectionRefused, State
from posewire_client.client import stream_url
from protocol import (
    EDGES,
    LANDMARKS,
    Dropped,
    Error,
    Frame,
    Hello,
    Pose,
    Skeleton,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    Time,
    decode,
    encode,
)
from protocol.limits import MAX_STREAMS

WORLD = np.arange(8, dtype="<f2").reshape(2, 4)


class FakeServer:
    """A server that speaks the protocol and misbehaves on command; the real one is in the end-to-end tests."""

    def __init__(self) -> None:
        self.offset_us = 3_000_000
        self.connections: list[ServerConnection] = []
        self.refusal: Error | None = None
        self.answers: list[tuple[int, str, str, str | None]] = []
        """To upgrade requests, before it lets them in: status, kind, body, Retry-After."""
        self.asked_s: list[float] = []
        self.wishes = 0

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        self.asked_s.append(time.monotonic())
        if not self.answers:
            return None
        status, kind, body, retry_after = self.answers.pop(0)
        headers = Headers({"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"})
        if retry_after is not None:
            headers["Retry-After"] = retry_after
        return Response(status, "Oh", headers, body.encode())

    def now_us(self) -> int:
        return time.monotonic_ns() // 1000 + self.offset_us

    async def handle(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        info = StreamInfo("cam", 640, 480, 30.0, "none", "none")
        await connection.send(encode(Hello("fake", self.now_us(), (info,), Skeleton(LANDMARKS, EDGES))))
        async for data in connection:
            match decode(data):
                case Subscribe(id=id) as wish:
                    self.wishes += 1
                    answer = Subscribed(id, wish.stream, wish.fields, (0, 1), wish.dtype)
                    await connection.send(encode(self.refusal or answer))
                case Time(t0_us=t0):
                    await connection.send(encode(Time(t0, self.now_us(), self.now_us())))

    async def asked(self, wishes: int) -> None:
        """Wait until that many subscriptions came."""
        while self.wishes < wishes:
            await asyncio.sleep(0.01)

    async def send_frame(self, seq: int, age_us: int = 0) -> None:
        t_us = self.now_us() - age_us
        frame = Frame(7, "cam", seq, t_us, t_us, (640, 480), (Pose(1, 0.5, None, WORLD),))
        await self.connections[-1].send(encode(frame))


@pytest.fixture
async def fake():
    server = FakeServer()
    options = {"subprotocols": ["posewire.v1.msgpack"], "process_request": server.answer}
    async with serve(server.handle, "127.0.0.1", 0, **options) as listening:
        server.url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield server


WISH = Subscribe(7, fields=("world",), landmarks=(0, 1), dtype="f16")


async def test_frames_decode_with_the_dtype_asked_for(fake: FakeServer) -> None:
    async with Client(fake.url, [WISH]) as client:
        assert await client.first_attempt() is State.LIVE
        await fake.send_frame(1)
        frame = await anext(aiter(client))
        assert frame.seq == 1
        np.testing.assert_array_equal(frame.poses[0].world, WORLD)
        assert client.hello.server == "fake"


async def test_latency_is_told_on_our_clock(fake: FakeServer) -> None:
    async with Client(fake.url, [WISH]) as client:
        await client.first_attempt()
        while not client.clock.ready:
            await asyncio.sleep(0.01)
        await fake.send_frame(1, age_us=500_000)
        frame = await anext(aiter(client))
        assert 500_000 - 1000 < client.latency_us(frame) < 1_000_000
        assert client.clock.offset_us == pytest.approx(fake.offset_us, abs=50_000)


async def test_a_slow_consumer_gets_the_latest_frame(fake: FakeServer) -> None:
    async with Client(fake.url, [WISH]) as client:
        await client.first_attempt()
        for seq in range(1, 6):
            await fake.send_frame(seq)
        while client.received < 5:
            await asyncio.sleep(0.01)
        frame = await anext(aiter(client))
        assert (frame.seq, client.skipped) == (5, 4)


async def test_who_may_not_miss_a_frame_gets_every_message_in_order(fake: FakeServer) -> None:
    messages: list[object] = []
    async with Client(fake.url, [WISH], on_message=messages.append) as client:
        await client.first_attempt()
        for seq in range(1, 6):
            await fake.send_frame(seq)
        while client.received < 5:
            await asyncio.sleep(0.01)
    assert [message.seq for message in messages if isinstance(message, Frame)] == [1, 2, 3, 4, 5]
    assert [type(message) for message in messages if not isinstance(message, Frame | Time)] == [Hello, Subscribed]


async def test_comes_back_by_itself_and_goes_on_counting(fake: FakeServer) -> None:
    async with Client(fake.url, [WISH]) as client:
        await client.first_attempt()
        await fake.connections[-1].send(encode(Dropped(7, "cam", 3)))
        await fake.connections[-1].send(encode(Status("cam", "lost", "unplugged", 1)))
        await fake.send_frame(1)
        await anext(aiter(client))
        assert client.statuses["cam"].detail == "unplugged"
        fake.connections[-1].transport.abort()
        while client.state is not State.LOST:
            await asyncio.sleep(0.01)
        while client.state is not State.LIVE:
            await asyncio.sleep(0.01)
        await fake.connections[-1].send(encode(Dropped(7, "cam", 2)))
        await fake.send_frame(2)
        assert (await anext(aiter(client))).seq == 2
        assert client.dropped == 5
        assert client.statuses == {}


async def test_what_is_no_protocol_does_not_kill_the_client(fake: FakeServer) -> None:
    async with Client(fake.url, [WISH]) as client:
        await client.first_attempt()
        await fake.connections[-1].send(b"\xc1")
        while len(fake.connections) < 2:
            await asyncio.sleep(0.01)
        while client.state is not State.LIVE:
            await asyncio.sleep(0.01)


async def test_a_refusal_is_final_and_says_why(fake: FakeServer) -> None:
    fake.refusal = Error("unknown_stream", "no stream 'x'", 7)
    async with Client(fake.url, [WISH]) as client:
        with pytest.raises(ConnectionRefused, match="unknown_stream: no stream 'x'"):
            await anext(aiter(client))
        assert await client.first_attempt() is State.REFUSED
    assert len(fake.connections) == 1


async def test_streams_that_come_and_go_are_followed(fake: FakeServer) -> None:
    new = StreamInfo("hall.cam", 640, 480, 30.0, "none", "none", node="hall", clock_error_us=900)
    taller = replace(new, height=720)
    shown = []
    async with Client(fake.url, [WISH], on_message=lambda message: shown.append(client.hello.streams)) as client:
        await client.first_attempt()
        first = client.hello.streams
        await fake.connections[-1].send(encode(Dropped(7, "hall.cam", 3)))
        for status in (
            Status("hall.cam", "live", "", 1, new),
            Status("hall.cam", "live", "", 2, taller),
            Status("hall.cam", "lost", "unplugged", 3),
            Status("hall.cam", "ended", "node hall has left", 4, gone=True),
        ):
            await fake.connections[-1].send(encode(status))
        await fake.send_frame(1)
        await anext(aiter(client))
        assert client.statuses == {}
        assert client.hello.streams == first
        await fake.connections[-1].send(encode(Dropped(7, "hall.cam", 1)))
        await fake.send_frame(2)
        await anext(aiter(client))
        assert client.dropped == 4
    assert [streams for i, streams in enumerate(shown) if i == 0 or streams != shown[i - 1]] == [
        first,
        (*first, new),
        (*first, taller),
        first,
    ]


async def test_no_server_makes_the_list_grow_without_end(fake: FakeServer) -> None:
    async with Client(fake.url, [WISH]) as client:
        await client.first_attempt()
        for i in range(100):
            info = StreamInfo(f"s{i}", 1, 1, 1.0, "none", "none")
            await fake.connections[-1].send(encode(Status(info.id, "live", "", i, info)))
        await fake.send_frame(1)
        await anext(aiter(client))
        assert len(client.hello.streams) == MAX_STREAMS


async def test_a_stream_that_is_away_after_a_reconnection_is_asked_for_when_it_is_back(fake: FakeServer) -> None:
    wish = replace(WISH, stream="cam")
    async with Client(fake.url, [wish]) as client:
        await client.first_attempt()
        fake.refusal = Error("unknown_stream", "no stream 'cam'; streams: ", 7)
        fake.connections[-1].transport.abort()
        while "cam" not in client.statuses:
            await asyncio.sleep(0.01)
        assert (client.state, client.statuses["cam"].gone, client.hello.streams) == (State.LIVE, True, ())
        fake.refusal = None
        info = StreamInfo("cam", 640, 480, 30.0, "none", "none")
        await fake.connections[-1].send(encode(Status("cam", "live", "", 5, info)))
        await fake.asked(3)
        await fake.send_frame(1)
        assert (await anext(aiter(client))).seq == 1
        assert client.hello.streams == (info,)
        assert not client.statuses["cam"].gone


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", "32 connections are open\n"),
        ("application/problem+json", '{"detail": "32 connections are open"}'),
    ],
)
async def test_a_server_that_asks_to_wait_is_asked_again_after_that(fake: FakeServer, kind: str, body: str) -> None:
    fake.answers = [(429, kind, body, "1")]
    async with Client(fake.url, [WISH]) as client:
        assert await client.first_attempt() is State.LOST
        assert client.reason == "HTTP 429: 32 connections are open"
        while client.state is not State.LIVE:
            await asyncio.sleep(0.01)
        assert fake.asked_s[1] - fake.asked_s[0] >= 0.95
        assert client.reason == ""


@pytest.mark.parametrize(
    ("status", "retry_after", "waits_s"),
    [
        (429, "42", (42, 42)),
        (503, "42", (42, 42)),
        (429, "3600", (60, 60)),
        (429, "0", (0.125, 0.25)),
        (429, "soon", (0.125, 0.25)),
        (429, "-5", (0.125, 0.25)),
        (429, "9" * 5000, (0.125, 0.25)),
        (429, None, (0.125, 0.25)),
        (408, None, (0.125, 0.25)),
    ],
)
async def test_how_long_it_waits(
    fake: FakeServer, monkeypatch: pytest.MonkeyPatch, status: int, retry_after: str | None, waits_s: tuple
) -> None:
    fake.answers = [(status, "text/plain", "not now", retry_after)]
    waited: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr("posewire_client.client.asyncio.sleep", note)
    async with Client(fake.url, [WISH]) as client:
        await client.first_attempt()
        while client.state is not State.LIVE:
            await sleep(0.01)
    assert waits_s[0] <= waited[0] <= waits_s[1]


@pytest.mark.parametrize("body", ['{"detail": 7}', "[1]", "[" * 100_000, ""])
async def test_a_refusal_is_said_whatever_it_looks_like(fake: FakeServer, body: str) -> None:
    fake.answers = [(403, "application/problem+json", body, None)]
    async with Client(fake.url, [WISH]) as client:
        assert await client.first_attempt() is State.REFUSED
        assert client.reason == f"HTTP 403: {body}"[:200]


async def test_nobody_there_is_lost_not_refused() -> None:
    async with Client("ws://127.0.0.1:9", [WISH]) as client:
        assert await client.first_attempt() is State.LOST
        assert client.reason


async def test_close_ends_an_iteration(fake: FakeServer) -> None:
    client = Client(fake.url, [WISH])
    async with client:
        waiting = asyncio.create_task(anext(aiter(client), None))
        await client.first_attempt()
    assert await asyncio.wait_for(waiting, 5) is None
    assert client.state is State.CLOSED


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("ws://h:1/", "ws://h:1/stream"),
        ("http://h:1", "ws://h:1/stream"),
        ("https://h/?token=x", "wss://h/stream?token=x"),
        ("h:8765", "ws://h:8765/stream"),
        ("ws://h/proxy/stream", "ws://h/proxy/stream"),
    ],
)
def test_addresses(given: str, expected: str) -> None:
    assert stream_url(given) == expected


@pytest.mark.parametrize("given", ["ftp://h", "ws://", "", "://"])
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(ValueError, match="no address of a server"):
        stream_url(given)
