"""The page on a relay: streams of real nodes over a real nats-server come and go, and the page follows."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.msg import Msg

from protocol import StreamInfo, Time, decode, encode
from streamer.clock import now_us
from streamer.hub.catalog import Catalog
from streamer.hub.session import describe
from streamer.nats import announcement, subjects
from streamer.nats.announcement import Announcement
from tests.browser import Page, browse
from tests.harness import ServerProcess, raw_client, receive_type, running_server
from tests.nats_server import NatsServer, nats_server

START_MS = 40_000  # of a node, with its engine
MOVED = "posewire.state === 'live' && posewire.frame?.poses.length > 0 && posewire.frames > {frames}"
OPTIONS = '[...document.querySelectorAll("#stream option")].map(({ text }) => text)'

GROUPS = '[...document.querySelectorAll("#stream optgroup")].map(({ label, children }) => [label, children.length])'

pytestmark = [pytest.mark.browser, pytest.mark.nats]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    with nats_server(tmp_path) as server:
        yield server


@pytest.fixture
def relay(tmp_path: Path, broker: NatsServer) -> Iterator[ServerProcess]:
    with running_server(tmp_path, "--nats", broker.url, command="relay") as server:
        yield server


def node(folder: Path, broker: NatsServer, name: str, *streams: str) -> AbstractContextManager[ServerProcess]:
    sources = [word for stream in streams for word in ("--source", f"{stream}=demo")]
    return running_server(folder, "--model", "lite", "--nats", broker.url, "--node", name, *sources)


@contextmanager
def announced(server: NatsServer, nodes: dict[str, int]) -> Iterator[None]:
    """Nodes with so many streams each, but no frames: they announce themselves, know the time, and take their leave."""
    ends = threading.Event()

    async def speak() -> None:
        client = await nats.connect(server.url)

        async def tell_time(message: Msg) -> None:
            question = decode(message.data)
            assert isinstance(question, Time)
            await message.respond(encode(Time(question.t0_us, now_us(), now_us())))

        for name in nodes:
            await client.subscribe(subjects.time(name), cb=tell_time)
        while not ends.is_set():
            for name, count in nodes.items():
                await client.publish(subjects.hello(name), announcement.encode(announce(name, count)))
            await asyncio.sleep(0.3)
        for name in nodes:
            await client.publish(subjects.hello(name), announcement.encode(announce(name, 0)))
        await client.drain()

    thread = threading.Thread(target=lambda: asyncio.run(speak()))
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def announce(name: str, count: int) -> Announcement:
    catalog = Catalog()
    for i in range(count):
        catalog.add(StreamInfo(f"cam-{i + 1}", 1280, 720, 30.0, "openvino", "full"), now_us())
    return Announcement(name, "a-run", describe(catalog, now_us()))


def said(page: Page) -> list[str]:
    """What the notice over the views says, but for empty lines."""
    return [text for part in ("title", "server", "detail") if (text := page.text(f"#notice-{part}"))]


def until_it_moves(page: Page) -> None:
    page.until(MOVED.format(frames=page.ask("posewire.frames") + 10), START_MS)
    first = page.ask("[...posewire.space.slice(0, 99)]")
    page.until(f"posewire.space.slice(0, 99).some((x, i) => Math.abs(x - {first}[i]) > 0.5)")
    page.until('document.querySelector("#notice").hidden')


def test_a_node_comes_goes_and_comes_back(tmp_path: Path, broker: NatsServer, relay: ServerProcess) -> None:
    with browse(relay.url) as page:
        page.until("posewire.state === 'waiting'")
        assert said(page) == ["No stream is there yet", "The first that comes is shown at once."]
        assert page.ask("posewire.stream") is None
        with node(tmp_path, broker, "hall", "cam") as hall:
            until_it_moves(page)
            assert page.ask("posewire.stream") == "hall.cam"
            assert page.ask('document.querySelector("#picker").innerText').endswith("hall.cam"), "it says whose it is"
            assert hall.stop() == 0
        page.until("posewire.state === 'gone'")
        assert said(page) == [
            "hall.cam is not there at the moment",
            "Node hall has left.",
            "It is shown again as soon as it is back.",
        ]
        page.do('await page.click("#language") && null')
        page.until('document.querySelector("#notice-title").textContent === "hall.cam 目前不在"')
        page.do('await page.click("#language") && null')
        with node(tmp_path, broker, "studio", "cam"):
            page.until(f"{OPTIONS}.length === 2", START_MS)
            assert page.ask(OPTIONS) == ["hall.cam (gone)", "studio.cam"]
            assert page.ask("posewire.state") == "gone", "the choice is the viewer's"
            with node(tmp_path, broker, "hall", "cam"):
                until_it_moves(page)
                assert page.ask("posewire.stream") == "hall.cam"
                assert page.ask(OPTIONS) == ["hall.cam", "studio.cam"]
                page.do('await page.selectOption("#stream", "studio.cam") && null')
                until_it_moves(page)
                assert page.ask("posewire.stream") == "studio.cam"


def test_a_relay_has_only_what_nodes_bring(tmp_path: Path, broker: NatsServer, relay: ServerProcess) -> None:
    with node(tmp_path, broker, "hall", "cam"), browse(relay.url) as page:
        until_it_moves(page)
        page.until('document.querySelector("#recordings").hidden && document.querySelector("#preview").hidden')
        page.do('await page.click("#tuning summary") && null')
        page.until('!document.querySelector("#of-node").hidden')
        assert "hall" in page.text("#of-node")
        assert page.ask('["set", "restart", "read-only"].every((id) => document.getElementById(id).hidden)') is True
        page.until("posewire.trace.samples > 10", START_MS)
        page.do('await page.click("#devices") && null')
        page.until('!document.querySelector("#alone").hidden')
        assert page.text("#open-command").startswith("posewire relay --nats ")
        page.do('await page.click("#invitation [data-close]") && null')
        page.do('await page.click("#choose") && null')
        page.until('parseFloat(document.querySelector("#wish-fps").textContent) > 1', START_MS)
        address = page.text("#wish-address")
        with raw_client(relay, address[address.index("?") :]) as socket:
            assert receive_type(socket, "frame")["stream"] == "hall.cam"


def test_two_dozen_streams_are_found_by_their_nodes(broker: NatsServer, relay: ServerProcess) -> None:
    with browse(relay.url, width=390) as page:
        with announced(broker, {"hall-10": 6, "hall-2": 6, "studio": 12}):
            page.until(f"{OPTIONS}.length === 24")
            assert page.ask(GROUPS) == [["hall-2", 6], ["hall-10", 6], ["studio", 12]]
            assert page.ask("document.documentElement.scrollWidth") == 390
            chosen = page.ask("posewire.stream")
        page.until("posewire.state === 'gone'")
        page.until(f"{OPTIONS}.length === 1")
        assert page.ask(OPTIONS) == [f"{chosen} (gone)"]


def test_the_chosen_stream_is_waited_for_at_a_relay_that_starts_again(tmp_path: Path, broker: NatsServer) -> None:
    with running_server(tmp_path, "--nats", broker.url, command="relay") as first:
        with node(tmp_path, broker, "hall", "cam") as hall, browse(first.url) as page:
            until_it_moves(page)
            assert first.stop() == 0
            page.until("posewire.state === 'reconnecting'")
            assert hall.stop() == 0
            with running_server(tmp_path, "--nats", broker.url, port=first.port, command="relay"):
                page.until("posewire.state === 'gone'")
                with node(tmp_path, broker, "hall", "cam"):
                    until_it_moves(page)
