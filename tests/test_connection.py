import asyncio
import socket

import msgpack
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode

from streamer.server import SOCKET_BYTES
from tests.inprocess import local_server


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
