import asyncio
import logging
from dataclasses import replace

import pytest

from protocol import StreamInfo, Subscribe
from protocol.messages import SOLVED_FIELDS
from streamer.hub.catalog import Catalog
from streamer.hub.hub import Hub
from streamer.output import Outputs
from streamer.stream.presence import Presence
from tests.pipes import connect, estimate

INFO = StreamInfo("a", 640, 480, 30.0, "scripted", "full")


@pytest.fixture
def hub() -> Hub:
    return Hub(Catalog())


async def test_it_is_offered_watched_and_brought_to_everyone(hub: Hub) -> None:
    presence = Presence("a", hub, Outputs((), ()), asyncio.get_running_loop())
    presence.offer(INFO)
    assert (presence.watched, presence.wanted, presence.published_us) == (False, frozenset(), 0)
    _, pipe = connect(hub, Subscribe(1, "a", ("image", "angles")))
    assert (presence.watched, presence.wanted) == (True, {"angles"})
    pipe.paused = True
    assert not presence.behind
    presence.publish(replace(estimate(), solved=SOLVED_FIELDS))
    assert presence.behind
    assert presence.published_us > 0


async def test_an_output_watches_too(hub: Hub) -> None:
    outputs = Outputs(["127.0.0.1:9"], ())
    presence = Presence("a", hub, outputs, asyncio.get_running_loop())
    assert (presence.watched, presence.wanted) == (True, {"bones"})
    outputs.start()
    await asyncio.to_thread(outputs.stop, 10)


async def test_a_size_that_changed_is_told_before_the_frame(hub: Hub) -> None:
    presence = Presence("a", hub, Outputs((), ()), asyncio.get_running_loop())
    presence.offer(StreamInfo("a", 480, 640, 30.0, "scripted", "full"))
    _, pipe = connect(hub, Subscribe(1, "a", ("image",)))
    presence.publish(estimate(1))
    presence.publish(estimate(2))
    status, *frames = pipe.messages()
    assert (status.info.width, status.info.height) == (640, 480)
    assert [frame.seq for frame in frames] == [1, 2]


async def test_news_are_told_once_and_not_of_what_nobody_knows(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "posewire")
    presence = Presence("a", hub, Outputs((), ()), asyncio.get_running_loop())
    presence.announce("lost", "unplugged")
    assert not caplog.records
    presence.offer(INFO)
    _, pipe = connect(hub, Subscribe(1, "a"))
    for news in [("lost", "unplugged"), ("lost", "unplugged"), ("live", "")]:
        presence.announce(*news)
    assert [(status.state, status.detail) for status in pipe.messages()] == [("lost", "unplugged"), ("live", "")]
    assert [record.getMessage() for record in caplog.records] == ["stream a: lost (unplugged)", "stream a: live"]


async def test_other_threads_ask_by_the_loop(hub: Hub) -> None:
    loop = asyncio.get_running_loop()
    presence = Presence("a", hub, Outputs((), ()), loop)
    done: asyncio.Future[int] = loop.create_future()
    await asyncio.to_thread(presence.call, done.set_result, 7)
    assert await asyncio.wait_for(done, 10) == 7
