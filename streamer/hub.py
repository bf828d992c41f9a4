"""Fan-out: each frame is encoded once per distinct view and written once per client; a slow client sees fewer frames.

In front of every client stands a latest-wins slot per subscription and stream. While a connection's write buffer isn't
empty nothing more is written to it: the newest frame is held, replacing the one held before, which counts as dropped,
and goes out when the buffer has drained. It is held as an estimate, which all who wait share, and encoded when it goes
out: a client that stops reading costs its socket's buffer and no more, however many subscriptions it has.
"""

from dataclasses import replace
from typing import Protocol

from protocol.messages import SOLVED_FIELDS, Dropped, Field, Format, Message, Status
from streamer.catalog import Catalog
from streamer.clock import now_us
from streamer.outgoing import Estimate, Outgoing, encode_recorded, on_demand
from streamer.session import Session, Subscription, View
from streamer.source.base import Image
from streamer.stages import Stages

STALL_LIMIT_US = 10_000_000
"""A connection that took no byte for this long while data waits for it is closed."""


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


class Recordings(Protocol):
    """What keeps streams, as the hub sees it; calls never block. It gets every frame, however slow its disk is."""

    def want(self, stream: str) -> bool:
        """Whether a stream is being recorded. Any thread may ask."""

    def frame(self, stream: str, seq: int, t_us: int, sent_us: int, data: bytes) -> None:
        """Keep a frame message, and its head."""

    def status(self, status: Status) -> None:
        """Keep the news of a stream."""

    def picture(self, stream: str, t_us: int, image: Image) -> None:
        """Keep what a camera saw, where that is wanted. Any thread may call."""


class Delivery:
    """One subscription's frames of one stream, on their way to one client."""

    __slots__ = ("client", "dropped", "due_us", "held", "interval_us", "reported", "stream", "sub_id", "view")

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


class Client:
    """A connected client: its session, its connection and what is on the way to it."""

    def __init__(self, session: Session, outlet: Outlet) -> None:
        self.session = session
        self.outlet = outlet
        self.deliveries: dict[tuple[Subscription, str], Delivery] = {}
        self.held_statuses: dict[str, Status] = {}

    def send(self, message: Message) -> None:
        """Write a message now; callers look at `outlet.paused` first."""
        payload = self.session.encode(message)
        self.outlet.write(self.outlet.frame(payload, self.session.format))


Group = tuple[View, Format, int]


class Counts:
    """What became of one stream's estimates. Frames until they are published, then one for each delivery.

    inferred: estimates made. published: those that came here. sent: written to a client. dropped: replaced by a newer
    one before a slow client took them. thinned: left out for a subscription's max_fps. held: deliveries at this moment
    whose client hasn't taken the frame before yet.
    """

    __slots__ = ("dropped", "held", "inferred", "published", "sent", "stages", "thinned")

    def __init__(self) -> None:
        self.inferred = self.published = self.sent = self.dropped = self.thinned = self.held = 0
        self.stages = Stages()


class Hub:
    """All clients and their subscriptions. Lives on the event loop; nothing in it waits."""

    def __init__(self, catalog: Catalog, recordings: Recordings | None = None) -> None:
        self.catalog = catalog
        self.recordings = recordings
        self.clients: set[Client] = set()
        self._counts: dict[str, Counts] = {}
        self._groups: dict[str, dict[Group, dict[Delivery, None]]] = {}
        self._wanted: dict[str, frozenset[Field]] = {}

    def join(self, client: Client) -> None:
        """A client came."""
        self.clients.add(client)
        self.refresh(client)

    def leave(self, client: Client) -> None:
        """A client went, at whatever moment."""
        self.clients.discard(client)
        for key in list(client.deliveries):
            self._remove(client, key)
        self._note_wanted()

    def refresh(self, client: Client) -> None:
        """Follow the session's subscriptions, after any change of them or of the catalog."""
        wanted = {
            (subscription, stream)
            for subscription in client.session.subscriptions.values()
            for stream in self.catalog.matching(subscription.stream)
        }
        for key in [key for key in client.deliveries if key not in wanted]:
            self._remove(client, key)
        for subscription, stream in wanted:
            if (subscription, stream) not in client.deliveries:
                delivery = client.deliveries[subscription, stream] = Delivery(client, subscription, stream)
                group = self._group(client, subscription)
                self._groups.setdefault(stream, {}).setdefault(group, {})[delivery] = None
        self._note_wanted()

    def wanted(self, stream: str) -> frozenset[Field]:
        """The fields on demand that somebody subscribed to, or that are recorded. Any thread may ask."""
        if self.recordings is not None and self.recordings.want(stream):
            return SOLVED_FIELDS
        return self._wanted.get(stream, frozenset())

    def counts(self, stream: str) -> Counts:
        """What became of a stream's estimates so far."""
        return self._counts.setdefault(stream, Counts())

    def subscriptions(self, stream: str) -> int:
        """To a stream, `*` included."""
        return sum(len(deliveries) for deliveries in self._groups.get(stream, {}).values())

    def taken(self, stream: str) -> bool:
        """Whether anybody subscribed to a stream or records it. Any thread may ask."""
        return bool(self._groups.get(stream)) or (self.recordings is not None and self.recordings.want(stream))

    def publish(self, estimate: Estimate) -> None:
        """Bring a frame to everyone who subscribed to its stream."""
        published_us = now_us()
        counts = self.counts(estimate.stream)
        counts.published += 1
        counts.inferred = estimate.seq
        sent = thinned = 0
        outgoing = Outgoing(estimate)
        for (view, format, sub_id), deliveries in self._groups.get(estimate.stream, {}).items():
            if not on_demand(view) <= estimate.solved:
                continue  # estimated a moment before the first subscription that wants this
            wire: bytes | None = None
            sent += len(deliveries)  # but for those that turn out not to be
            for delivery in deliveries:
                if delivery.interval_us and not delivery.is_due(estimate.t_us):
                    thinned += 1
                    sent -= 1
                    continue
                outlet = delivery.client.outlet
                if outlet.paused:
                    if delivery.held is None:
                        counts.held += 1
                    else:
                        delivery.dropped += 1
                        counts.dropped += 1
                    delivery.held = outgoing
                    sent -= 1
                    continue
                if wire is None:
                    wire = outlet.frame(outgoing.message(view, format, sub_id), format)
                outlet.write(wire)
        counts.sent += sent
        counts.thinned += thinned
        written_us = now_us()
        if estimate.stamps is not None:
            counts.stages.note(estimate.t_us, estimate.stamps, published_us, written_us)
        if self.recordings is not None and self.recordings.want(estimate.stream):  # last, so that no client waits
            data = encode_recorded(estimate, written_us)
            self.recordings.frame(estimate.stream, estimate.seq, estimate.t_us, written_us, data)

    def announce(self, status: Status) -> None:
        """Tell the subscribers of a stream that its state changed."""
        if self.recordings is not None:
            self.recordings.status(status)
        for client in self.clients:
            if any(stream == status.stream for _, stream in client.deliveries):
                if client.outlet.paused:
                    held = client.held_statuses.get(status.stream)
                    # The last state is enough, but a new description isn't lost with the one that told it.
                    info = status.info or (held.info if held else None)
                    client.held_statuses[status.stream] = replace(status, info=info)
                else:
                    client.send(status)

    def drained(self, client: Client) -> None:
        """A connection's write buffer ran empty: what was held goes out, the stream's news first."""
        for stream in list(client.held_statuses):
            if client.outlet.paused:
                return
            client.send(client.held_statuses.pop(stream))
        for delivery in client.deliveries.values():
            if delivery.held is not None:
                if client.outlet.paused:
                    return
                held, delivery.held = delivery.held, None
                format = client.session.format
                client.outlet.write(client.outlet.frame(held.message(delivery.view, format, delivery.sub_id), format))
                counts = self.counts(delivery.stream)
                counts.held -= 1
                counts.sent += 1

    def tick(self, time_us: int | None = None) -> None:
        """Once a second: report drops, end connections that take nothing."""
        time_us = now_us() if time_us is None else time_us
        for client in list(self.clients):
            if not client.outlet.paused:
                self._report_drops(client)
            elif time_us - client.outlet.paused_since_us >= STALL_LIMIT_US:
                client.outlet.abort(f"took no data for {STALL_LIMIT_US // 1_000_000} s")

    def _note_wanted(self) -> None:
        self._wanted = {
            stream: frozenset().union(*(on_demand(view) for view, _, _ in groups))
            for stream, groups in self._groups.items()
        }

    def _report_drops(self, client: Client) -> None:
        for delivery in client.deliveries.values():
            if delivery.dropped > delivery.reported and not client.outlet.paused:
                delivery.reported = delivery.dropped
                client.send(Dropped(delivery.sub_id, delivery.stream, delivery.dropped))

    def _group(self, client: Client, subscription: Subscription) -> Group:
        return subscription.view, client.session.format, subscription.id

    def _remove(self, client: Client, key: tuple[Subscription, str]) -> None:
        subscription, stream = key
        delivery = client.deliveries.pop(key)
        if delivery.held is not None:
            delivery.held = None
            self.counts(stream).held -= 1
        groups = self._groups[stream]
        group = self._group(client, subscription)
        del groups[group][delivery]
        if not groups[group]:
            del groups[group]
