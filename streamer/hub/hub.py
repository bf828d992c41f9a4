"""Fan-out: each frame is encoded once per distinct view and written once per client; a slow client sees fewer frames.

In front of every client stands a latest-wins slot per subscription and stream. While a connection's write buffer isn't
empty nothing more is written to it: the newest frame is held, replacing the one held before, which counts as dropped,
and goes out when the buffer has drained. It is held as an estimate, which all who wait share, and encoded when it goes
out: a client that stops reading costs its socket's buffer and no more, however many subscriptions it has.

Nor do the frames of one address take the event loop's time from others: see streamer/guard/share.py.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from protocol.messages import SOLVED_FIELDS, Dropped, Field, Format, Status, StreamInfo
from streamer.clock import now_us
from streamer.guard.share import Share, part_of
from streamer.hub.catalog import Catalog
from streamer.hub.delivery import Client, Delivery
from streamer.hub.outgoing import Estimate, Outgoing, encode_whole, on_demand
from streamer.hub.session import Subscription, View
from streamer.source.base import Image
from streamer.vitals.stages import Stages

STALL_LIMIT_US = 10_000_000
"""A connection that took no byte for this long while data waits for it is closed."""


class Taker(Protocol):
    """What takes whole streams beside the clients, as the hub sees it; calls never block."""

    def want(self, stream: str) -> bool:
        """Whether it takes a stream now. Any thread may ask."""

    def frame(self, stream: str, seq: int, t_us: int, data: bytes) -> None:
        """A frame message with all there is, and its head."""

    def status(self, status: Status) -> None:
        """The news of a stream."""


class Recordings(Taker, Protocol):
    """A taker that keeps what it takes, pictures too. It gets every frame, however slow its disk is."""

    def picture(self, stream: str, t_us: int, image: Image) -> None:
        """Keep what a camera saw, where that is wanted. Any thread may call."""


Group = tuple[View, Format, int]


class Counts:
    """What became of one stream's estimates. Frames until they are published, then one for each delivery.

    published: those that came here. sent: written to a client. dropped: replaced by a newer one before a slow client
    took them. crowded: the same where the client's address had used up its share. thinned: left out for a
    subscription's max_fps. held: deliveries at this moment whose client hasn't taken the frame before.
    """

    __slots__ = ("crowded", "dropped", "held", "published", "sent", "stages", "thinned")

    def __init__(self) -> None:
        self.published = self.sent = self.dropped = self.crowded = self.thinned = self.held = 0
        self.stages = Stages()


class Hub:
    """All clients and their subscriptions. Lives on the event loop; nothing in it waits.

    uplink: a taker that brings streams to other machines. on_interest: called when others are the streams that any
    client subscribed to.
    """

    def __init__(self, catalog: Catalog, recordings: Recordings | None = None, uplink: Taker | None = None) -> None:
        self.catalog = catalog
        self.recordings = recordings
        self.on_interest: Callable[[], None] = lambda: None
        self._takers = [taker for taker in (uplink, recordings) if taker is not None]
        self.clients: set[Client] = set()
        self._shares: Counter[Share] = Counter()
        self._part = 0.0
        self._counts: dict[str, Counts] = {}
        self._groups: dict[str, dict[Group, dict[Delivery, None]]] = {}
        self._wanted: dict[str, frozenset[Field]] = {}

    def join(self, client: Client) -> None:
        """A client came."""
        self.clients.add(client)
        self._shares[client.share] += 1
        self._divide()
        self.refresh(client)

    def leave(self, client: Client) -> None:
        """A client went, at whatever moment."""
        self.clients.discard(client)
        self._shares[client.share] -= 1
        if not self._shares[client.share]:
            del self._shares[client.share]
        self._divide()
        for key in list(client.deliveries):
            self._remove(client, key)
        self._note_wanted()

    def refresh(self, client: Client) -> None:
        """Follow the session's subscriptions, after any change of them."""
        self._follow(client)
        self._note_wanted()

    def _follow(self, client: Client) -> None:
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
        client.note_costs()

    def offer(self, info: StreamInfo) -> None:
        """From now on clients find a stream. From a thread only while there is no client yet."""
        self.catalog.add(info, now_us())
        self._follow_catalog()
        self._tell(replace(self.catalog.status(info.id), info=self.catalog.info(info.id)), self.clients)

    def withdraw(self, stream: str, detail: str) -> None:
        """It is offered no more; whoever is there is told that it is gone, and why."""
        self._tell(replace(self.catalog.set_state(stream, "ended", detail, now_us()), gone=True), self.clients)
        self.catalog.remove(stream)
        self._follow_catalog()
        self._counts.pop(stream, None)

    def wanted(self, stream: str) -> frozenset[Field]:
        """The fields on demand that somebody subscribed to, or that are taken whole. Any thread may ask."""
        if any(taker.want(stream) for taker in self._takers):
            return SOLVED_FIELDS
        return self._wanted.get(stream, frozenset())

    def counts(self, stream: str) -> Counts:
        """What became of a stream's estimates so far."""
        return self._counts.setdefault(stream, Counts())

    def subscriptions(self, stream: str) -> int:
        """To a stream, `*` included."""
        return sum(len(deliveries) for deliveries in self._groups.get(stream, {}).values())

    def taken(self, stream: str) -> bool:
        """Whether anybody subscribed to a stream or takes it whole. Any thread may ask."""
        return bool(self._groups.get(stream)) or any(taker.want(stream) for taker in self._takers)

    def publish(self, estimate: Estimate) -> None:
        """Bring a frame to everyone who subscribed to its stream."""
        published_us = now_us()
        counts = self.counts(estimate.stream)
        counts.published += 1
        sent = thinned = 0
        outgoing = Outgoing(estimate)
        after: list[Delivery] = []
        part = self._part
        for group, deliveries in self._groups.get(estimate.stream, {}).items():
            if not on_demand(group[0]) <= estimate.solved:
                continue  # estimated a moment before the first subscription that wants this
            wire: bytes | None = None
            sent += len(deliveries)  # but for those that turn out not to be
            for delivery in deliveries:
                if delivery.interval_us and not delivery.is_due(estimate.t_us):
                    thinned += 1
                    sent -= 1
                    continue
                outlet, share = delivery.client.outlet, delivery.client.share
                if outlet.paused or (part and not share.is_in_time(published_us)):
                    self._hold(delivery, outgoing, counts)
                    sent -= 1
                    continue
                if delivery.held is not None:  # for want of time, until now
                    self._let_go(delivery, counts)
                if part and not share.is_modest:
                    after.append(delivery)
                    continue
                took_us = delivery.write_us
                if wire is None:
                    wire, encoding_us = delivery.encoded(outgoing)
                    took_us += encoding_us / len(deliveries)
                outlet.write(wire)
                if part and took_us:
                    share.spend(took_us, part)
        for delivery in after:
            if delivery.client.outlet.paused:
                self._hold(delivery, outgoing, counts)
                sent -= 1
            else:
                self._write(delivery, outgoing)
        counts.sent += sent
        counts.thinned += thinned
        written_us = now_us()
        if estimate.stamps is not None:
            counts.stages.note(estimate.t_us, estimate.stamps, published_us, written_us)
        takers = [taker for taker in self._takers if taker.want(estimate.stream)]
        if takers:  # last, so that no client waits
            data = encode_whole(estimate, written_us)
            for taker in takers:
                taker.frame(estimate.stream, estimate.seq, estimate.t_us, data)

    def announce(self, status: Status) -> None:
        """Tell the subscribers of a stream that its state changed."""
        for taker in self._takers:
            taker.status(status)
        self._tell(
            status,
            [client for client in self.clients if any(stream == status.stream for _, stream in client.deliveries)],
        )

    def drained(self, client: Client) -> None:
        """A connection's write buffer ran empty: what was held goes out, the stream's news first."""
        for stream in list(client.held_statuses):
            if client.outlet.paused:
                return
            client.send(client.held_statuses.pop(stream))
        if self._part and not client.share.is_in_time(now_us()):
            return
        for delivery in client.deliveries.values():
            if delivery.held is not None:
                if client.outlet.paused:
                    return
                held, delivery.held = delivery.held, None
                self._write(delivery, held)
                counts = self.counts(delivery.stream)
                counts.held -= 1
                counts.sent += 1

    def tick(self, time_us: int | None = None) -> None:
        """Once a second: report drops, end connections that take nothing."""
        time_us = now_us() if time_us is None else time_us
        for client in list(self.clients):
            if not client.outlet.paused:
                self.drained(client)  # what was held for want of time, where no newer frame came since
                self._report_drops(client)
            elif time_us - client.outlet.paused_since_us >= STALL_LIMIT_US:
                client.outlet.abort(f"took no data for {STALL_LIMIT_US // 1_000_000} s")

    def _divide(self) -> None:
        # Where there is one address only, nobody else is kept waiting.
        self._part = part_of(len(self._shares)) if len(self._shares) > 1 else 0.0

    def _write(self, delivery: Delivery, outgoing: Outgoing) -> None:
        wire, encoding_us = delivery.encoded(outgoing)
        delivery.client.outlet.write(wire)
        if self._part:
            delivery.client.share.spend(delivery.write_us + encoding_us, self._part)

    def _hold(self, delivery: Delivery, outgoing: Outgoing, counts: Counts) -> None:
        if delivery.held is not None:
            self._let_go(delivery, counts)
        counts.held += 1
        delivery.held = outgoing

    def _let_go(self, delivery: Delivery, counts: Counts) -> None:
        delivery.held = None
        delivery.dropped += 1
        counts.held -= 1
        if delivery.client.outlet.paused:
            counts.dropped += 1
        else:
            counts.crowded += 1

    def _tell(self, status: Status, clients: Iterable[Client]) -> None:
        for client in clients:
            if client.outlet.paused:
                held = client.held_statuses.get(status.stream)
                # The last state is enough, but a new description isn't lost with the one that told it.
                info = status.info or (held.info if held and not status.gone else None)
                client.held_statuses[status.stream] = replace(status, info=info)
            else:
                client.send(status)

    def _follow_catalog(self) -> None:
        for client in self.clients:
            self._follow(client)
        self._note_wanted()

    def _note_wanted(self) -> None:
        before = self._wanted.keys()
        self._wanted = {
            stream: frozenset().union(*(on_demand(view) for view, _, _ in groups))
            for stream, groups in self._groups.items()
        }
        if before != self._wanted.keys():
            self.on_interest()

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
        if not groups:
            del self._groups[stream]
