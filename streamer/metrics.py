"""`GET /metrics`: the server in numbers, as Prometheus reads them. Counted elsewhere, read when somebody asks."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from streamer.hub import Hub
from streamer.photo.cache import Cache
from streamer.photo.pool import Pool

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics(Collector):
    """The numbers of one server."""

    def __init__(self, hub: Hub, cache: Cache, pool: Pool) -> None:
        self._hub = hub
        self._cache = cache
        self._pool = pool
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def text(self) -> bytes:
        """All of them, in the text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """For the registry."""
        hub, cache, pool = self._hub, self._cache, self._pool
        yield GaugeMetricFamily("posewire_clients", "Connected stream clients", len(hub.clients))
        frames = CounterMetricFamily("posewire_frames", "Frames estimated", labels=["stream"])
        live = GaugeMetricFamily("posewire_stream_live", "1 while frames come", labels=["stream"])
        for info in hub.catalog.streams:
            frames.add_metric([info.id], hub.frames_published.get(info.id, 0))
            live.add_metric([info.id], float(info.state == "live"))
        yield frames
        yield live
        yield CounterMetricFamily(
            "posewire_frames_dropped",
            "Frames that a newer one overwrote before a slow client took them",
            hub.frames_dropped,
        )
        answers = CounterMetricFamily("posewire_photo_answers", "Pictures asked about, by cache", labels=["cache"])
        answers.add_metric(["hit"], cache.hits)
        answers.add_metric(["miss"], cache.misses)
        yield answers
        yield GaugeMetricFamily("posewire_photo_cache_bytes", "Size of the answers kept", cache.bytes)
        yield GaugeMetricFamily("posewire_photo_waiting", "Pictures that wait to be looked at", pool.waiting)
