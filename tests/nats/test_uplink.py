import asyncio
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from protocol import Frame, Status, Time, decode, encode
from protocol.limits import MAX_SERVER_MESSAGE_BYTES
from protocol.messages import FIELDS
from streamer.clock import now_us
from streamer.config import NatsConfig
from streamer.errors import UsageError
from streamer.nats import announcement, subjects
from streamer.nats.announcement import Announcement
from streamer.nats.link import Link
from tests.nats.ends import INFO, named, node, same_numbers, until
from tests.nats_server import nats_server

pytestmark = pytest.mark.nats


class Witness:
    """Hears all that is said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bytes]] = []

    async def take(self, message: Msg) -> None:
        self.said.append((message.subject, message.data))

    def on(self, subject: str) -> list[bytes]:
        return [data for said, data in self.said if said == subject]

    def hellos(self, name: str = "studio") -> list[Announcement]:
        return [announcement.decode(data) for data in self.on(subjects.hello(name))]


@pytest.fixture
async def witness(config: NatsConfig):
    ear, link = Witness(), Link(config, "witness", lambda: None)
    link.start()
    await link.come_up()
    await link.subscribe("posewire.>", ear.take)
    ear.link = link  # type: ignore[attr-defined]
    yield ear
    await link.close()


async def test_a_node_says_what_it_is_and_what_it_sees(config: NatsConfig, witness: Witness) -> None:
    async with node(config) as studio:
        await until(lambda: studio.hub.wanted("cam"))
        made = studio.publish()
        await until(lambda: witness.on(subjects.frame("studio", "cam")))
        frame = decode(witness.on(subjects.frame("studio", "cam"))[0], max_bytes=MAX_SERVER_MESSAGE_BYTES)
        assert isinstance(frame, Frame)
        assert (frame.stream, frame.seq, frame.t_us) == ("cam", 1, made.t_us)
        assert all(getattr(frame.poses[0], field) is not None for field in FIELDS)
        assert same_numbers(made, frame)
        await until(lambda: len(witness.hellos()) >= 3)  # its heartbeat
        first, *others = witness.hellos()
        assert first.hello.streams == (INFO,)
        assert {other.run for other in others} == {first.run}
        studio.hub.announce(studio.catalog.set_state("cam", "lost", "unplugged", now_us()))
        await until(lambda: witness.on(subjects.status("studio", "cam")))
        told = decode(witness.on(subjects.status("studio", "cam"))[0])
        assert isinstance(told, Status)
        assert (told.state, told.detail) == ("lost", "unplugged")
        assert dict.fromkeys(studio.uplink.fates()) == {("cam", "sent", 1): None}
    await until(lambda: witness.hellos()[-1].hello.streams == ())  # its leave


async def test_whoever_asks_is_answered_at_once(config: NatsConfig, witness: Witness) -> None:
    async with node(config) as studio:
        await until(lambda: studio.hub.wanted("cam"))
        studio.catalog.set_state("cam", "lost", "unplugged", now_us())
        witness.said.clear()
        link: Link = witness.link  # type: ignore[attr-defined]
        await link.publish(subjects.WHO, b"")
        await until(lambda: witness.hellos(), 0.4)
        await until(lambda: witness.on(subjects.status("studio", "cam")))  # why it is as the hello has it
        answer = await link.request(subjects.time("studio"), encode(Time(11)), 5)
        assert answer is not None
        found = decode(answer)
        assert isinstance(found, Time)
        assert found.t0_us == 11
        assert found.t1_us is not None
        assert found.t2_us is not None
        assert found.t1_us <= found.t2_us <= now_us()
        assert await link.request(subjects.time("studio"), b"nonsense", 0.3) is None


async def test_the_newest_frame_of_each_stream_goes_out(config: NatsConfig, witness: Witness) -> None:
    async with node(config, "studio", INFO, named("side")) as studio:
        await until(lambda: studio.hub.wanted("cam"))
        for _ in range(5):
            studio.publish()
            studio.publish(stream="side")
        await until(lambda: len(witness.said) and witness.on(subjects.frame("studio", "side")))
        assert [decode(data).seq for data in witness.on(subjects.frame("studio", "cam"))] == [9]
        assert [decode(data).seq for data in witness.on(subjects.frame("studio", "side"))] == [10]
        assert sorted(studio.uplink.fates()) == [
            *(("cam", "replaced", 4), ("cam", "sent", 1), ("side", "replaced", 4), ("side", "sent", 1)),
        ]


async def test_of_two_with_one_name_the_later_is_silent(config: NatsConfig, witness: Witness, caplog) -> None:
    async with node(config) as first:
        await until(lambda: first.hub.wanted("cam"))
        async with node(config) as second:
            await until(lambda: "another node is called studio" in caplog.text)
            await asyncio.sleep(2)
            assert second.uplink.fault == "another node is called studio"
            assert not second.hub.wanted("cam")
            assert first.hub.wanted("cam")
            assert len({hello.run for hello in witness.hellos() if hello.hello.streams}) == 1
            await first.uplink.close()
            await until(lambda: second.hub.wanted("cam"))
            await until(lambda: len({hello.run for hello in witness.hellos()}) == 2)


async def test_while_nats_is_away_nothing_waits(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        config = NatsConfig(servers=(server.url,))
        async with node(config) as studio:
            await until(lambda: studio.hub.wanted("cam"))
            server.kill()
            await until(lambda: not studio.hub.wanted("cam"))
            for _ in range(5):
                studio.publish()
            server.restart()
            ear, link = Witness(), Link(config, "witness", lambda: None)
            link.start()
            await link.come_up()
            await link.subscribe("posewire.>", ear.take)
            await until(lambda: studio.hub.wanted("cam") and ear.hellos())
            studio.publish()
            await until(lambda: ear.on(subjects.frame("studio", "cam")))
            assert [decode(data).seq for data in ear.on(subjects.frame("studio", "cam"))] == [6]
            await link.close()


def test_a_name_that_can_not_be() -> None:
    with pytest.raises(UsageError, match="can't be called 'two words'"):
        subjects.check_node("two words", ["cam"])


async def test_what_comes_under_its_name_and_is_none_of_ours(config: NatsConfig, witness: Witness, caplog) -> None:
    async with node(config) as studio:
        await until(lambda: studio.hub.wanted("cam"))
        link: Link = witness.link  # type: ignore[attr-defined]
        await link.publish(subjects.hello("studio"), b"\xc1")
        await until(lambda: "isn't ours" in caplog.text)
        assert studio.hub.wanted("cam")
