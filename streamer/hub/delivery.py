"""On the way to one client: its connection, what it subscribed to, and the newest frame that it couldn't take yet."""

import time
from typing import Protocol

from protocol.messages import Format, Message, Status
from streamer.guard.share import Share
from streamer.hub.outgoing import Outgoing
from streamer.hub.session import Session, Subscription

WRITE_US = 15.0
"""What writing a frame to a client takes of the event loop's time, about: the system's part is most of it."""


class Outlet(Protocol):
    """A client's connection as the hub sees it; calls never block."""

    paused: bool
    """True while the write buffer isn't empty."""
    paused_since_us: int
    """When `paused` last became true."""

    def write(self, payload: bytes) -> None:
        """Write bytes made by `frame`; nothing happens on a connection that is closing."""

    def frame(self, payload: bytes, format: Format) -> bytes:
        """A message as the bytes of one WebSocket frame, the same for every connection of that format."""

    def abort(self, reason: str) -> None:
        """Drop the connection at once."""


class Delivery:
    """One subscription's frames of one stream, on their way to one client."""

    __slots__ = (
        "client",
        "dropped",
        "due_us",
        "held",
        "interval_us",
        "reported",
        "stream",
        "sub_id",
        "view",
        "write_us",
    )

    def __init__(self, client: "Client", subscription: Subscription, stream: str) -> None:
        self.client = client
        self.sub_id = subscription.id
        self.view = subscription.view
        self.stream = stream
        self.interval_us = subscription.interval_us
        self.due_us = 0
        self.held: Outgoing | None = None
        self.dropped = 0
        self.reported = 0
        self.write_us = 0.0
        """What a frame costs its address's share even where it is encoded already: nothing for a client's first."""

    def is_due(self, t_us: int) -> bool:
        """Whether max_fps lets the frame captured at `t_us` pass; on average, not from frame to frame."""
        if t_us < self.due_us:
            return False
        late_us = t_us - self.due_us
        if late_us > 2 * self.interval_us:  # the first frame, or one after a gap, which isn't caught up with a burst
            self.due_us = t_us + self.interval_us
        else:  # keep the schedule, so that uneven frame times don't lower the rate
            self.due_us = max(self.due_us + self.interval_us, t_us)
        return True

    def encoded(self, outgoing: Outgoing) -> tuple[bytes, float]:
        """The bytes to write, and what of the event loop's time making them took, in microseconds."""
        start_ns = time.thread_time_ns()
        format = self.client.session.format
        wire = self.client.outlet.frame(outgoing.message(self.view, format, self.sub_id), format)
        return wire, (time.thread_time_ns() - start_ns) / 1000


class Client:
    """A connected client: its session, its connection and what is on the way to it."""

    def __init__(self, session: Session, outlet: Outlet, share: Share | None = None) -> None:
        """share: what the clients of its address have together; by default it is alone there."""
        self.session = session
        self.outlet = outlet
        self.share = share or Share()
        self.deliveries: dict[tuple[Subscription, str], Delivery] = {}
        self.held_statuses: dict[str, Status] = {}

    def note_costs(self) -> None:
        """After any change of `deliveries`: one of each stream is for nothing, as every viewer has that."""
        streams: set[str] = set()
        for delivery in self.deliveries.values():
            delivery.write_us = WRITE_US if delivery.stream in streams else 0.0
            streams.add(delivery.stream)

    def send(self, message: Message) -> None:
        """Write a message now; callers look at `outlet.paused` first."""
        payload = self.session.encode(message)
        self.outlet.write(self.outlet.frame(payload, self.session.format))
