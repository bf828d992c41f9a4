import asyncio
import time

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

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

WORLD = np.arange(8, dtype="<f2").reshape(2, 4)


class FakeServer:
    """A server that speaks the protocol and misbehaves on command; the real one is in the end-to-end tests."""

    def __init__(self) -> None:
        self.offset_us = 3_000_000
        self.connections: list[ServerConnection] = []
        self.refusal: Error | None = None

    def now_us(self) -> int:
        return time.monotonic_ns() // 1000 + self.offset_us

    async def handle(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        info = StreamInfo("cam", 640, 480, 30.0, "none", "none")
        await connection.send(encode(Hello("fake", self.now_us(), (info,), Skeleton(LANDMARKS, EDGES))))
        async for data in connection:
            match decode(data):
                case Subscribe(id=id) as wish:
                    answer = Subscribed(id, wish.stream, wish.fields, (0, 1), wish.dtype)
                    await connection.send(encode(self.refusal or answer))
                case Time(t0_us=t0):
                    await connection.send(encode(Time(t0, self.now_us(), self.now_us())))

    async def send_frame(self, seq: int, age_us: int = 0) -> None:
        t_us = self.now_us() - age_us
        frame = Frame(7, "cam", seq, t_us, t_us, (640, 480), (Pose(1, 0.5, None, WORLD),))
        await self.connections[-1].send(encode(frame))


@pytest.fixture
async def fake():
    server = FakeServer()
    async with serve(server.handle, "127.0.0.1", 0, subprotocols=["posewire.v1.msgpack"]) as listening:
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
