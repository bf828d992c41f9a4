"""Announced and found over real multicast DNS, on the loopback interface only."""

from urllib.parse import urlsplit

import pytest

from posewire_client.discovery import Found, discover
from streamer.lan import discovery
from streamer.lan.discovery import Announcer

LOOPBACK = ["127.0.0.1"]


async def found_on(*ports: int, until: int) -> list[Found]:
    """The servers on these ports, asked for again until there are so many: datagrams may get lost."""
    found: list[Found] = []
    for _ in range(15):
        found = [server for server in await discover(1.0, LOOPBACK) if urlsplit(server.url).port in ports]
        if len(found) == until:
            break
    return found


async def test_a_server_is_found_while_it_is_announced() -> None:
    announcer = Announcer("https", 48_765, ["127.0.0.1"], True, LOOPBACK)
    await announcer.start()
    try:
        (server,) = await found_on(48_765, until=1)
        assert server.url == "https://127.0.0.1:48765/"
        assert server.needs_token
        assert server.version
        assert "token=" not in server.url
    finally:
        await announcer.stop()
    assert await found_on(48_765, until=0) == []


async def test_two_servers_on_one_machine_have_names_of_their_own() -> None:
    announcers = [Announcer("http", port, ["127.0.0.1"], False, LOOPBACK) for port in (48_766, 48_767)]
    for announcer in announcers:
        await announcer.start()
    try:
        servers = await found_on(48_766, 48_767, until=2)
        assert len({server.name for server in servers}) == 2
        assert not any(server.needs_token for server in servers)
    finally:
        for announcer in announcers:
            await announcer.stop()


async def test_a_network_without_multicast_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no such device")

    monkeypatch.setattr(discovery, "AsyncZeroconf", fail)
    monkeypatch.setattr(discovery.log.parent, "propagate", True)
    announcer = Announcer("http", 48_768, ["127.0.0.1"], False, LOOPBACK)
    await announcer.start()
    await announcer.stop()
    assert "not announced on the network: no such device" in caplog.text
