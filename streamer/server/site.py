"""What clients connect to, whatever it is that they find there: start-up in order, shutdown in reverse."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from streamer.config import SiteConfig
from streamer.guard.access import Access, is_loopback, make_access
from streamer.hub.hub import Hub
from streamer.lan import qr
from streamer.lan.addresses import make_url, reachable
from streamer.lan.invitation import Invitation
from streamer.output import Outputs
from streamer.photo.cache import Cache
from streamer.photo.picture import PictureLimits
from streamer.photo.pool import Pool
from streamer.recording.recordings import Recordings
from streamer.rest.endpoints import PhotoService
from streamer.rest.live import LiveService
from streamer.rest.metrics import CountedStream, Metrics, NatsEnd
from streamer.rest.recording import RecordingService
from streamer.rest.replay import ReplayService
from streamer.server.gateway import Gateway
from streamer.server.publish import Cameras
from streamer.server.server import Server, listen, make_app
from streamer.signals import on_signals

if TYPE_CHECKING:
    from streamer.lan.discovery import Announcer
    from streamer.lan.tls import Identity

PHOTO_QUEUE = 8
"""Pictures that may wait while others are looked at; one more is told to come again."""

STOP_TIMEOUT_S = 0.5
"""What the threads of outputs and recordings get to finish what is in hand."""

SWITCH_S = 0.0005
"""After this long Python lets another of its threads go on that wants to. It is five milliseconds by default, which an
engine's thread would wait at each of its steps while clients keep the event loop busy."""

log = logging.getLogger("posewire")


class Part(Protocol):
    """Something at work, in threads of its own or on the event loop, that streams come from."""

    async def start(self) -> None:
        """Begin."""

    def tick(self) -> None:
        """Once a second: look after what may have to be."""

    def stop(self) -> None:
        """End; from a thread, so it may block."""

    async def wait(self) -> bool:
        """Whether it ended in time; to be asked once stopped."""


@dataclass(slots=True)
class Offer:
    """What a site has for its clients; by default nothing. streams: may change while it is served.

    nats: the end of a connection to NATS, if there is one. engine: of pictures that are sent.
    """

    parts: Sequence[Part]
    streams: Sequence[CountedStream]
    cameras: Cameras = field(default_factory=lambda: Cameras({}))
    outputs: Outputs = field(default_factory=lambda: Outputs((), ()))
    live: LiveService = field(default_factory=lambda: LiveService([], []))
    replay: ReplayService = field(default_factory=lambda: ReplayService([]))
    nats: NatsEnd | None = None
    engine: str = "auto"


class Site:
    """Binds its port when it is made, and heeds signals from then on. Lives on the event loop, in the main thread.

    Raises UsageError for what the user has to change, PosewireError where the port is taken.
    """

    def __init__(self, config: SiteConfig, hub: Hub, recordings: Recordings) -> None:
        sys.setswitchinterval(SWITCH_S)
        self._ending = asyncio.Event()
        on_signals(asyncio.get_running_loop(), self._ending.set)
        self._config = config
        self._hub = hub
        self._recordings = recordings
        self._sock = listen(config.host, config.port)
        try:
            self._access = make_access(config)
            self._identity = _identity(config)
        except BaseException:
            self._sock.close()
            raise

    async def run(self, offer: Offer) -> bool:
        """Serve until SIGINT or SIGTERM. True when every thread ended; False when one is stuck in native code.

        Raises UsageError and PosewireError as the parts do at their start.
        """
        config, access, hub, parts, nats = self._config, self._access, self._hub, offer.parts, offer.nats
        limits = PictureLimits(config.max_picture_bytes, config.max_picture_pixels)
        pool = Pool(config.photo_workers, PHOTO_QUEUE, limits.max_pixels, offer.engine)
        addresses = [] if is_loopback(config.host) else reachable(config.host)
        urls, read_urls = ([self._url(address, token) for address in addresses] for token in _tokens(access))
        server = self._make_server(offer, pool, limits, Invitation(urls, read_urls, self._authority))
        started = False
        announcer: Announcer | None = None
        ticking: asyncio.Task[None] | None = None
        try:
            for start in (*(part.start for part in parts), *([nats.start] if nats is not None else [])):
                if not await _unless(self._ending, asyncio.ensure_future(start())):
                    return False  # whatever native code it is in, nobody waits for it
            server.start(self._sock)
            started = True
            offer.outputs.start()
            ticking = asyncio.create_task(_tick(hub, parts))
            self._tell(offer, addresses, urls, read_urls)
            if addresses and config.announce:
                announcer = await _announce(self._scheme, self._port, addresses, access.token is not None)
            print(f"posewire ready {self._url(config.host, access.token)}", flush=True)
            await self._ending.wait()
        finally:
            if announcer is not None:
                await announcer.stop()
            if ticking is not None:
                ticking.cancel()
            if started:
                await pool.close()  # first, so that no upload waits for a picture
                await asyncio.gather(server.stop(), *([nats.close()] if nats is not None else []))
                await asyncio.to_thread(offer.outputs.stop, STOP_TIMEOUT_S)
            else:
                self._sock.close()
                if nats is not None:
                    await nats.close()
            await asyncio.gather(*(asyncio.to_thread(part.stop) for part in parts))
            ended = all(await asyncio.gather(*(part.wait() for part in parts)))
            finish = self._recordings.close if started else self._recordings.abandon
            if not await asyncio.to_thread(finish, STOP_TIMEOUT_S):
                log.warning("a disk is too slow to finish its recording now; posewire recover mends it")
        return ended

    def _make_server(self, offer: Offer, pool: Pool, limits: PictureLimits, invitation: Invitation) -> Server:
        config, access, hub, recordings = self._config, self._access, self._hub, self._recordings
        cache = Cache()
        metrics = Metrics(hub, cache, pool, offer.streams, access.refused, recordings.progress, offer.nats)
        app = make_app(
            hub.catalog,
            access,
            offer.cameras,
            PhotoService(pool, cache, limits),
            offer.live,
            RecordingService(recordings, hub.catalog),
            offer.replay,
            metrics,
            invitation,
            offer.streams,
            offer.nats,
        )
        return Server(
            app,
            Gateway(hub, access, offer.cameras),
            lambda: bool(hub.clients or offer.outputs.labels) or any(map(hub.taken, hub.catalog)),
            self._identity,
            config.max_per_address,
            config.trusted_proxies,
            access.refused.count,
        )

    def _tell(self, offer: Offer, addresses: list[str], urls: list[str], read_urls: list[str]) -> None:
        """In the log, and to a person at the terminal: what is served, and where."""
        for stream in offer.streams:
            info = self._hub.catalog.info(stream.id)
            log.info(
                "stream %s: %s, %dx%d, %g fps, %s %s, smoothing %s",
                *(stream.id, stream.label, info.width, info.height, info.fps, info.engine, info.model, info.smoothing),
            )
        for label in offer.outputs.labels:
            log.info("stream %s: %s", offer.streams[0].id, label)
        if not addresses:
            return
        log.info("on the network: %s", self._url(addresses[0], None))
        if sys.stderr.isatty():  # a person's screen; in a log's file the token would stay
            print(f"{qr.terminal(urls[0])}\n{urls[0]}", file=sys.stderr)
            if self._access.read_token is not None:
                print(f"to watch only: {read_urls[0]}", file=sys.stderr)

    @property
    def _scheme(self) -> str:
        return "https" if self._identity else "http"

    @property
    def _authority(self) -> Path | None:
        return self._identity.authority if self._identity else None

    @property
    def _port(self) -> int:
        port: int = self._sock.getsockname()[1]
        return port

    def _url(self, address: str, token: str | None) -> str:
        return make_url(self._scheme, address, self._port, token)


def _tokens(access: Access) -> tuple[str | None, str | None]:
    return access.token, access.read_token


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


async def _tick(hub: Hub, parts: Sequence[Part]) -> None:
    while True:
        await asyncio.sleep(1.0)
        for tick in (hub.tick, *(part.tick for part in parts)):
            try:
                tick()
            except Exception:
                log.exception("a second's work was left undone")


def _identity(config: SiteConfig) -> "Identity | None":
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
