import asyncio

import msgpack
import pytest

from protocol import Frame, Subscribe
from streamer.clock import now_us
from streamer.config import NatsConfig
from tests.nats.ends import Stranger, named, node, until, viewers

pytestmark = pytest.mark.nats
ALL = Subscribe(1, "*", ("world", "bones", "angles"))


async def test_old_frames_are_not_shown(config: NatsConfig) -> None:
    async with viewers(config) as end, node(config) as studio:
        await until(lambda: "studio.cam" in end.hub.catalog)
        pipe = end.connect(ALL)
        while not pipe.of(Frame):
            studio.publish()
            await asyncio.sleep(0.03)
        [stream] = end.relay.streams
        await asyncio.sleep(0.2)
        pipe.messages.clear()
        # An engine that needs longer than that is no reason to show nothing, but a way that long is.
        studio.publish(age_us=400_000)
        await until(lambda: pipe.of(Frame))
        old = studio.publish(age_us=400_000)
        await until(lambda: len(pipe.of(Frame)) == 2)
        data = msgpack.packb(
            {
                **{"type": "frame", "id": 0, "stream": "cam", "seq": 99, "size": [640, 480], "poses": []},
                **{"t_us": now_us() - 300_000, "sent_us": now_us() - 280_000},
            }
        )
        stream.frame(data)
        await until(lambda: stream.stale == 1)
        assert [frame.seq for frame in pipe.of(Frame)] == [old.seq - 1, old.seq]


async def test_no_frame_is_shown_before_its_nodes_clock_is_known(config: NatsConfig, stranger: Stranger) -> None:
    async with viewers(config) as end:
        await stranger.hello("hall", named("cam"), run="first")
        await until(lambda: "hall.cam" in end.hub.catalog)
        end.connect(ALL)
        [stream] = end.relay.streams
        await stranger.link.unsubscribe("posewire.v1.*.time")
        await stranger.hello("hall", named("cam"), run="second")
        await until(lambda: not list(end.relay.clocks()))
        stream.frame(b"whatever")
        await asyncio.sleep(0.05)
        assert (stream.missed, stream.broken, stream.inferred) == (1, 0, 0)


async def test_of_frames_that_wait_the_newest_counts(config: NatsConfig) -> None:
    async with viewers(config) as end, node(config) as studio:
        await until(lambda: "studio.cam" in end.hub.catalog)
        pipe = end.connect(ALL)
        while not pipe.of(Frame):
            studio.publish()
            await asyncio.sleep(0.03)
        await asyncio.sleep(0.2)
        [stream] = end.relay.streams
        pipe.messages.clear()
        whole = [
            {"type": "frame", "id": 0, "stream": "cam", "seq": seq, "size": [640, 480], "poses": []}
            for seq in (7, 8, 9)
        ]
        for frame in whole:
            stream.frame(msgpack.packb(frame | {"t_us": now_us(), "sent_us": now_us()}))
        await until(lambda: pipe.of(Frame))
        assert [frame.seq for frame in pipe.of(Frame)] == [9]
        assert stream.missed == 2
        times = []
        for late_us in (0, 500, 900):  # a clock that is found to be otherwise doesn't make time go back
            stream.frame(msgpack.packb(whole[0] | {"t_us": now_us() - late_us, "sent_us": now_us()}))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            times.append(pipe.of(Frame)[-1].t_us)
        assert times == sorted(set(times))


async def test_numbers_rise_when_a_node_begins_anew_without_a_word(config: NatsConfig, stranger: Stranger) -> None:
    async with viewers(config) as end:
        await stranger.hello("hall", named("cam"))
        await until(lambda: "hall.cam" in end.hub.catalog)
        pipe = end.connect(ALL)
        [stream] = end.relay.streams
        empty = {"type": "frame", "id": 0, "stream": "cam", "size": [640, 480], "poses": []}
        for seq in (41, 42, 1, 2, 5):
            stream.frame(msgpack.packb(empty | {"seq": seq, "t_us": now_us(), "sent_us": now_us()}))
            await until(lambda: stream.missed == 0 and not stream._newest)
        assert [frame.seq for frame in pipe.of(Frame)] == [41, 42, 43, 44, 47]


async def test_a_time_that_can_not_be_reaches_nobody(config: NatsConfig, stranger: Stranger, caplog) -> None:
    async with viewers(config) as end:
        await stranger.hello("hall", named("cam"))
        await until(lambda: "hall.cam" in end.hub.catalog)
        pipe = end.connect(ALL)
        [stream] = end.relay.streams
        empty = {"type": "frame", "id": 0, "stream": "cam", "seq": 1, "size": [640, 480], "poses": []}
        for t_us in (now_us() + 5_000_000, 2**63 - 1):
            stream.frame(msgpack.packb(empty | {"t_us": t_us, "sent_us": now_us()}))
            await until(lambda: not stream._newest)
        stream._clock.to_ours_us = lambda theirs_us: theirs_us - 10**13  # type: ignore[method-assign]
        stream.frame(msgpack.packb(empty | {"t_us": now_us(), "sent_us": now_us()}))
        await until(lambda: stream.broken == 3)
        assert "t_us is 9223372036854775807, which here is" in caplog.text
        assert not pipe.of(Frame)
