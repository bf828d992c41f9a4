"""A server inside the test's own event loop, fed by hand: for what can't be seen from outside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from protocol import StreamInfo
from streamer.body import Person
from streamer.clock import now_us
from streamer.engine.base import Detection
from streamer.guard.access import Access
from streamer.guard.door import MAX_PER_ADDRESS
from streamer.hub.catalog import Catalog
from streamer.hub.hub import Hub
from streamer.hub.outgoing import Estimate
from streamer.hub.session import describe
from streamer.lan.invitation import Invitation
from streamer.lan.tls import Identity
from streamer.photo.cache import Cache
from streamer.photo.picture import PictureLimits
from streamer.photo.pool import Pool
from streamer.recording.recordings import Recordings
from streamer.rest.endpoints import PhotoService
from streamer.rest.live import LiveService
from streamer.rest.metrics import Metrics
from streamer.rest.recording import RecordingService
from streamer.rest.replay import ReplayService
from streamer.server.gateway import Gateway
from streamer.server.publish import Cameras
from streamer.server.server import Server, listen, make_app
from streamer.source.browser import Browser

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (33, 4)).astype(np.float32)


class LocalServer:
    """Hub, gateway and HTTP on a free port."""

    def __init__(self, access: Access, per_address: int, identity: Identity | None) -> None:
        self.catalog = Catalog()
        self.catalog.add(StreamInfo("cam", 640, 480, 30.0, "none", "none"), now_us())
        self.hub = Hub(self.catalog)
        self.browser = Browser()
        cameras = Cameras({"phone": self.browser})
        self.gateway = Gateway(self.hub, access, cameras)
        self.pool = Pool(workers=1, queue=2, max_pixels=PictureLimits().max_pixels)
        cache = Cache()
        self.photos = PhotoService(self.pool, cache, PictureLimits())
        self.metrics = Metrics(self.hub, cache, self.pool, [], access.refused, lambda: [])
        live, replay = LiveService([], []), ReplayService([])
        recording = RecordingService(Recordings(None, lambda: describe(self.catalog, now_us()), False), self.catalog)
        invitation = Invitation([], [], None)
        services = self.photos, live, recording, replay, self.metrics, invitation
        self.app = make_app(self.catalog, access, cameras, *services, [])
        self.server = Server(
            self.app, self.gateway, lambda: bool(self.hub.clients), identity, per_address, count=access.refused.count
        )
        self.port = 0
        self._seq = 0

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/stream"

    def publish(self, people: int = 1) -> None:
        self._seq += 1
        found = [Person(index + 1, Detection(POINTS, POINTS, 0.9)) for index in range(people)]
        self.hub.publish(Estimate("cam", self._seq, now_us(), (640, 480), found))


@asynccontextmanager
async def local_server(
    access: Access | None = None, per_address: int = MAX_PER_ADDRESS, identity: Identity | None = None
) -> AsyncIterator[LocalServer]:
    local = LocalServer(access or Access(None), per_address, identity)
    sock = listen("127.0.0.1", 0)
    local.port = sock.getsockname()[1]
    local.server.start(sock)
    try:
        yield local
    finally:
        await local.server.stop()
        await local.pool.close()
