import asyncio
import socket
import ssl
import struct
import sys
import time
from itertools import pairwise
from pathlib import Path

import msgpack
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from protocol.messages import Message
from streamer.hub.session import Session
from streamer.lan import tls
from streamer.server.connection import MAX_THROWN_AWAY_BYTES, TLS_BUFFER_BYTES
from streamer.server.server import SOCKET_BYTES
from tests.inprocess import LocalServer, local_server

SO_MEMINFO = 55  # Linux; Python has no name for it


async def test_ready_made_frames_are_what_the_library_would_send() -> None:
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        (connection,) = local.gateway._connections
        for format, opcode in (("msgpack", Opcode.BINARY), ("json", Opcode.TEXT)):
            for size in (0, 125, 126, 65_535, 65_536):
                payload = b"x" * size
                assert connection.frame(payload, format) == Frame(opcode, payload).serialize(mask=False)
                connection.write(connection.frame(payload, format))
                received = await client.recv()
                assert received == (payload if format == "msgpack" else payload.decode())


async def test_the_socket_holds_little_and_says_when_it_is_full() -> None:
    async with local_server() as local, connect(local.ws + "?subscribe=*", max_queue=1) as client:
        await client.recv()
        (connection,) = local.gateway._connections
        (hub_client,) = local.hub.clients
        buffer = connection.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        assert buffer <= 2 * SOCKET_BYTES  # Linux doubles what is asked for
        client.transport.pause_reading()
        published = 0
        while not connection.paused:
            local.publish(people=8)
            published += 1
            assert published < 5000
            if published % 50 == 0:
                await asyncio.sleep(0)
        assert connection.paused_since_us > 0
        for _ in range(100):
            local.publish(people=8)
        waiting = connection.transport.get_write_buffer_size()
        assert waiting < 20_000  # at most the frame that met the full buffer
        (delivery,) = hub_client.deliveries.values()
        assert delivery.held is not None
        assert delivery.dropped == 99
        client.transport.resume_reading()
        newest = 0
        while newest < published + 100:
            message = msgpack.unpackb(await asyncio.wait_for(client.recv(), 5))
            newest = max(newest, message.get("seq", 0))
        assert not connection.paused
        local.hub.tick()
        message = msgpack.unpackb(await asyncio.wait_for(client.recv(), 5))
        assert (message["type"], message["total"]) == ("dropped", 99)


@pytest.fixture
def identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tls.Identity:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tls.automatic("127.0.0.1")


async def stalled_client(local: LocalServer, trust: ssl.SSLContext | None) -> ClientConnection:
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", local.port))
    url = local.ws.replace("ws:", "wss:") if trust else local.ws
    client = await connect(url + "?subscribe=*", sock=plain, ssl=trust, compression=None, max_queue=1, close_timeout=1)
    await client.recv()
    client.transport.pause_reading()
    return client


@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what a socket holds")
async def test_what_a_client_that_never_reads_holds_until_it_is_dropped(identity: tls.Identity, secure: bool) -> None:
    trust = ssl.create_default_context(cafile=identity.authority) if secure else None
    async with local_server(identity=identity if secure else None) as local:
        client = await stalled_client(local, trust)
        (connection,) = local.gateway._connections
        for _ in range(3000):
            local.publish(people=8)
            if connection.paused:
                break
            await asyncio.sleep(0)
        assert connection.paused
        for _ in range(100):
            local.publish(people=8)
        sock = connection.transport.get_extra_info("socket")
        receiving, _, _, _, spare, sending, *_ = struct.unpack("9I", sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))
        in_kernel, in_user = receiving + spare + sending, connection.transport.get_write_buffer_size()
        assert in_kernel + in_user < 200_000  # the limit is 256 kB; the connection's objects take their share
        if secure:
            assert len(connection.transport._ssl_protocol._ssl_buffer) <= TLS_BUFFER_BYTES
        connection.abort("took no data")
        assert connection.handler_task is not None
        await asyncio.wait_for(connection.handler_task, 5)
        client.transport.resume_reading()
        # A reset, not a queue of frames for minutes: what the client's own socket held is all that it gets.
        received = 0
        with pytest.raises(ConnectionClosed):
            while True:
                received += len(await asyncio.wait_for(client.recv(), 5))
        assert received < 40_000


async def test_a_transport_that_resumes_after_the_end_does_no_harm() -> None:
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        (connection,) = local.gateway._connections
        drained: list[int] = []
        connection.on_drained = lambda: drained.append(1)
        connection.resume_writing()
        connection.pause_writing()
        connection.resume_writing()
        await asyncio.sleep(0)
        assert drained == [1]


async def test_what_is_drained_is_written_when_the_transport_has_done_its_part() -> None:
    """Or, were the connection found broken by that, asyncio would end it twice."""
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        (connection,) = local.gateway._connections
        drained: list[int] = []
        connection.on_drained = lambda: drained.append(1)
        connection.pause_writing()
        connection.resume_writing()
        assert connection.paused
        assert drained == []
        connection.pause_writing()  # full again before its turn came
        await asyncio.sleep(0)
        assert connection.paused
        assert drained == []
        connection.resume_writing()
        await asyncio.sleep(0)
        assert not connection.paused
        assert drained == [1]


async def test_a_frame_does_not_wait_for_the_acknowledgement_of_the_one_before() -> None:
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        (connection,) = local.gateway._connections
        sock = connection.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_nothing_is_written_after_the_closing_handshake_began() -> None:
    async with local_server() as local, connect(local.ws + "?subscribe=*") as client:
        await client.recv()
        (connection,) = local.gateway._connections
        closing = asyncio.create_task(connection.close())
        await asyncio.sleep(0)
        before = connection.transport.get_write_buffer_size()
        local.publish()
        assert connection.transport.get_write_buffer_size() == before
        await closing


async def test_an_aborted_connection_is_gone_at_once() -> None:
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        (connection,) = local.gateway._connections
        connection.abort("test")
        await asyncio.wait_for(client.wait_closed(), 5)
        for _ in range(100):
            if not local.hub.clients:
                break
            await asyncio.sleep(0.01)
        assert not local.hub.clients


async def test_pongs_do_not_pile_up_for_who_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.guard.door.MESSAGE_BURST", 1e9)
    async with local_server() as local, connect(local.ws, max_queue=1) as client:
        await client.recv()
        (connection,) = local.gateway._connections
        client.transport.pause_reading()
        pings = Frame(Opcode.PING, b"x" * 125).serialize(mask=True) * 100
        most = sent = 0
        while client.transport.get_write_buffer_size() < 1_000_000:
            client.transport.write(pings)
            sent += 100
            await asyncio.sleep(0)
            most = max(most, connection.transport.get_write_buffer_size())
        assert sent > 5000
        for _ in range(200):
            await asyncio.sleep(0.001)
            most = max(most, connection.transport.get_write_buffer_size())
        assert most < 50_000
        client.transport.abort()


async def test_tiny_frames_leave_others_their_turn() -> None:
    """A quarter of a megabyte of them is what a transport hands over at once."""
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        client.transport.write(Frame(Opcode.PONG, b"").serialize(mask=True) * 43_000)
        longest_s, until_s = 0.0, time.monotonic() + 1.5
        while (before_s := time.monotonic()) < until_s:
            await asyncio.sleep(0)
            longest_s = max(longest_s, time.monotonic() - before_s)
        assert longest_s < 0.1
        client.transport.abort()


async def test_one_address_is_listened_to_so_much_over_all_its_connections_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streamer.guard.door.MESSAGES_PER_S", 100)
    monkeypatch.setattr("streamer.guard.door.MESSAGE_BURST", 50)
    question = msgpack.packb({"type": "time", "t0_us": 1})
    async with local_server() as local, connect(local.ws) as first, connect(local.ws) as second:
        begun_s = time.monotonic()
        for client in (first, second):
            await client.recv()
            for _ in range(100):
                await client.send(question)

        async def answers(client: ClientConnection) -> int:
            return len([await client.recv() for _ in range(100)])

        async with connect(local.ws, local_addr=("127.0.0.2", 0)) as other:
            await other.recv()
            await other.send(question)
            await asyncio.wait_for(other.recv(), 5)
            assert time.monotonic() - begun_s < 1.5  # when the others aren't done yet
        assert await asyncio.gather(answers(first), answers(second)) == [100, 100]
        assert time.monotonic() - begun_s > 1.4


async def test_connections_of_an_address_that_asks_for_too_much_are_listened_to_in_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not all of them at the moment when everything is paid."""
    monkeypatch.setattr("streamer.guard.door.MESSAGES_PER_S", 100)
    monkeypatch.setattr("streamer.guard.door.MESSAGE_BURST", 50)
    order: list[Session] = []
    receive = Session.receive

    def note(self: Session, data: bytes | str, now_us: int) -> list[Message]:
        order.append(self)
        return receive(self, data, now_us)

    monkeypatch.setattr(Session, "receive", note)
    question = msgpack.packb({"type": "time", "t0_us": 1})
    async with local_server() as local, connect(local.ws) as first, connect(local.ws) as second:
        for client in (first, second):
            await client.recv()
            client.transport.write(Frame(Opcode.BINARY, question).serialize(mask=True) * 100)
        for client in (first, second):
            for _ in range(100):
                await asyncio.wait_for(client.recv(), 20)
    changes = sum(one is not other for one, other in pairwise(order))
    assert changes < 60  # of 199: about 20 messages are read at a time; message by message, it would be nearly all


async def test_large_messages_count_as_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.guard.door.MESSAGES_PER_S", 100)
    monkeypatch.setattr("streamer.guard.door.MESSAGE_BURST", 50)
    question = msgpack.packb({"type": "time", "t0_us": 1, "more": b"x" * 50_000})
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        begun_s = time.monotonic()
        for _ in range(4):
            await client.send(question)
        for _ in range(4):
            assert msgpack.unpackb(await asyncio.wait_for(client.recv(), 10))["type"] == "time"
        assert time.monotonic() - begun_s > 0.9  # 3 of 49 each over the burst, before the fourth is read


@pytest.mark.parametrize("message", [{"type": "subscribe", "id": 1}, {"type": "subscribe", "id": 1, "stream": "no"}])
async def test_subscribing_and_errors_count_as_ten_messages(
    message: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.guard.door.MESSAGES_PER_S", 100)
    monkeypatch.setattr("streamer.guard.door.MESSAGE_BURST", 50)
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        begun_s = time.monotonic()
        for _ in range(60):  # those at first are taken at once, before any has been dealt with
            await client.send(msgpack.packb(message))
        answers = [msgpack.unpackb(await asyncio.wait_for(client.recv(), 20))["type"] for _ in range(60)]
        assert set(answers) == {"subscribed" if "stream" not in message else "error"}
        assert time.monotonic() - begun_s > 2.5


async def test_subscriptions_of_an_address_are_limited_over_its_connections() -> None:
    async with local_server(per_address=3) as local:
        async with connect(local.ws) as first, connect(local.ws) as second:
            for client, ids in ((first, range(8)), (second, range(6))):
                await client.recv()
                for id in ids:
                    await client.send(msgpack.packb({"type": "subscribe", "id": id}))
                if client is first:
                    assert [msgpack.unpackb(await first.recv())["type"] for _ in ids] == ["subscribed"] * 8
            answers = [msgpack.unpackb(await second.recv()) for _ in range(6)]
            assert [answer["type"] for answer in answers] == ["subscribed"] * 4 + ["error"] * 2
            assert answers[-1]["code"] == "too_many_subscriptions"
            assert "12 subscriptions of all connections" in answers[-1]["message"]
            await first.close()
            await asyncio.sleep(0.1)
            await second.send(msgpack.packb({"type": "subscribe", "id": 9}))
            assert msgpack.unpackb(await second.recv())["type"] == "subscribed"


async def test_who_comes_and_goes_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.guard.door.MESSAGES_PER_S", 100)
    monkeypatch.setattr("streamer.guard.door.MESSAGE_BURST", 50)
    async with local_server() as local:
        begun_s = time.monotonic()
        for _ in range(15):
            async with connect(local.ws) as client:
                await client.recv()
        assert time.monotonic() - begun_s > 0.8
        begun_s = time.monotonic()
        async with connect(local.ws, local_addr=("127.0.0.2", 0)) as client:
            await client.recv()
        assert time.monotonic() - begun_s < 0.5


async def test_who_broke_a_rule_is_listened_to_no_longer_than_it_takes_to_read_why() -> None:
    async with local_server() as local, connect(local.ws) as client:
        await client.recv()
        (connection,) = local.gateway._connections
        fed = 0
        feed = connection._intake._feed

        def count(data: bytes) -> None:
            nonlocal fed
            fed += len(data)
            feed(data)

        connection._intake._feed = count
        client.transport.write(Frame(Opcode.BINARY, bytes(8_000_000)).serialize(mask=False))
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1002  # no mask
        while local.gateway._connections:
            await asyncio.sleep(0.02)
        assert fed < 2 * MAX_THROWN_AWAY_BYTES
