"""Wires the stages together: sources, workers, hub and server; start-up in order, shutdown in reverse."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from protocol.messages import State, StreamInfo
from streamer.access import is_loopback, make_access
from streamer.catalog import Catalog
from streamer.clock import now_us
from streamer.config import ServeConfig
from streamer.engine import Engine
from streamer.gateway import Gateway
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
from streamer.rest.endpoints import PhotoService
from streamer.server import Server, listen, make_app
from streamer.slot import Slot
from streamer.source import NamedSource, SourceWish, open_sources
from streamer.source.base import Frame
from streamer.source.browser import Browser
from streamer.source.capture import Capture, CaptureOptions
from streamer.worker import Worker

if TYPE_CHECKING:
    from streamer.lan.discovery import Announcer
    from streamer.lan.tls import Identity

STOP_TIMEOUT_S = 0.5
"""What a thread gets to finish the frame in hand; one stuck in native code is left behind."""

PHOTO_QUEUE = 8
"""Pictures that may wait while others are looked at; one more is told to come again."""

log = logging.getLogger("posewire")


class Stream:
    """One source on its way to the hub: a capture thread, a worker in the executor, and their slots."""

    def __init__(
        self,
        named: NamedSource,
        config: ServeConfig,
        hub: Hub,
        outputs: Outputs,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.id = named.id
        self.label = named.source.label
        self._config = config
        self._hub = hub
        self._outputs = outputs
        self._loop = loop
        self._frames: Slot[Frame] = Slot()
        options = CaptureOptions(mirror=config.mirror, rotate=config.rotate, loop=config.loop, pace=config.pace)
        self._capture = Capture(named.source, self._frames, options, self._on_source_state)
        self._worker: Worker | None = None
        self._done: asyncio.Future[None] | None = None
        self._source_state: tuple[State, str] = ("live", "")
        self._fault: str | None = None

    def start(self, make_engine: Callable[[], Engine], executor: ThreadPoolExecutor) -> None:
        """Open source and engine and start both threads; blocking. Raises SourceError or EngineError."""
        info = self._capture.start()
        try:
            engine = make_engine()
        except BaseException:
            self._capture.stop(STOP_TIMEOUT_S)
            raise
        config = self._config
        lossless = config.pace == "max"
        self._worker = Worker(
            self.id,
            self._frames,
            engine,
            make_engine,
            smoothing=config.smoothing,
            fov_deg=config.fov_deg,
            lossless=lossless,
            wanted=lambda: self._hub.wanted(self.id) | self._outputs.wanted,
            on_estimate=self._wake,
            on_fault=self._on_fault,
        )
        self._hub.catalog.add(
            StreamInfo(
                id=self.id,
                width=info.width,
                height=info.height,
                fps=round(info.fps, 3),
                engine=engine.name,
                model=engine.model,
                people=config.people,
                smoothing=config.smoothing,
            ),
            now_us(),
        )
        self._call(self._announce)  # what was told before there was a stream to tell it of
        self._done = asyncio.wrap_future(executor.submit(self._worker.run), loop=self._loop)

    def stop(self) -> None:
        """End both threads; blocking, bounded."""
        self._capture.stop(STOP_TIMEOUT_S)
        self._frames.close()
        if self._worker is not None:
            self._worker.estimates.close()

    async def wait(self) -> bool:
        """Whether the worker ended within STOP_TIMEOUT_S."""
        if self._done is not None:
            await asyncio.wait([self._done], timeout=STOP_TIMEOUT_S)
        return self._done is None or self._done.done()

    def _call(self, action: Callable[..., None], *args: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(action, *args)

    def _wake(self) -> None:
        self._call(self._deliver)

    def _deliver(self) -> None:
        estimate = self._worker.estimates.take() if self._worker is not None else None
        if estimate is not None:
            self._hub.publish(estimate)
            self._outputs.publish(estimate)

    def _on_source_state(self, state: State, detail: str) -> None:
        self._call(self._set_source_state, state, detail)

    def _set_source_state(self, state: State, detail: str) -> None:
        self._source_state = (state, detail)
        self._announce()

    def _on_fault(self, reason: str | None) -> None:
        self._call(self._set_fault, reason)

    def _set_fault(self, reason: str | None) -> None:
        self._fault = reason
        self._announce()

    def _announce(self) -> None:
        if self.id not in self._hub.catalog:
            return
        state, detail = self._source_state
        if state == "live" and self._fault is not None:
            state, detail = "lost", self._fault
        last = self._hub.catalog.status(self.id)
        if (last.state, last.detail) != (state, detail):
            log.log(
                logging.WARNING if state == "lost" else logging.INFO,
                "stream %s: %s%s",
                self.id,
                state,
                f" ({detail})" if detail else "",
            )
            self._hub.announce(self._hub.catalog.set_state(self.id, state, detail, now_us()))


async def serve(config: ServeConfig) -> bool:
    """Run a server until SIGINT or SIGTERM. True when every thread ended; False when one is stuck in native code.

    Raises UsageError for what the user has to change, PosewireError for what failed.
    """
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    _on_signals(loop, ending.set)
    sock = listen(config.host, config.port)
    catalog = Catalog()
    hub = Hub(catalog)
    access = make_access(config)
    sources = open_sources(config.sources, SourceWish(config.width, config.height, config.fps))
    cameras = Cameras({named.id: named.source for named in sources if isinstance(named.source, Browser)})
    gateway = Gateway(hub, access, cameras)
    limits = PictureLimits(config.max_picture_bytes, config.max_picture_pixels)
    pool = Pool(config.photo_workers, PHOTO_QUEUE, limits.max_pixels)
    identity = _identity(config)
    scheme, port = "https" if identity else "http", sock.getsockname()[1]
    addresses = [] if is_loopback(config.host) else reachable(config.host)
    urls = [make_url(scheme, address, port, access.token) for address in addresses]
    cache = Cache()
    app = make_app(
        *(catalog, access, cameras),
        PhotoService(pool, cache, limits),
        Metrics(hub, cache, pool),
        Invitation(urls, identity.authority if identity else None),
    )
    server = Server(app, gateway, identity)
    outputs = Outputs(config.vmc, config.vrchat)
    # Avatars are driven by the first stream; an output of two would follow now the one, now the other.
    none = Outputs((), ())
    streams = [Stream(named, config, hub, none if n else outputs, loop) for n, named in enumerate(sources)]
    executor = ThreadPoolExecutor(len(streams), thread_name_prefix="engine")
    started = False
    announcer: Announcer | None = None
    ticking: asyncio.Task[None] | None = None
    try:
        from streamer.engine_mediapipe import MediaPipeEngine  # after the log set-up: importing it loads native code

        for stream in streams:
            opening = loop.run_in_executor(
                None, stream.start, lambda: MediaPipeEngine(config.model, config.people), executor
            )
            if not await _unless(ending, opening):
                return True
        await server.start(sock)
        started = True
        outputs.start()
        ticking = asyncio.create_task(_tick(hub))
        for stream in streams:
            info = next(info for info in catalog.streams if info.id == stream.id)
            log.info(
                "stream %s: %s, %dx%d, %g fps, %s %s, smoothing %s",
                *(stream.id, stream.label, info.width, info.height, info.fps, info.engine, info.model, info.smoothing),
            )
        for label in outputs.labels:
            log.info("stream %s: %s", streams[0].id, label)
        if addresses:
            log.info("on the network: %s", make_url(scheme, addresses[0], port, None))
            if sys.stderr.isatty():  # a person's screen; in a log's file the token would stay
                print(f"{qr.terminal(urls[0])}\n{urls[0]}", file=sys.stderr)
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
        await asyncio.gather(*(asyncio.to_thread(stream.stop) for stream in streams))
        ended = all(await asyncio.gather(*(stream.wait() for stream in streams)))
        executor.shutdown(wait=ended)
    return ended


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


async def _tick(hub: Hub) -> None:
    while True:
        await asyncio.sleep(1.0)
        hub.tick()


def _on_signals(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(action))
        else:
            loop.add_signal_handler(number, action)


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
