"""`GET /metrics`: the server in numbers, as Prometheus reads them. Counted elsewhere, read when somebody asks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from streamer.hub.hub import Hub
from streamer.photo.cache import Cache
from streamer.photo.pool import Pool
from streamer.recording.recorder import Progress
from streamer.vitals.health import CAMERA_STATES, ENGINE_STATES, Health
from streamer.vitals.stages import BOUNDS_US, Histogram
from streamer.vitals.tally import Tally

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS: Final = [*(str(bound / 1e6) for bound in BOUNDS_US), "+Inf"]


class CountedStream(Protocol):
    """A stream as this sees it: what is counted before the hub, and how it is. label: where it comes from."""

    id: str
    label: str
    engine_faults: int

    @property
    def replacements(self) -> int:
        """Threads that were given up because the engine in them hung."""

    @property
    def captured(self) -> int:
        """Pictures that were offered to the engine."""

    @property
    def inferred(self) -> int:
        """Estimates made, also those that a newer one replaced before the event loop had time for them."""

    @property
    def skipped(self) -> int:
        """Pictures of a file that were passed over, late as they were."""

    @property
    def missed(self) -> int:
        """Pictures that a newer one replaced while the engine was busy."""

    def health(self) -> Health:
        """Of camera and engine."""


class NatsEnd(Protocol):
    """A connection to NATS."""

    @property
    def needed(self) -> bool:
        """Whether clients here have nothing without it."""

    @property
    def connected(self) -> bool:
        """Whether NATS is there."""

    def fates(self) -> Iterable[tuple[str, str, int]]:
        """What became of each stream's frames: stream, a word for it, how many."""

    def clocks(self) -> Iterable[tuple[str, int]]:
        """Nodes whose clocks are known, and by how much that may be off, in microseconds."""

    async def start(self) -> None:
        """Begin; NATS may come later."""

    async def close(self) -> None:
        """End."""


class Metrics(Collector):
    """The numbers of one server.

    refused: connections and requests that weren't served, by reason. recordings: how far each is at this moment.
    streams: may change meanwhile.
    """

    def __init__(
        self,
        hub: Hub,
        cache: Cache,
        pool: Pool,
        streams: Sequence[CountedStream],
        refused: Tally,
        recordings: Callable[[], Sequence[Progress]],
        nats: NatsEnd | None = None,
    ) -> None:
        self._hub = hub
        self._cache = cache
        self._pool = pool
        self._streams = streams
        self._refused = refused
        self._recordings = recordings
        self._nats = nats
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def text(self) -> bytes:
        """All of them, in the text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        yield GaugeMetricFamily("posewire_clients", "Connected stream clients", len(self._hub.clients))
        yield from self._frames()
        yield from self._dropped()
        yield from self._states()
        yield from self._durations()
        refused = CounterMetricFamily("posewire_refused", "Connections and requests not served", labels=["reason"])
        for reason, count in self._refused.counts.items():
            refused.add_metric([reason], count)
        yield refused
        yield from self._recorded()
        yield from self._photos()
        if self._nats is not None:
            yield from self._beyond(self._nats)

    def _frames(self) -> Iterator[Metric]:
        """From the camera to the clients; and who asked for them."""
        captured = _counter("captured", "Pictures captured and offered to the engine; of a relay, frames that came")
        inferred = _counter("inferred", "Frames that the engine and the solver have done; of a relay, that it read")
        for stream in self._streams:
            captured.add_metric([stream.id], stream.captured)
            inferred.add_metric([stream.id], stream.inferred)
        published = CounterMetricFamily("posewire_frames", "Frames estimated", labels=["stream"])
        sent = _counter("sent", "Frames written to clients, one for each subscription")
        thinned = _counter("thinned", "Frames left out because a subscription's max_fps says so, one for each")
        subscriptions = GaugeMetricFamily("posewire_subscriptions", "Subscriptions to a stream", labels=["stream"])
        for info in self._hub.catalog.streams:
            counts = self._hub.counts(info.id)
            published.add_metric([info.id], counts.published)
            sent.add_metric([info.id], counts.sent)
            thinned.add_metric([info.id], counts.thinned)
            subscriptions.add_metric([info.id], self._hub.subscriptions(info.id))
        yield from (captured, inferred, published, sent, thinned, subscriptions)

    def _dropped(self) -> Iterator[Metric]:
        dropped = CounterMetricFamily(
            "posewire_frames_dropped",
            "Frames lost. late: of a file, its time was past. engine_busy, engine_fault: no estimate was made. "
            "loop_busy: a newer estimate replaced it. slow_client, crowded: a newer frame did, one each subscription",
            labels=["stream", "reason"],
        )
        for stream in self._streams:
            dropped.add_metric([stream.id, "late"], stream.skipped)
            dropped.add_metric([stream.id, "engine_busy"], stream.missed)
            dropped.add_metric([stream.id, "engine_fault"], stream.engine_faults)
            published = self._hub.counts(stream.id).published
            dropped.add_metric([stream.id, "loop_busy"], stream.inferred - published)
        for info in self._hub.catalog.streams:
            counts = self._hub.counts(info.id)
            dropped.add_metric([info.id, "slow_client"], counts.dropped)
            dropped.add_metric([info.id, "crowded"], counts.crowded)
        yield dropped

    def _states(self) -> Iterator[Metric]:
        live = GaugeMetricFamily("posewire_stream_live", "1 while frames come", labels=["stream"])
        for info in self._hub.catalog.streams:
            live.add_metric([info.id], float(info.state == "live"))
        camera = GaugeMetricFamily("posewire_camera_state", "1 for the state it is in", labels=["stream", "state"])
        engine = GaugeMetricFamily("posewire_engine_state", "1 for the state it is in", labels=["stream", "state"])
        faults = CounterMetricFamily("posewire_engine_faults", "Estimations that failed", labels=["stream"])
        replaced = CounterMetricFamily("posewire_workers_replaced", "Workers given up as hung", labels=["stream"])
        for stream in self._streams:
            health = stream.health()
            for state in CAMERA_STATES:
                camera.add_metric([stream.id, state], float(state == health.camera))
            for condition in ENGINE_STATES:
                engine.add_metric([stream.id, condition], float(condition == health.engine))
            faults.add_metric([stream.id], stream.engine_faults)
            replaced.add_metric([stream.id], stream.replacements)
        yield from (live, camera, engine, faults, replaced)

    def _durations(self) -> Iterator[Metric]:
        stage = HistogramMetricFamily(
            "posewire_stage_seconds",
            "Time of a frame in each stage: waiting for the engine, engine, solve (filter, bones), handover to the "
            "event loop, deliver (encode and write)",
            labels=["stream", "stage"],
        )
        whole = HistogramMetricFamily(
            "posewire_latency_seconds", "Capture of a frame until it is written to its clients", labels=["stream"]
        )
        for info in self._hub.catalog.streams:
            stages = self._hub.counts(info.id).stages
            for name, histogram in stages.by_name.items():
                stage.add_metric([info.id, name], _buckets(histogram), histogram.sum_us / 1e6)
            whole.add_metric([info.id], _buckets(stages.whole), stages.whole.sum_us / 1e6)
        yield from (stage, whole)

    def _recorded(self) -> Iterator[Metric]:
        found = self._recordings()
        recordings = GaugeMetricFamily(
            "posewire_recordings", "In progress, or failed since the start", labels=["state"]
        )
        for state in ("recording", "failed"):
            recordings.add_metric([state], sum(progress.state == state for progress in found))
        yield recordings
        now = [progress for progress in found if progress.state == "recording"]
        text = "Size of the recordings in progress"
        yield GaugeMetricFamily("posewire_recording_bytes", text, sum(progress.bytes for progress in now))
        text = "Messages that a slow disk kept out of the recordings in progress"
        yield GaugeMetricFamily("posewire_recording_left_out", text, sum(progress.left_out for progress in now))

    def _photos(self) -> Iterator[Metric]:
        cache, pool = self._cache, self._pool
        answers = CounterMetricFamily("posewire_photo_answers", "Pictures asked about, by cache", labels=["cache"])
        answers.add_metric(["hit"], cache.hits)
        answers.add_metric(["miss"], cache.misses)
        yield answers
        yield GaugeMetricFamily("posewire_photo_cache_bytes", "Size of the answers kept", cache.bytes)
        yield GaugeMetricFamily("posewire_photo_waiting", "Pictures that wait to be looked at", pool.waiting)

    def _beyond(self, nats: NatsEnd) -> Iterator[Metric]:
        yield GaugeMetricFamily("posewire_nats_connected", "Whether NATS is there", float(nats.connected))
        frames = CounterMetricFamily(
            "posewire_nats_frames",
            "Frames of a node that were sent, or replaced by a newer one before; of a relay that were shown, were "
            "replaced, were stale (too old) or broken (no frames)",
            labels=["stream", "fate"],
        )
        for stream, fate, count in nats.fates():
            frames.add_metric([stream, fate], count)
        clocks = GaugeMetricFamily(
            "posewire_nats_clock_error_seconds", "By how much a node's clock may be off here", labels=["node"]
        )
        for node, error_us in nats.clocks():
            clocks.add_metric([node], error_us / 1e6)
        yield from (frames, clocks)


def _counter(what: str, text: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"posewire_frames_{what}", text, labels=["stream"])


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """As Prometheus has them: each with all that is below."""
    return list(zip(_BOUNDS, map(float, accumulate(histogram.buckets)), strict=True))
