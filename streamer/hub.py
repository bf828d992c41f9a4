"""Fan-out: each frame is encoded once per distinct view and written once per client; a slow client sees fewer frames.

In front of every client stands a latest-wins slot per subscription and stream. While a connection's write buffer isn't
empty nothing more is written to it: the newest frame is held, replacing the one held before, which counts as dropped,
and goes out when the buffer has drained. It is held as an estimate, which all who wait share, and encoded when it goes
out: a client that stops reading costs its socket's buffer and no more, however many subscriptions it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from protocol.codec import encode_frame_body, join_frame
from protocol.messages import SOLVED_FIELDS, Dropped, Field, Format, Message, Pose, Status
from protocol.poses import to_dtype, view_array
from streamer.body import Person
from streamer.catalog import Catalog
from streamer.clock import now_us
from streamer.session import Session, Subscription, View
from streamer.stages import Stages, Stamps

STALL_LIMIT_US = 10_000_000
"""A connection that took no byte for this long while data waits for it is closed."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the pipeline made of one picture. `size` is (width, height) in pixels; `solved` are the fields on demand.

    People have bodies where `bones` or `rest` are in `solved`, and angles where `angles` is. `seq` counts all of a
    stream, also those that a newer one replaced before they came here.
    """

    stream: str
    seq: int
    t_us: int
    size: tuple[int, int]
    people: Sequence[Person]
    solved: frozenset[Field] = frozenset()
    stamps: Stamps | None = None


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


class Outgoing:
    """An estimate on its way to everyone, encoded once for each view that is written."""

    __slots__ = ("_bodies", "estimate")

    def __init__(self, estimate: Estimate) -> None:
        self.estimate = estimate
        self._bodies: dict[tuple[View, Format], bytes] = {}

    def wire(self, view: View, format: Format, sub_id: int, outlet: Outlet) -> bytes:
        """The bytes of one WebSocket frame."""
        body = self._bodies.get((view, format))
        if body is None:
            body = self._bodies[view, format] = encode_view(self.estimate, view, format)
        return outlet.frame(join_frame(sub_id, body, format), format)


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
    one before a slow client took them. thinned: left out for a subscription's max_fps.
    """

    __slots__ = ("dropped", "inferred", "published", "sent", "stages", "thinned")

    def __init__(self) -> None:
        self.inferred = self.published = self.sent = self.dropped = self.thinned = 0
        self.stages = Stages()


class Hub:
    """All clients and their subscriptions. Lives on the event loop; nothing in it waits."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
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
        """The fields on demand that somebody subscribed to. Any thread may ask."""
        return self._wanted.get(stream, frozenset())

    def counts(self, stream: str) -> Counts:
        """What became of a stream's estimates so far."""
        return self._counts.setdefault(stream, Counts())

    def subscriptions(self, stream: str) -> int:
        """To a stream, `*` included."""
        return sum(len(deliveries) for deliveries in self._groups.get(stream, {}).values())

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
                    if delivery.held is not None:
                        delivery.dropped += 1
                        counts.dropped += 1
                    delivery.held = outgoing
                    sent -= 1
                    continue
                if wire is None:
                    wire = outgoing.wire(view, format, sub_id, outlet)
                outlet.write(wire)
        counts.sent += sent
        counts.thinned += thinned
        if estimate.stamps is not None:
            counts.stages.note(estimate.t_us, estimate.stamps, published_us, now_us())

    def announce(self, status: Status) -> None:
        """Tell the subscribers of a stream that its state changed."""
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
                client.outlet.write(held.wire(delivery.view, client.session.format, delivery.sub_id, client.outlet))
                self.counts(delivery.stream).sent += 1

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
        groups = self._groups[stream]
        group = self._group(client, subscription)
        del groups[group][delivery]
        if not groups[group]:
            del groups[group]


def on_demand(view: View) -> frozenset[Field]:
    """The fields of a view that are made only where somebody wants them."""
    return SOLVED_FIELDS.intersection(view.fields)


def encode_view(estimate: Estimate, view: View, format: Format) -> bytes:
    """The body of a frame as one view wants it."""
    poses = [_pose(person, view) for person in estimate.people]
    return encode_frame_body(estimate.stream, estimate.seq, estimate.t_us, now_us(), estimate.size, poses, format)


def _pose(person: Person, view: View) -> Pose:
    detection, body, fields = person.detection, person.body, view.fields
    raw = person.raw or detection
    pose = Pose(
        person.id,
        round(min(max(detection.score, 0.0), 1.0), 4),
        view_array(detection.image, view.landmarks, view.dtype) if "image" in fields else None,
        view_array(detection.world, view.landmarks, view.dtype) if "world" in fields else None,
        rest=to_dtype(body.rest, view.dtype) if "rest" in fields and body is not None else None,
        angles=to_dtype(person.angles, view.dtype) if "angles" in fields and person.angles is not None else None,
        image_raw=view_array(raw.image, view.landmarks, view.dtype) if "image_raw" in fields else None,
        world_raw=view_array(raw.world, view.landmarks, view.dtype) if "world_raw" in fields else None,
    )
    if "bones" not in fields or body is None:
        return pose
    return replace(
        pose,
        bones=to_dtype(body.bones, view.dtype),
        root=to_dtype(body.root, view.dtype),
        held=body.held,
        contact=body.contact,
        floor=round(body.floor, 4),
    )
