import asyncio

import pytest

from protocol import Frame, Subscribe, Subscribed
from streamer.clock import now_us
from streamer.config import NatsConfig
from streamer.nats import relay
from tests.nats.ends import Stranger, named, node, states, until, viewers

pytestmark = pytest.mark.nats
ALL = Subscribe(1, "*", ("world", "bones", "angles"))


async def test_streams_come_and_go(config: NatsConfig) -> None:
    async with viewers(config) as end:
        pipe = end.connect(ALL)
        async with node(config, "hall") as hall:
            await until(lambda: "hall.cam" in end.hub.catalog)
            hall.hub.offer(named("late", fps=25.0))
            await until(lambda: "hall.late" in end.hub.catalog)
            hall.hub.announce(hall.catalog.set_state("late", "lost", "unplugged", now_us()))
            await until(lambda: states(pipe, "hall.late")[-1] == ("lost", "unplugged"))
            hall.hub.announce(hall.catalog.set_state("late", "live", "", now_us()))
            await until(lambda: states(pipe, "hall.late")[-1] == ("live", ""))
            hall.hub.withdraw("late", "no more")
            await until(lambda: "hall.late" not in end.hub.catalog)
            assert states(pipe, "hall.late")[-1] == ("ended", "node hall has this stream no more")
        await until(lambda: "hall.cam" not in end.hub.catalog)
        assert states(pipe, "hall.cam")[-1] == ("ended", "node hall has left")
        async with node(config, "hall") as hall:  # back, with the next run of it
            await until(lambda: "hall.cam" in end.hub.catalog)
            pipe.messages.clear()
            while not pipe.of(Frame):
                hall.publish()
                await asyncio.sleep(0.03)
        assert len(pipe.of(Subscribed)) == 0  # the subscription had stayed


async def test_a_node_that_is_silent_is_lost_then_gone(config: NatsConfig, monkeypatch) -> None:
    monkeypatch.setattr(relay, "FORGET_S", 3.0)
    async with viewers(config) as end, node(config, "hall") as hall:
        pipe = end.connect(ALL)
        await until(lambda: "hall.cam" in end.hub.catalog)
        for task in hall.uplink._tasks:  # as a crash would leave it
            task.cancel()
        await until(lambda: states(pipe, "hall.cam")[-1] == ("lost", "node hall is out of reach"))
        assert "hall.cam" in end.hub.catalog
        [health] = [stream.health() for stream in end.relay.streams]
        assert health.camera == "gone"
        await until(lambda: states(pipe, "hall.cam")[-1] == ("ended", "node hall is gone"))
        assert not end.hub.catalog.streams
        assert end.relay.streams == []


async def test_a_node_that_was_started_again_has_another_clock(config: NatsConfig, stranger: Stranger) -> None:
    async with viewers(config) as end:
        await stranger.hello("hall", named("cam"), run="first")
        await until(lambda: "hall.cam" in end.hub.catalog)
        pipe = end.connect(ALL)
        [stream] = end.relay.streams
        [(_, before_us)] = end.relay.clocks()
        await stranger.hello("hall", named("cam", model="heavy"), run="second")
        await until(lambda: not list(end.relay.clocks()))  # nothing is known of the clock, so nothing is shown
        await until(lambda: list(end.relay.clocks()))
        await stranger.hello("hall", named("cam", model="heavy"), run="second")
        await until(lambda: end.hub.catalog.info("hall.cam").model == "heavy")
        assert end.relay.streams == [stream]
        assert states(pipe, "hall.cam")[-1][0] == "live"
        assert before_us > 0


async def test_a_stream_that_can_not_be_called_so_is_not_offered(
    config: NatsConfig, stranger: Stranger, caplog
) -> None:
    async with viewers(config) as end:
        for _ in range(3):
            await stranger.hello("hall", named("a b"), named("x" * 60), named("cam"))
            await asyncio.sleep(0.05)
        await until(lambda: "hall.cam" in end.hub.catalog)
        assert [info.id for info in end.hub.catalog.streams] == ["hall.cam"]
        assert caplog.text.count("hall.a b can't be offered") == 1
