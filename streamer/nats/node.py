"""A node as a relay knows it: whether it is there, its clock and its streams."""

import logging
from collections.abc import Callable

from protocol.limits import MAX_NAME_LENGTH
from protocol.messages import Hello, Status
from streamer.clock import now_us
from streamer.nats import subjects
from streamer.nats.announcement import Announcement
from streamer.nats.clock import RemoteClock
from streamer.nats.link import Link
from streamer.nats.remote import RemoteStream
from streamer.stream.presence import Presence

log = logging.getLogger("posewire.nats")


class RemoteNode:
    """Lives on the event loop.

    make_presence: of a stream by its id here; None where there is no room for another. withdraw: have clients find a
    stream no more, and why. on_streams: called after each change of `streams`, which are those that clients find, by
    the node's own ids. heard_us: when anything was heard of it.
    """

    def __init__(
        self,
        announced: Announcement,
        link: Link,
        make_presence: Callable[[str], Presence | None],
        withdraw: Callable[[str, str], None],
        on_streams: Callable[[], None],
    ) -> None:
        self.name = announced.node
        self.streams: dict[str, RemoteStream] = {}
        self.heard_us = now_us()
        self._run = announced.run
        self._hello: Hello = announced.hello
        self._make_presence = make_presence
        self._withdraw = withdraw
        self._on_streams = on_streams
        self._lost: str | None = None
        self._refused: set[str] = set()
        self.clock = RemoteClock(self.name, link, self._follow)

    def hear(self, announced: Announcement) -> None:
        """It says what it is, which it does all the time."""
        self.heard_us = now_us()
        self._hello = announced.hello
        if announced.run != self._run:  # started again, perhaps with its machine
            self._run = announced.run
            self.clock.restart()
        if self.clock.ready:
            self._follow()

    def tell(self, status: Status) -> None:
        """It says how a stream is."""
        self.heard_us = now_us()
        stream = self.streams.get(status.stream)
        if stream is not None:
            stream.tell(status.state, status.detail)

    def lose(self, detail: str | None) -> None:
        """It is out of reach, for that reason; or is there again."""
        if detail != self._lost:
            self._lost = detail
            for stream in self.streams.values():
                stream.lose(detail)

    def leave(self, detail: str) -> None:
        """It is gone, and all its streams with it."""
        self.stop()
        for name in list(self.streams):
            self._remove(name, detail)
        self._on_streams()

    def stop(self) -> None:
        """Ask it nothing more."""
        self.clock.stop()

    def _follow(self) -> None:
        infos = {info.id: info for info in self._hello.streams}
        before = list(self.streams)
        for name in before:
            if name not in infos:
                self._remove(name, f"node {self.name} has this stream no more")
        for name, info in infos.items():
            if name in self.streams:
                self.streams[name].describe(info)
            elif (presence := self._admit(name)) is not None:
                self.streams[name] = stream = RemoteStream(self.name, name, self.clock, presence)
                stream.offer(info)
                log.info("stream %s: %s, %dx%d, %g fps", stream.id, stream.label, info.width, info.height, info.fps)
        self.lose(None)
        if before != list(self.streams):
            self._on_streams()

    def _admit(self, name: str) -> Presence | None:
        id = subjects.relayed(self.name, name)
        presence = self._make_presence(id) if subjects.is_stream(name) and len(id) <= MAX_NAME_LENGTH else None
        if presence is None and name not in self._refused and len(self._refused) < MAX_NAME_LENGTH:
            self._refused.add(name)
            log.warning("NATS: stream %s can't be offered: there are too many, or it can't be called so", id[:80])
        return presence

    def _remove(self, name: str, detail: str) -> None:
        id = self.streams.pop(name).id
        log.info("stream %s: gone (%s)", id, detail)
        self._withdraw(id, detail)
