"""Wires the stages together: from sources to the hub, or from NATS, and what clients connect to around it."""

import asyncio
import logging

from streamer.clock import now_us
from streamer.config import OF_PICTURES, OF_RECORDINGS, NatsConfig, ServeConfig, SiteConfig
from streamer.engine.engines import Engines
from streamer.errors import UsageError
from streamer.hub.catalog import Catalog
from streamer.hub.hub import Hub
from streamer.hub.session import describe
from streamer.nats.subjects import check_node
from streamer.output import Outputs
from streamer.recording.recordings import Recordings
from streamer.replay.replay import Replay
from streamer.rest.live import LiveService
from streamer.rest.replay import ReplayService
from streamer.server.publish import Cameras
from streamer.server.site import Offer, Site
from streamer.settings import Settings, parse_smoothing
from streamer.source import NamedRecording, NamedSource, SourceWish, open_sources
from streamer.source.browser import Browser
from streamer.stream.stream import Stream

log = logging.getLogger("posewire")


async def serve(config: ServeConfig) -> bool:
    """Run a server with streams of its own until SIGINT or SIGTERM; what is returned and raised, as `Site.run`."""
    smoothing = parse_smoothing(config.smoothing)
    # After the log set-up, and in the main thread, which outlives all others: it imports native code.
    engines = Engines(config.engine, config.threads, len(config.sources), config.precision)
    catalog = Catalog()
    recordings = Recordings(config.recordings, lambda: describe(catalog, now_us()), config.record_video)
    uplink = None
    if config.nats is not None:
        from streamer.nats.uplink import Uplink  # what most servers don't need isn't read at every start

        uplink = Uplink(config.nats, config.node, catalog)
    hub = Hub(catalog, recordings, uplink)
    site = Site(config, hub, recordings)
    sources = open_sources(config.sources, SourceWish(config.width, config.height, config.fps))
    pictures = [named for named in sources if isinstance(named, NamedSource)]
    _check_given(config, bool(pictures), len(pictures) < len(sources))
    outputs = Outputs(config.vmc, config.vrchat)
    settings = Settings(config.model, config.people, config.mirror, smoothing)
    # Avatars are driven by the first stream; an output of two would follow now the one, now the other.
    none, loop = Outputs((), ()), asyncio.get_running_loop()
    parts = [
        Replay(named, config, hub, none if n else outputs, none, loop)
        if isinstance(named, NamedRecording)
        else Stream(named, config, settings, engines, hub, none if n else outputs, loop)
        for n, named in enumerate(sources)
    ]
    replays = [part for part in parts if isinstance(part, Replay)]
    streams = [stream for part in parts for stream in (part.streams if isinstance(part, Replay) else [part])]
    if uplink is not None:
        check_node(config.node, [stream.id for stream in streams])
    if config.record is not None:
        recordings.add(config.record)
        log.info("recording %s%s", config.record, " with pictures" if config.record_video else "")
    estimated = [part for part in parts if isinstance(part, Stream)]
    offer = Offer(
        parts,
        streams,
        Cameras({named.id: named.source for named in pictures if isinstance(named.source, Browser)}),
        outputs,
        LiveService(estimated, [stream for replay in replays for stream in replay.streams]),
        ReplayService(replays),
        uplink,
        engines.name,
    )
    return await site.run(offer)


async def relay(config: SiteConfig, nats: NatsConfig) -> bool:
    """Run a server with the streams of all nodes on NATS until SIGINT or SIGTERM; otherwise as `serve`."""
    from streamer.nats.relay import Relay

    catalog = Catalog()
    recordings = Recordings(None, lambda: describe(catalog, now_us()), False)
    hub = Hub(catalog)
    streams = Relay(nats, hub, asyncio.get_running_loop())
    return await Site(config, hub, recordings).run(Offer([], streams.streams, nats=streams))


def _check_given(config: ServeConfig, pictures: bool, recordings: bool) -> None:
    """Raises UsageError for an option that was given in vain."""
    for needed, names, why in (
        (pictures, OF_PICTURES, "is for pictures; a recording is replayed as it is"),
        (recordings, OF_RECORDINGS, "is for recordings (--source FILE.mcap)"),
    ):
        for name in names:
            if name in config.given and not needed:
                raise UsageError(f"--{name} {why}")
    if config.pace == "max" and "speed" in config.given:
        raise UsageError("--speed doesn't go with --pace max, where frames go as fast as they are taken")
