import asyncio
import logging
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from streamer.config import NatsConfig
from streamer.nats import link
from streamer.nats.link import Link
from tests.harness import free_port
from tests.nats.ends import until
from tests.nats_server import NatsServer, nats_server

pytestmark = pytest.mark.nats


class Ear:
    """Takes messages, and keeps them."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def take(self, message: Msg) -> None:
        self.heard.append(message.data)


@pytest.fixture
async def two(config: NatsConfig):
    changes: list[bool] = []
    one = Link(config, "one", lambda: changes.append(one.connected))
    other = Link(config, "other", lambda: None)
    one.start()
    other.start()
    await asyncio.gather(one.come_up(), other.come_up())
    yield one, other
    await asyncio.gather(one.close(), other.close())
    assert changes[0] is True


async def test_what_one_says_the_other_hears(two: tuple[Link, Link]) -> None:
    one, other = two
    ear = Ear()
    await other.subscribe("a.b", ear.take)
    await other.subscribe("a.c", ear.take)
    await asyncio.sleep(0.1)
    assert await one.publish("a.b", b"first")
    await until(lambda: ear.heard == [b"first"])
    await other.unsubscribe("a.b")
    await asyncio.sleep(0.1)
    assert await one.publish("a.b", b"second")
    assert await one.publish("a.c", b"third")
    await until(lambda: ear.heard == [b"first", b"third"])


async def test_a_question_is_answered_or_isnt(two: tuple[Link, Link]) -> None:
    one, other = two

    async def answer(message: Msg) -> None:
        await other.publish(message.reply, message.data[::-1])

    await other.subscribe("q", answer)
    await asyncio.sleep(0.1)
    assert await one.request("q", b"abc", 5) == b"cba"
    assert await one.request("nobody", b"abc", 5) is None


async def test_while_it_is_away_nothing_waits_and_it_comes_back(tmp_path: Path, caplog) -> None:
    caplog.set_level(logging.INFO)
    with nats_server(tmp_path) as server:
        one = Link(NatsConfig(servers=(server.url,)), "one", lambda: None)
        other = Link(NatsConfig(servers=(server.url,)), "other", lambda: None)
        ear = Ear()
        await other.subscribe("a", ear.take)  # before there is a connection
        one.start()
        other.start()
        await asyncio.gather(one.come_up(), other.come_up())
        try:
            for _ in range(3):
                server.kill()
                await until(lambda: not one.connected)
                assert not await one.publish("a", b"lost")
                assert await one.request("a", b"lost", 1) is None
                server.restart()
                await asyncio.gather(one.come_up(), other.come_up())
                await asyncio.sleep(0.2)  # the other's subscription is back
                ear.heard.clear()
                assert await one.publish("a", b"new")
                await until(lambda: ear.heard)
                assert ear.heard == [b"new"]
        finally:
            await asyncio.gather(one.close(), other.close())
    said = [record.message for record in caplog.records if record.name == "posewire.nats"]
    assert len([line for line in said if "connected to nats://127.0.0.1" in line]) == 8
    assert len([line for line in said if "it is tried again" in line]) <= 12  # not one for each attempt


async def test_a_server_that_comes_late(tmp_path: Path, caplog) -> None:
    port = free_port()
    one = Link(NatsConfig(servers=(f"nats://127.0.0.1:{port}",)), "one", lambda: None)
    one.start()
    try:
        await until(lambda: "tried again" in caplog.text)
        assert not one.connected
        assert one.fault
        with nats_server(tmp_path, port=port):
            await asyncio.wait_for(one.come_up(), 10)
            assert one.fault == ""
    finally:
        await one.close()


async def test_a_server_that_hangs_is_given_up(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        one = Link(NatsConfig(servers=(server.url,)), "one", lambda: None)
        one.start()
        await one.come_up()
        try:
            server.freeze()
            await until(lambda: not one.connected)
            server.thaw()
            await asyncio.wait_for(one.come_up(), 20)
        finally:
            await one.close()


async def test_who_is_refused_says_so_and_gets_in_once_that_is_mended(tmp_path: Path, caplog) -> None:
    allowing = "authorization {{ user: posewire, password: {} }}"
    with nats_server(tmp_path, allowing.format("right")) as server:
        one = Link(NatsConfig(servers=(f"nats://posewire:wrong@127.0.0.1:{server.port}",)), "one", lambda: None)
        one.start()
        try:
            await until(lambda: "Authorization Violation" in caplog.text)
            assert "wrong" not in caplog.text
            server.kill()
            server.configure(allowing.format("wrong"))
            server.restart()
            await asyncio.wait_for(one.come_up(), 20)
        finally:
            await one.close()


async def test_who_we_are_is_told_over_tls_only(broker: NatsServer, caplog) -> None:
    one = Link(NatsConfig(servers=(f"tls://posewire:secret@127.0.0.1:{broker.port}",)), "one", lambda: None)
    one.start()
    try:
        await until(lambda: "doesn't ask for TLS, so it isn't told who we are" in caplog.text)
        assert not one.connected
    finally:
        await one.close()


async def test_a_connection_that_takes_nothing_holds_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be sent waits where it can still be replaced, not in buffers."""
    monkeypatch.setattr(link, "FLUSH_TIMEOUT_S", 0.2)
    with nats_server(tmp_path) as server:
        one = Link(NatsConfig(servers=(server.url,)), "one", lambda: None)
        one.start()
        await one.come_up()
        try:
            server.freeze()
            sent = 0
            for _ in range(40):
                publishing = asyncio.ensure_future(one.publish("a", bytes(16_384)))
                done, _ = await asyncio.wait([publishing], timeout=0.1)
                if not done:
                    break
                sent += 16_384
            assert not done
            server.thaw()
            await asyncio.wait([publishing], timeout=20)
            assert publishing.done()
        finally:
            await one.close()
    assert 16_384 <= sent < 40 * 16_384
