import asyncio
import errno
import json
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from streamer.guard.door import Account, Door, plain_address
from streamer.guard.pace import BURST_S, SHARE, Pace
from streamer.lan import tls
from streamer.server.server import listen
from tests.hostile_http import KEY, WEBSOCKET, request
from tests.inprocess import local_server

ASK = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Dialler:
    """Opens connections and closes all of them in the end."""

    def __init__(self) -> None:
        self.open: list[asyncio.StreamWriter] = []

    async def __call__(
        self, port: int, source: str = "127.0.0.1", **options: Any
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0), **options)
        self.open.append(writer)
        return reader, writer


@pytest.fixture
async def dial() -> AsyncIterator[Dialler]:
    dialler = Dialler()
    yield dialler
    for writer in dialler.open:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def answer_to(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes = ASK) -> bytes:
    writer.write(request)
    answer = b""
    while b"\r\n\r\n" not in answer or answer.endswith(b"\r\n\r\n"):
        part = await asyncio.wait_for(reader.read(4096), 5)
        if not part:
            break
        answer += part
    return answer


async def test_one_address_has_so_many_connections_and_others_are_unaffected(dial: Dialler) -> None:
    async with local_server(per_address=3) as local:
        inside = [await dial(local.port, "127.0.0.2") for _ in range(3)]
        for _ in range(100):  # not yet accepted isn't counted
            if local.server._door.connections == 3:
                break
            await asyncio.sleep(0.01)
        head, _, body = (await answer_to(*await dial(local.port, "127.0.0.2"))).partition(b"\r\n\r\n")
        assert b" 429 " in head
        assert b"application/problem+json" in head
        assert "3 connections of 127.0.0.2 are open" in json.loads(body)["detail"]
        assert b" 200 " in await answer_to(*await dial(local.port, "127.0.0.3"))
        assert b" 200 " in await answer_to(*inside[0])
        inside[0][1].close()
        await inside[0][1].wait_closed()
        for _ in range(100):
            if b" 200 " in await answer_to(*await dial(local.port, "127.0.0.2")):
                return
            await asyncio.sleep(0.02)
        pytest.fail("no place came free")


async def test_the_total_is_limited(dial: Dialler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.guard.door.MAX_CONNECTIONS", 2)
    async with local_server() as local:
        for source in ("127.0.0.2", "127.0.0.3"):
            assert b" 200 " in await answer_to(*await dial(local.port, source))
        refused = await answer_to(*await dial(local.port, "127.0.0.4"))
        assert b" 503 " in refused
        assert b"2 connections are open" in refused


async def test_a_proxy_may_have_more(dial: Dialler) -> None:
    made = []
    sock = listen("127.0.0.1", 0)
    pace = Pace(lambda: True)
    door = Door(lambda caller: made.append(caller) or asyncio.Protocol(), pace, per_address=1, proxies=["127.0.0.2"])
    door.open(sock)
    port = sock.getsockname()[1]
    for source in ["127.0.0.2"] * 4 + ["127.0.0.3"] * 4:
        await dial(port, source)
    await asyncio.sleep(0.2)
    assert [caller.address for caller in made] == ["127.0.0.2"] * 4 + ["127.0.0.3"]
    await door.close()


def test_where_many_are_let_in_they_may_say_more() -> None:
    few, many = Account(3), Account(320)
    for account, messages in ((few, 1000), (many, 10_000)):
        account.allowance.spend(messages)
        assert account.allowance.overdrawn_s == 0
        account.allowance.spend(100)
        assert account.allowance.overdrawn_s > 0
    assert (few.subscriptions.limit, many.subscriptions.limit) == (12, 1280)


async def test_leaving_twice_counts_once(dial: Dialler) -> None:
    async with local_server() as local:
        _, writer = await dial(local.port)
        writer.close()
        for _ in range(100):
            await asyncio.sleep(0.01)
            if local.server._door.connections == 0:
                break
        assert local.server._door.connections == 0
        assert not any(account.connections for account in local.server._door._accounts.values())


async def test_no_more_files_is_survived(
    dial: Dialler, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.get_running_loop()
    accept, faults = loop.sock_accept, [OSError(errno.EMFILE, "Too many open files"), ConnectionAbortedError(103, "x")]

    async def accept_at_last(sock: socket.socket) -> tuple[socket.socket, object]:
        if faults:
            raise faults.pop(0)
        return await accept(sock)

    monkeypatch.setattr(loop, "sock_accept", accept_at_last)
    async with local_server() as local:
        assert b" 200 " in await answer_to(*await dial(local.port))
    assert "Too many open files" in caplog.text
    assert len(caplog.records) == 1


async def test_who_never_begins_with_tls_is_dropped(
    dial: Dialler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.guard.door.HANDSHAKE_S", 0.3)
    identity = tls.automatic("127.0.0.1", tmp_path)
    sock = listen("127.0.0.1", 0)
    counted: list[str] = []
    pace = Pace(lambda: True)
    door = Door(lambda caller: asyncio.Protocol(), pace, identity.context(), per_address=2, count=counted.append)
    door.open(sock)
    port = sock.getsockname()[1]
    silent, slow, third = [await dial(port) for _ in range(3)]
    assert await asyncio.wait_for(third[0].read(), 1) == b""  # those two count already
    begun_s = time.monotonic()
    slow[1].write(b"\x16\x03")
    for reader, _ in (silent, slow):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    assert time.monotonic() - begun_s < 3
    await asyncio.sleep(0.05)
    assert counted == ["connections_of_address", "handshake", "handshake"]
    assert door.connections == 0
    context = ssl.create_default_context(cafile=str(identity.authority))
    _, writer = await dial(port, ssl=context, server_hostname="127.0.0.1")
    assert writer.get_extra_info("ssl_object").version() in ("TLSv1.2", "TLSv1.3")
    await door.close()


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::1", "::1"),
        ("::ffff:abcd", "::ffff:abcd"),
    ],
)
def test_addresses_as_they_are_counted(shown: str, expected: str) -> None:
    assert plain_address(shown) == expected


async def test_requests_wait_while_frames_go_out_and_their_share_is_used_up(dial: Dialler) -> None:
    async with local_server() as local:
        pace = local.server._door.pace
        for streaming in (False, True):
            if streaming:
                reader, writer = await dial(local.port, "127.0.0.9")
                upgrade = request(local.port, "GET /stream", *(WEBSOCKET + KEY).removesuffix("\r\n").split("\r\n"))
                assert b" 101 " in await answer_to(reader, writer, upgrade)
            pace.spend(BURST_S + SHARE * 0.5)
            begun_s = time.monotonic()
            assert b" 200 " in await answer_to(*await dial(local.port))
            assert (time.monotonic() - begun_s > 0.4) == streaming
