"""Wires the stages together: sources, workers, hub and server; start-up in order, shutdown in reverse."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from streamer.catalog import Catalog
from streamer.clock import now_us
from streamer.config import OF_PICTURES, OF_RECORDINGS, ServeConfig
from streamer.engines import Engines
from streamer.errors import UsageError
from streamer.gateway import Gateway
from streamer.guard.access import is_loopback, make_access
from streamer.hub import Hub
from streamer.lan import qr
from streamer.lan.addresses import make_url, reachable
from streamer.lan.invitation import Invitation
from streamer.metrics import Metrics
from streamer.output import Outputs
from streamer.photo.cache import Cache
from streamer.photo.picture import PictureLimits
from streamer.photo.pool import Pool
from streamer.publish import Cameras
from streamer.recording.recordings import Recordings
from streamer.replay.replay import Replay
from streamer.rest.endpoints import PhotoService
from streamer.rest.live import LiveService
from streamer.rest.recording import RecordingService
from streamer.rest.replay import ReplayService
from streamer.server import Server, listen, make_app
from streamer.session import describe
from streamer.settings import Settings, parse_smoothing
from streamer.signals import on_signals
from streamer.source import NamedRecording, NamedSource, SourceWish, open_sources
from streamer.source.browser import Browser
from streamer.stream import STOP_TIMEOUT_S, Stream

if TYPE_CHECKING:
    from streamer.lan.discovery import Announcer
    from streamer.lan.tls import Identity

PHOTO_QUEUE = 8
"""Pictures that may wait while others are looked at; one more is told to come again."""

SWITCH_S = 0.0005
"""After this long Python lets another of its threads go on that wants to. It is five milliseconds by default, which an
engine's thread would wait at each of its steps while clients keep the event loop busy."""

log = logging.getLogger("posewire")


async def serve(config: ServeConfig) -> bool:
    """Run a server until SIGINT or SIGTERM. True when every thread ended; False when one is stuck in native code.

    Raises UsageError for what the user has to change, PosewireError for what failed.
    """
    smoothing = parse_smoothing(config.smoothing)
    # After the log set-up, and in the main thread, which outlives all others: it imports native code.
    engines = Engines(config.engine, config.threads, len(config.sources), config.precision)
    sys.setswitchinterval(SWITCH_S)
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    on_signals(loop, ending.set)
    catalog = Catalog()
    recordings = Recordings(config.recordings, lambda: describe(catalog, now_us()), config.record_video)
    sock = listen(config.host, config.port)
    hub = Hub(catalog, recordings)
    access = make_access(config)
    sources = open_sources(config.sources, SourceWish(config.width, config.height, config.fps))
    pictures = [named for named in sources if isinstance(named, NamedSource)]
    _check_given(config, bool(pictures), len(pictures) < len(sources))
    cameras = Cameras({named.id: named.source for named in pictures if isinstance(named.source, Browser)})
    gateway = Gateway(hub, access, cameras)
    limits = PictureLimits(config.max_picture_bytes, config.max_picture_pixels)
    pool = Pool(config.photo_workers, PHOTO_QUEUE, limits.max_pixels, engines.name)
    identity = _identity(config)
    scheme, port = "https" if identity else "http", sock.getsockname()[1]
    addresses = [] if is_loopback(config.host) else reachable(config.host)
    urls, read_urls = (
        [make_url(scheme, address, port, token) for address in addresses] for token in (access.token, access.read_token)
    )
    cache = Cache()
    outputs = Outputs(config.vmc, config.vrchat)
    settings = Settings(config.model, config.people, config.mirror, smoothing)
    # Avatars are driven by the first stream; an output of two would follow now the one, now the other.
    none = Outputs((), ())
    parts = [
        Replay(named, config, hub, none if n else outputs, none, loop)
        if isinstance(named, NamedRecording)
        else Stream(named, config, settings, engines, hub, none if n else outputs, loop)
        for n, named in enumerate(sources)
    ]
    replays = [part for part in parts if isinstance(part, Replay)]
    estimated = [part for part in parts if isinstance(part, Stream)]
    streams = [stream for part in parts for stream in (part.streams if isinstance(part, Replay) else [part])]
    app = make_app(
        *(catalog, access, cameras),
        PhotoService(pool, cache, limits),
        LiveService(estimated, [stream for replay in replays for stream in replay.streams]),
        RecordingService(recordings, catalog),
        ReplayService(replays),
        Metrics(hub, cache, pool, streams, access.refused, recordings.progress),
        Invitation(urls, read_urls, identity.authority if identity else None),
        streams,
    )
    server = Server(
        app,
        gateway,
        lambda: bool(hub.clients or outputs.labels) or any(recordings.want(info.id) for info in catalog.streams),
        identity,
        config.max_per_address,
        config.trusted_proxies,
        access.refused.count,
    )
    started = False
    announcer: Announcer | None = None
    ticking: asyncio.Task[None] | None = None
    try:
        if config.record is not None:
            recordings.add(config.record)
        for part in parts:
            if not await _unless(ending, asyncio.ensure_future(part.start())):
                return False  # whatever native code it is in, nobody waits for it
        server.start(sock)
        started = True
        outputs.start()
        ticking = asyncio.create_task(_tick(hub, parts))
        for stream in streams:
            info = catalog.info(stream.id)
            log.info(
                "stream %s: %s, %dx%d, %g fps, %s %s, smoothing %s",
                *(stream.id, stream.label, info.width, info.height, info.fps, info.engine, info.model, info.smoothing),
            )
        if config.record is not None:
            log.info("recording %s%s", config.record, " with pictures" if config.record_video else "")
        for label in outputs.labels:
            log.info("stream %s: %s", streams[0].id, label)
        if addresses:
            log.info("on the network: %s", make_url(scheme, addresses[0], port, None))
            if sys.stderr.isatty():  # a person's screen; in a log's file the token would stay
                print(f"{qr.terminal(urls[0])}\n{urls[0]}", file=sys.stderr)
                if access.read_token is not None:
                    print(f"to watch only: {read_urls[0]}", file=sys.stderr)
        if addresses and config.announce:
            announcer = await _announce(scheme, port, addresses, access.token is not None)
        print(f"posewire ready {make_url(scheme, config.host, port, access.token)}", flush=True)
        await ending.wait()
    finally:
        if announcer is not None:
            await announcer.stop()
        if ticking is not None:
            ticking.cancel()
        if started:
            await pool.close()  # first, so that no upload waits for a picture
            await server.stop()
            await asyncio.to_thread(outputs.stop, STOP_TIMEOUT_S)
        else:
            sock.close()
        await asyncio.gather(*(asyncio.to_thread(part.stop) for part in parts))
        ended = all(await asyncio.gather(*(part.wait() for part in parts)))
        finish = recordings.close if started else recordings.abandon
        if not await asyncio.to_thread(finish, STOP_TIMEOUT_S):
            log.warning("a disk is too slow to finish its recording now; posewire recover mends it")
    return ended


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


async def _announce(scheme: str, port: int, addresses: list[str], needs_token: bool) -> "Announcer":
    from streamer.lan.discovery import Announcer  # what most servers don't need isn't read at every start

    announcer = Announcer(scheme, port, addresses, needs_token)
    await announcer.start()
    return announcer


async def _unless(ending: asyncio.Event, work: "asyncio.Future[None]") -> bool:
    """Wait for `work`, but not longer than until `ending`. False when that came first."""
    stop = asyncio.ensure_future(ending.wait())
    both: list[asyncio.Future[Any]] = [work, stop]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if work.done():
        await work
        return True
    return False


async def _tick(hub: Hub, parts: Sequence[Stream | Replay]) -> None:
    while True:
        await asyncio.sleep(1.0)
        for tick in (hub.tick, *(part.tick for part in parts)):
            try:
                tick()
            except Exception:
                log.exception("a second's work was left undone")


def _identity(config: ServeConfig) -> "Identity | None":
    if config.tls_cert is None and config.tls == "off":
        return None
    from streamer.lan import tls

    if config.tls_cert is not None and config.tls_key is not None:
        return tls.own(config.tls_cert, config.tls_key)
    identity = tls.automatic(config.host)
    for address in reachable(config.host):
        if not tls.covers(identity, address):
            log.warning("the certificate can't vouch for %s, which isn't private and is new to this machine", address)
    return identity
