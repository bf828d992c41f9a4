"""A node's way to NATS: what its hub hands over goes out once, the newest of each stream, or not at all."""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Final

from nats.aio.msg import Msg

from protocol.codec import decode, encode
from protocol.errors import ProtocolError
from protocol.messages import Status, Time
from streamer.clock import now_us
from streamer.config import NatsConfig
from streamer.hub.catalog import Catalog
from streamer.hub.session import describe
from streamer.nats import announcement, subjects
from streamer.nats.announcement import Announcement
from streamer.nats.link import Link, end

HEARTBEAT_S: Final = 0.5
LISTEN_S: Final = 3 * HEARTBEAT_S
"""Before it says anything, a node that has just been started listens whether another has its name."""
RIVAL_S: Final = 4 * HEARTBEAT_S
"""A node of the same name that wasn't heard for so long is gone."""
GOODBYE_S: Final = 0.5

log = logging.getLogger("posewire.nats")


class Uplink:
    """Lives on the event loop, but for what says otherwise.

    node: what it is called.
    """

    needed: Final = False

    def __init__(self, config: NatsConfig, node: str, catalog: Catalog) -> None:
        """Raises UsageError for what can't be used."""
        self.node = node
        self._fates: Counter[tuple[str, str]] = Counter()
        self._catalog = catalog
        self._run = secrets.token_hex(6)
        self._link = Link(config, f"posewire node {node}", self._on_change)
        self._news = asyncio.Event()
        self._frames: dict[str, bytes] = {}
        self._statuses: dict[str, Status] = {}
        self._hello_due = False
        self._open = False
        self._rival_until_us = 0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        """Whether NATS is there."""
        return self._link.connected

    @property
    def fault(self) -> str:
        """Why nothing goes out, in words; empty where it does."""
        if self._has_rival:
            return f"another node is called {self.node}"
        return self._link.fault

    def fates(self) -> Iterator[tuple[str, str, int]]:
        """What became of each stream's frames: sent, or replaced by a newer one before."""
        for (stream, fate), count in self._fates.items():
            yield stream, fate, count

    def clocks(self) -> Iterator[tuple[str, int]]:
        """None: it is the relays that ask."""
        return iter(())

    async def start(self) -> None:
        """Begin; NATS may come later."""
        self._link.start()
        self._tasks = [asyncio.create_task(work()) for work in (self._begin, self._send, self._beat)]

    async def close(self) -> None:
        """Take leave, and end."""
        await end(self._tasks)
        if self._may_speak:
            left = Announcement(self.node, self._run, describe(Catalog(), now_us()))
            goodbye = self._link.publish(subjects.hello(self.node), announcement.encode(left))
            await asyncio.wait([asyncio.ensure_future(goodbye)], timeout=GOODBYE_S)
        await self._link.close()

    def want(self, stream: str) -> bool:
        """Whether frames go anywhere. Any thread may ask."""
        return self._may_speak

    def frame(self, stream: str, seq: int, t_us: int, data: bytes) -> None:
        """Publish a frame message, in place of one that hasn't gone."""
        if stream in self._frames:
            self._fates[stream, "replaced"] += 1
        self._frames[stream] = data
        self._news.set()

    def status(self, status: Status) -> None:
        """Publish the news of a stream."""
        self._hello_due = self._hello_due or status.info is not None
        self._statuses[status.stream] = status
        self._news.set()

    @property
    def _has_rival(self) -> bool:
        return now_us() < self._rival_until_us

    @property
    def _may_speak(self) -> bool:
        return self._open and self._link.connected and not self._has_rival

    def _on_change(self) -> None:
        # What was to go out when the connection went is old when it is back.
        self._frames.clear()
        self._statuses.clear()
        self._hello_due = True
        self._news.set()

    async def _begin(self) -> None:
        await self._link.subscribe(subjects.hello(self.node), self._hear)
        await self._link.subscribe(subjects.time(self.node), self._tell_time)
        await self._link.subscribe(subjects.WHO, self._on_question)
        await self._link.come_up()
        await asyncio.sleep(LISTEN_S)
        self._open = self._hello_due = True
        self._news.set()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self._hello_due = True
            self._news.set()

    async def _send(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._may_speak and (self._hello_due or self._statuses or self._frames):
                await self._send_one()
            self._statuses.clear()
            self._frames.clear()

    async def _send_one(self) -> None:
        if self._hello_due:
            self._hello_due = False
            now = Announcement(self.node, self._run, describe(self._catalog, now_us()))
            await self._link.publish(subjects.hello(self.node), announcement.encode(now))
            # Whoever reads this for the first time knows states from it, but not why they are so.
            for info in self._catalog.streams:
                status = self._catalog.status(info.id)
                if status.detail:
                    self._statuses.setdefault(info.id, status)
        elif self._statuses:
            stream = next(iter(self._statuses))
            await self._link.publish(subjects.status(self.node, stream), encode(self._statuses.pop(stream)))
        else:
            stream = next(iter(self._frames))
            if await self._link.publish(subjects.frame(self.node, stream), self._frames.pop(stream)):
                self._fates[stream, "sent"] += 1

    async def _hear(self, message: Msg) -> None:
        """Our own messages don't come back: this is another of our name. The one that spoke first goes on."""
        try:
            other = announcement.decode(message.data)
        except ProtocolError as error:
            log.warning("NATS: something on %s that isn't ours: %s", message.subject, error.message)
            return
        if not other.hello.streams:
            self._rival_until_us = 0
        elif not self._open or self._has_rival or other.run < self._run:
            if not self._has_rival:
                log.error(
                    "NATS: another node is called %s; nothing goes out while it is there (--node chooses a name)",
                    self.node,
                )
            self._rival_until_us = now_us() + round(RIVAL_S * 1e6)

    async def _tell_time(self, message: Msg) -> None:
        t1_us = now_us()
        try:
            question = decode(message.data)
        except ProtocolError:
            return
        if isinstance(question, Time) and subjects.is_inbox(message.reply):
            await self._link.publish(message.reply, encode(Time(question.t0_us, t1_us, now_us())))

    async def _on_question(self, message: Msg) -> None:
        self._hello_due = True
        self._news.set()
