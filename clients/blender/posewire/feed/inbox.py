"""What came from a server: filled by the connection's thread, read by everyone else."""

import threading
from dataclasses import replace

from .channel import Channel
from .clock import ClockSync
from .limits import MAX_STREAMS
from .messages import Dropped, Frame, Hello, Status, StreamInfo
from .session import Session
from .take import TakeRecorder


class Inbox:
    """Outlives connections: what came last stays until something newer comes. wanted: what is subscribed to."""

    def __init__(self, wanted: str = "*") -> None:
        self._wanted = wanted
        self._lock = threading.Lock()
        self._channels: dict[str, Channel] = {}
        self._dropped_before = 0
        self._dropped: dict[str, int] = {}
        self.hello: Hello | None = None
        self.landmarks: tuple[str, ...] = ()
        self.statuses: dict[str, Status] = {}
        self.clock = ClockSync()
        self.received = 0
        self.recorder: TakeRecorder | None = None

    def greet(self, hello: Hello, clock: ClockSync) -> None:
        """A new connection begins."""
        with self._lock:
            self._dropped_before += sum(self._dropped.values())
            self._dropped = {}
            # Streams that this server hasn't are no longer shown, nor kept.
            known = {stream.id for stream in hello.streams}
            self._channels = {id: channel for id, channel in self._channels.items() if id in known}
        self.hello, self.clock = hello, clock
        self.statuses = {}

    def subscribe(self, session: Session) -> None:
        """The subscription stands."""
        self.landmarks = session.landmarks

    def put(self, frame: Frame, arrival_us: int, clock: ClockSync) -> None:
        """A frame came."""
        with self._lock:
            channel = self._channels.setdefault(frame.stream, Channel())
        channel.put(frame, arrival_us, clock)
        self.received += 1
        if self.recorder is not None:
            self.recorder.add(frame, clock)

    def drop(self, message: Dropped) -> None:
        """The server left out frames."""
        with self._lock:
            more = message.total - self._dropped.get(message.stream, 0)
            self._dropped[message.stream] = message.total
        if self.recorder is not None:
            self.recorder.drop(message.stream, max(0, more))

    def tell(self, status: Status) -> None:
        """A stream changed its state, came or went."""
        # Another dict, so that whoever holds the old one isn't disturbed.
        statuses = {**self.statuses, status.stream: status}
        if status.gone:
            with self._lock:
                self._channels.pop(status.stream, None)
                self._dropped_before += self._dropped.pop(status.stream, 0)
            if status.stream != self._wanted:  # of streams that are gone only that one is remembered
                del statuses[status.stream]
        self.statuses = statuses
        if self.hello is not None:
            self.hello = replace(self.hello, streams=_follow(self.hello.streams, status))

    def lose(self, reason: str) -> None:
        """The connection ended."""
        if self.recorder is not None:
            self.recorder.lose(reason)

    @property
    def dropped(self) -> int:
        """Frames that the server left out, over all connections."""
        with self._lock:
            return self._dropped_before + sum(self._dropped.values())

    def channel(self, stream: str) -> Channel | None:
        """Of a stream; `*`: the first in the server's order that frames came from. None where none came."""
        with self._lock:
            if stream != "*":
                return self._channels.get(stream)
            order = [info.id for info in self.hello.streams] if self.hello is not None else []
            return next((self._channels[id] for id in [*order, *self._channels] if id in self._channels), None)


def _follow(streams: tuple[StreamInfo, ...], status: Status) -> tuple[StreamInfo, ...]:
    """The server's streams after the news of one."""
    known = {info.id: info for info in streams}
    if status.gone:
        known.pop(status.stream, None)
    elif status.info is not None and (status.stream in known or len(known) < MAX_STREAMS):
        known[status.stream] = status.info
    return tuple(known.values())
