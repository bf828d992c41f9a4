import asyncio

import pytest
from nats.aio.msg import Msg

from protocol import Time, decode, encode
from streamer.clock import now_us
from streamer.config import NatsConfig
from streamer.nats.clock import FIRST_EXCHANGES, RemoteClock
from streamer.nats.link import Link
from tests.nats.ends import until

pytestmark = pytest.mark.nats


class Machine:
    """Another machine, whose clock is ahead by `ahead_us`."""

    def __init__(self, link: Link, ahead_us: int) -> None:
        self.ahead_us = ahead_us
        self.asked = 0
        self.says: bytes | None = None
        self._link = link

    async def answer(self, message: Msg) -> None:
        t1_us = now_us() + self.ahead_us
        self.asked += 1
        question = decode(message.data)
        assert isinstance(question, Time)
        said = self.says or encode(Time(question.t0_us, t1_us, now_us() + self.ahead_us))
        await self._link.publish(message.reply, said)


@pytest.fixture
async def links(config: NatsConfig):
    ours, theirs = Link(config, "relay", lambda: None), Link(config, "node", lambda: None)
    ours.start()
    theirs.start()
    await asyncio.gather(ours.come_up(), theirs.come_up())
    yield ours, theirs
    await asyncio.gather(ours.close(), theirs.close())


@pytest.mark.parametrize("ahead_us", [0, 7_000_000, 10**12])
async def test_another_machines_clock_is_placed_on_ours(links: tuple[Link, Link], ahead_us: int) -> None:
    ours, theirs = links
    machine, ready = Machine(theirs, ahead_us), []
    await theirs.subscribe("posewire.v1.far.time", machine.answer)
    clock = RemoteClock("far", ours, lambda: ready.append(machine.asked))
    assert not clock.ready
    try:
        await until(lambda: clock.ready)
        for _ in range(3):
            now = now_us()
            assert abs(clock.to_ours_us(now + ahead_us) - now) <= clock.error_us
        assert 0 < clock.error_us < 100_000
        assert ready == [FIRST_EXCHANGES]
        machine.ahead_us += 60_000_000  # its machine is started again
        clock.restart()
        assert not clock.ready
        await until(lambda: clock.ready)
        now = now_us()
        assert abs(clock.to_ours_us(now + machine.ahead_us) - now) <= clock.error_us
        assert len(ready) == 2
    finally:
        clock.stop()


async def test_a_node_that_does_not_answer_is_named(links: tuple[Link, Link], monkeypatch, caplog) -> None:
    monkeypatch.setattr("streamer.nats.clock.EXCHANGE_S", 0.01)
    clock = RemoteClock("mute", links[0], lambda: None)
    try:
        await until(lambda: "mute" in caplog.text)
        assert "doesn't answer on posewire.v1.mute.time, so its streams can't be shown" in caplog.text
        assert not clock.ready
    finally:
        clock.stop()


async def test_answers_that_are_none_do_not_count(links: tuple[Link, Link], caplog) -> None:
    ours, theirs = links
    machine = Machine(theirs, 0)
    await theirs.subscribe("posewire.v1.odd.time", machine.answer)
    clock = RemoteClock("odd", ours, lambda: None)
    try:
        for said in (b"\xc1", encode(Time(5, 6, 7)), encode(Time(5))):
            machine.says, machine.asked = said, 0
            await until(lambda: machine.asked > 3)
            assert not clock.ready
        assert "answers for its clock with what isn't ours" in caplog.text
        machine.says = None
        await until(lambda: clock.ready)
    finally:
        clock.stop()
