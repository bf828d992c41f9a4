"""A relay: the streams of all nodes on NATS, offered to clients here as if they were its own."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from nats.aio.msg import Msg

from protocol.codec import decode
from protocol.errors import BAD_VALUE, ProtocolError
from protocol.limits import MAX_STREAMS
from protocol.messages import Status
from streamer.clock import now_us
from streamer.config import NatsConfig
from streamer.hub.hub import Hub
from streamer.nats import announcement, subjects
from streamer.nats.link import Link, end
from streamer.nats.node import RemoteNode
from streamer.nats.remote import RemoteStream
from streamer.nats.uplink import HEARTBEAT_S
from streamer.output import Outputs
from streamer.stream.presence import Presence

MAX_NODES: Final = MAX_STREAMS
LOST_S: Final = 3 * HEARTBEAT_S
"""A node that is silent for so long is out of reach, and so are its streams."""
FORGET_S: Final = 30.0
"""After which it is taken to have gone. While NATS is away nobody is forgotten."""
LOOK_S: Final = 0.1
FIRST_WAIT_S: Final = 1.5
"""At the start, for NATS and whoever is there: clients of another relay may come at once, and ask for streams."""

log = logging.getLogger("posewire.nats")


class Relay:
    """Lives on the event loop. streams: those offered now. Raises UsageError for what can't be used."""

    needed: Final = True

    def __init__(self, config: NatsConfig, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self.streams: list[RemoteStream] = []
        self._hub = hub
        self._loop = loop
        self._link = Link(config, "posewire relay", self._on_change)
        self._nodes: dict[str, RemoteNode] = {}
        self._taken: dict[str, RemoteStream] = {}
        self._interest = asyncio.Event()
        self._found = asyncio.Event()
        self._connected_us = now_us()
        self._refused: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        """Whether NATS is there."""
        return self._link.connected

    @property
    def fault(self) -> str:
        """Why nothing comes, in words; empty where it does."""
        return self._link.fault

    def fates(self) -> Iterator[tuple[str, str, int]]:
        """What became of each stream's frames that came."""
        for stream in self.streams:
            for fate, count in (
                ("shown", stream.inferred),
                ("replaced", stream.missed),
                ("stale", stream.stale),
                ("broken", stream.broken),
            ):
                yield stream.id, fate, count

    def clocks(self) -> Iterator[tuple[str, int]]:
        """Nodes, and by how much their clocks may be off here, in microseconds."""
        for node in self._nodes.values():
            if node.clock.ready:
                yield node.name, node.clock.error_us

    async def start(self) -> None:
        """Begin, and find out whom there is; NATS may come later."""
        self._hub.on_interest = self._interest.set
        await self._link.subscribe(subjects.HELLOS, self._on_hello)
        await self._link.subscribe(subjects.STATUSES, self._on_status)
        self._tasks = [asyncio.create_task(work()) for work in (self._follow_interest, self._watch)]
        self._link.start()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._found.wait(), FIRST_WAIT_S)

    async def close(self) -> None:
        """End."""
        await end(self._tasks)
        for node in self._nodes.values():
            node.stop()
        await self._link.close()

    def _on_change(self) -> None:
        self._connected_us = now_us()
        self._interest.set()

    async def _on_hello(self, message: Msg) -> None:
        try:
            announced = announcement.decode(message.data)
            if announced.node != subjects.node_of(message.subject) or not subjects.is_node(announced.node):
                raise ProtocolError(BAD_VALUE, f"its node is {announced.node[:40]!r}")
        except ProtocolError as error:
            self._complain(message.subject, error.message)
            return
        node = self._nodes.get(announced.node)
        if not announced.hello.streams:
            if node is not None:
                self._forget(node, f"node {announced.node} has left")
        elif node is not None:
            node.hear(announced)
        elif len(self._nodes) < MAX_NODES:
            make = (self._make_presence, self._hub.withdraw, self._note_streams)
            self._nodes[announced.node] = RemoteNode(announced, self._link, *make)
        else:
            self._complain(message.subject, f"there are {MAX_NODES} nodes already")

    async def _on_status(self, message: Msg) -> None:
        node = self._nodes.get(subjects.node_of(message.subject))
        try:
            status = decode(message.data)
        except ProtocolError as error:
            self._complain(message.subject, error.message)
            return
        if node is not None and isinstance(status, Status):
            node.tell(status)

    def _make_presence(self, id: str) -> Presence | None:
        room = len(self._hub.catalog.streams) < MAX_STREAMS
        return Presence(id, self._hub, Outputs((), ()), self._loop) if room else None

    def _note_streams(self) -> None:
        # The same list: others hold it.
        self.streams[:] = [stream for node in self._nodes.values() for stream in node.streams.values()]
        self._interest.set()
        self._found.set()

    async def _follow_interest(self) -> None:
        """Take those streams' frames from NATS that somebody here watches, and no others'."""
        while True:
            await self._interest.wait()
            self._interest.clear()
            wanted = {stream.subject: stream for stream in self.streams if self._hub.taken(stream.id)}
            for subject in self._taken.keys() - wanted.keys():
                await self._link.unsubscribe(subject)
            for subject, stream in wanted.items():
                if self._taken.get(subject) is not stream:
                    await self._link.unsubscribe(subject)
                    await self._link.subscribe(subject, _hand_to(stream))
            self._taken = wanted

    async def _watch(self) -> None:
        asked = False
        while True:
            if self.connected != asked:
                asked = self.connected and await self._link.publish(subjects.WHO, b"")
            self._judge()
            await asyncio.sleep(LOOK_S)

    def _judge(self) -> None:
        now = now_us()
        for node in list(self._nodes.values()):
            silent_us = now - max(node.heard_us, self._connected_us)
            if not self.connected:
                if silent_us > LOST_S * 1e6:
                    node.lose(f"NATS is away: {self.fault}")
            elif silent_us > FORGET_S * 1e6:
                self._forget(node, f"node {node.name} is gone")
            elif silent_us > LOST_S * 1e6:
                node.lose(f"node {node.name} is out of reach")

    def _forget(self, node: RemoteNode, why: str) -> None:
        del self._nodes[node.name]
        node.leave(why)

    def _complain(self, subject: str, reason: str) -> None:
        if subject not in self._refused and len(self._refused) < MAX_NODES:
            self._refused.add(subject)
            log.warning("NATS: what comes on %s can't be used: %s", subject, reason)


def _hand_to(stream: RemoteStream):  # type: ignore[no-untyped-def]
    async def take(message: Msg) -> None:
        stream.frame(message.data)

    return take
