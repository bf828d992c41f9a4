"""What a link says goes out when it is said, and hardly anything of it waits here, over TLS, too."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from streamer.config import NatsConfig
from streamer.lan import tls
from streamer.nats.link import Link
from tests.nats_server import NatsServer, nats_server

pytestmark = pytest.mark.nats

COUNT = 30
TOGETHER_S = 5.0
"""Far more than so few messages take, far less than if each waited for a time limit or a ping to come to its aid."""
MESSAGE_BYTES = 10_000
QUIET_S = 0.3


@asynccontextmanager
async def links(folder: Path, secure: bool) -> AsyncIterator[tuple[NatsServer, Link, Link]]:
    """A server and two that are connected to it."""
    identity = tls.automatic("127.0.0.1", folder)
    config = f'tls {{ cert_file: "{identity.certificate}", key_file: "{identity.key}" }}' if secure else ""
    with nats_server(folder, config) as server:
        url = f"{'tls' if secure else 'nats'}://127.0.0.1:{server.port}"
        who = NatsConfig(servers=(url,), ca=identity.authority if secure else None)
        one, other = Link(who, "one", lambda: None), Link(who, "other", lambda: None)
        one.start()
        other.start()
        try:
            await asyncio.gather(one.come_up(), other.come_up())
            yield server, one, other
        finally:
            server.thaw()
            await asyncio.gather(one.close(), other.close())


@pytest.mark.parametrize("secure", [False, True])
async def test_nothing_waits_where_the_server_reads(tmp_path: Path, secure: bool) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(message: Msg) -> None:
        heard.put_nowait(message.data)

    async with links(tmp_path, secure) as (_, one, other):
        await other.subscribe("a", take)
        assert await other.request("nobody", b"", 1.0) is None  # by the answer, that no one is there, it has subscribed
        begun_s = time.monotonic()
        for number in range(COUNT):
            said = bytes([number]) * MESSAGE_BYTES
            assert await one.publish("a", said)
            assert await heard.get() == said  # only then the next one, which could push it
        assert time.monotonic() - begun_s < TOGETHER_S


@pytest.mark.parametrize("secure", [False, True])
async def test_two_messages_wait_here_at_most_where_the_server_reads_nothing(tmp_path: Path, secure: bool) -> None:
    sent = 0

    async def say() -> None:
        nonlocal sent
        while True:
            await one.publish("a", bytes(MESSAGE_BYTES))
            sent += 1

    async with links(tmp_path, secure) as (server, one, _):
        server.freeze()
        saying = asyncio.create_task(say())
        before = -1
        while before < sent:
            before = sent
            await asyncio.sleep(QUIET_S)
        client = one._client
        assert client is not None
        assert client._transport is not None
        writers = {client._transport._io_writer, client._transport._bare_io_writer}
        held = sum(writer.transport.get_write_buffer_size() for writer in writers)
        assert 0 < held < 4.5 * MESSAGE_BYTES  # two, and two more where this took over a second
        saying.cancel()
        await asyncio.wait([saying])
