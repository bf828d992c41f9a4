import asyncio
from pathlib import Path

import pytest

from protocol import Frame, Status, Subscribe, encode
from protocol.limits import MAX_STREAMS
from protocol.messages import SOLVED_FIELDS, StreamInfo
from streamer.config import NatsConfig
from streamer.hub.session import describe
from streamer.nats import announcement
from streamer.nats.announcement import Announcement
from tests.nats.ends import INFO, Stranger, Viewers, named, node, same_numbers, states, until, viewers
from tests.nats_server import nats_server

pytestmark = pytest.mark.nats
ALL = Subscribe(1, "*", ("world", "bones", "angles"))


def ids(end: Viewers) -> list[str]:
    return [info.id for info in end.hub.catalog.streams]


async def test_what_a_node_sees_viewers_get(config: NatsConfig) -> None:
    async with viewers(config) as end, node(config) as studio:
        pipe = end.connect(ALL)
        await until(lambda: "studio.cam" in end.hub.catalog)
        info = end.hub.catalog.info("studio.cam")
        assert (info.node, info.width, info.height, info.fps) == ("studio", 640, 480, 30.0)
        assert info.clock_error_us is not None
        # Everybody is told, and gets frames without asking again.
        [told] = [status.info for status in pipe.of(Status) if status.info is not None]
        assert isinstance(told, StreamInfo)
        assert told.id == "studio.cam"
        made = None
        while not pipe.of(Frame):
            made = studio.publish()
            await asyncio.sleep(0.03)
        frame = pipe.of(Frame)[-1]
        assert (frame.id, frame.stream) == (1, "studio.cam")
        assert made is not None
        await until(lambda: any(frame.seq == made.seq for frame in pipe.of(Frame)))
        last = pipe.of(Frame)[-1]
        assert same_numbers(made, last)
        assert abs(last.t_us - made.t_us) <= info.clock_error_us + 1_000  # it is one machine, so one clock
        assert last.poses[0].bones is not None
        assert last.poses[0].image is None


async def test_frames_are_taken_from_nats_only_where_somebody_watches(config: NatsConfig) -> None:
    async with viewers(config) as end, node(config, "studio", INFO, named("side")) as studio:
        await until(lambda: {"studio.cam", "studio.side"} <= set(ids(end)))
        came = {stream.id: stream for stream in end.relay.streams}
        pipe = end.connect(Subscribe(1, "studio.cam"))
        while not pipe.of(Frame):
            studio.publish()
            studio.publish(stream="side")
            await asyncio.sleep(0.02)
        assert came["studio.cam"].captured > 0
        assert came["studio.side"].captured == 0
        [client] = end.hub.clients
        end.hub.leave(client)
        await asyncio.sleep(0.3)
        before = came["studio.cam"].captured
        for _ in range(5):
            studio.publish()
            await asyncio.sleep(0.02)
        assert came["studio.cam"].captured == before


async def test_nats_goes_and_comes_back(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        config = NatsConfig(servers=(server.url,))
        async with viewers(config) as end, node(config) as studio:
            pipe = end.connect(ALL)
            await until(lambda: "studio.cam" in end.hub.catalog)
            server.kill()
            await until(lambda: states(pipe, "studio.cam")[-1][0] == "lost")
            assert states(pipe, "studio.cam")[-1][1].startswith("NATS is away: ")
            server.restart()
            await until(lambda: states(pipe, "studio.cam")[-1] == ("live", ""))
            pipe.messages.clear()
            while not pipe.of(Frame):
                studio.publish()
                await asyncio.sleep(0.03)


async def test_a_short_absence_of_nats_is_no_news(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        config = NatsConfig(servers=(server.url,))
        async with viewers(config) as end, node(config) as studio:
            pipe = end.connect(ALL)
            await until(lambda: "studio.cam" in end.hub.catalog)
            pipe.messages.clear()
            server.kill()
            server.restart()
            while not pipe.of(Frame):
                studio.publish()
                await asyncio.sleep(0.03)
            assert states(pipe, "studio.cam") == []


async def test_what_can_not_be_used_is_named_once_and_harms_nobody(
    config: NatsConfig, stranger: Stranger, caplog
) -> None:
    async with viewers(config) as end, node(config) as studio:
        await until(lambda: "studio.cam" in end.hub.catalog)
        pipe = end.connect(ALL)
        for _ in range(3):
            await stranger.link.publish("posewire.v1.bad.hello", b"\xc1")
            await stranger.link.publish(
                "posewire.v1.studio.hello",
                announcement.encode(Announcement("other", "r", describe(end.hub.catalog, 0))),
            )
            await stranger.link.publish("posewire.v1.studio.cam.status", b"{")
            await stranger.link.publish("posewire.v1.studio.cam.frame", b"no frame")
            await stranger.link.publish("posewire.v1.studio.cam.frame", encode(Status("cam", "live", "", 1)))
            await asyncio.sleep(0.1)
        while not pipe.of(Frame):
            studio.publish()
            await asyncio.sleep(0.03)
        [stream] = end.relay.streams
        assert stream.broken > 0
        assert {fate: count for _, fate, count in end.relay.fates()}["broken"] == stream.broken
    for text in ("posewire.v1.bad.hello can't be used", "its node is 'other'", "cam.status can't be used"):
        assert caplog.text.count(text) == 1


async def test_there_is_room_for_so_many_streams(config: NatsConfig, stranger: Stranger, caplog) -> None:
    async with viewers(config) as end:
        many = [named(f"cam{n}") for n in range(MAX_STREAMS)]
        await stranger.hello("one", *many)
        await until(lambda: len(end.relay.streams) == MAX_STREAMS)
        await stranger.hello("two", *many[:2])
        await until(lambda: "two.cam0 can't be offered" in caplog.text)
        assert len(ids(end)) == MAX_STREAMS
        await stranger.hello("one", *many[1:])
        await stranger.hello("two", *many[:2])
        await until(lambda: "two.cam0" in end.hub.catalog)
        assert "one.cam0" not in end.hub.catalog


async def test_a_relay_without_nats_starts_and_says_so(caplog) -> None:
    async with viewers(NatsConfig(servers=("nats://127.0.0.1:9",))) as end:
        assert not end.relay.connected
        assert end.relay.fault
        assert end.relay.needed
    assert "it is tried again until it works" in caplog.text


async def test_numbers_of_a_relay(config: NatsConfig) -> None:
    async with viewers(config) as end, node(config) as studio:
        await until(lambda: "studio.cam" in end.hub.catalog)
        pipe = end.connect(Subscribe(1, "studio.cam", tuple(SOLVED_FIELDS)))
        while not pipe.of(Frame):
            studio.publish()
            await asyncio.sleep(0.03)
        fates = {(stream, fate): count for stream, fate, count in end.relay.fates()}
        assert fates["studio.cam", "shown"] >= 1
        assert fates["studio.cam", "stale"] == fates["studio.cam", "broken"] == 0
        [(name, error_us)] = end.relay.clocks()
        assert name == "studio"
        assert 0 < error_us < 100_000
