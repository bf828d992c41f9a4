"""HTTP and WebSocket on one port: the page, the JSON endpoints and the stream."""

import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.server import ServerState

from streamer.errors import PosewireError, UsageError
from streamer.guard.access import Access, Refusal, Role, Visit
from streamer.guard.door import MAX_PER_ADDRESS, Door
from streamer.guard.pace import Pace
from streamer.hub.catalog import Catalog
from streamer.lan.invitation import Invitation
from streamer.rest.endpoints import PhotoService
from streamer.rest.live import LiveService
from streamer.rest.metrics import MEDIA_TYPE, Metrics, NatsEnd
from streamer.rest.problem import HANDLERS, Problem
from streamer.rest.recording import RecordingService
from streamer.rest.replay import ReplayService
from streamer.server.connection import slim_tls
from streamer.server.gateway import Gateway
from streamer.server.http import make_connection
from streamer.server.publish import Cameras
from streamer.vitals.health import Health, report

if TYPE_CHECKING:
    from streamer.lan.tls import Identity

SOCKET_BYTES = 49_152
"""Kernel buffers asked for, of a connection that listens slowly or sends fast; the system doubles it."""
WEB = Path(__file__).parents[1] / "web" / "dist"
PAGES = {"/": "index.html", "/photo": "photo.html", "/camera": "camera.html", "/docs": "docs.html"}
PAGE_HEADERS = {
    # The page loads nothing from elsewhere, and can't be made to.
    # (blob: are the pictures of an avatar that the user gave it.)
    "content-security-policy": "default-src 'self'; connect-src 'self' ws: wss: blob:; img-src 'self' data: blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
}


class WatchedStream(Protocol):
    """A stream as `/healthz` sees it."""

    id: str

    def health(self) -> Health:
        """Of camera and engine."""


def make_app(
    catalog: Catalog,
    access: Access,
    cameras: Cameras,
    photos: PhotoService,
    live: LiveService,
    recording: RecordingService,
    replay: ReplayService,
    metrics: Metrics,
    invitation: Invitation,
    watched: Sequence[WatchedStream],
    nats: NatsEnd | None = None,
) -> ASGIApp:
    """The HTTP side as an ASGI application; upgrades never reach it. watched: may change meanwhile."""

    async def page(request: Request) -> Response:
        return FileResponse(WEB / PAGES[request.scope["path"]])

    async def streams(request: Request) -> Response:
        return JSONResponse({"streams": [asdict(info) for info in catalog.streams]})

    async def healthz(request: Request) -> Response:
        states = {info.id: info.state for info in catalog.streams}
        # A stream that waits for somebody to open the camera's page is as it should be.
        well, told = report(states, {stream.id: stream.health() for stream in watched}, may_be_absent=cameras)
        if nats is not None:
            told["nats"] = {"connected": nats.connected}
            if nats.needed:  # a node's lost camera is lost at every relay: another would be no better
                well = nats.connected
                told["status"] = "ok" if well else "degraded"
        return JSONResponse(told, HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)

    async def publishable(request: Request) -> Response:
        may_publish = request.state.role >= Role.CONTROL
        return JSONResponse({"cameras": cameras.describe(), "may_publish": may_publish})

    async def numbers(request: Request) -> Response:
        return Response(metrics.text(), headers={"content-type": MEDIA_TYPE})

    async def upgrade_needed(request: Request) -> Response:
        return PlainTextResponse("this is a WebSocket endpoint\n", 426, {"upgrade": "websocket"})

    app = Starlette(
        routes=[
            *(Route(path, page) for path in PAGES),
            Route("/streams", streams),
            Route("/healthz", healthz),
            Route("/metrics", numbers),
            Route("/stream", upgrade_needed),
            Route("/cameras", publishable),
            Route("/publish/{stream}", upgrade_needed),
            *photos.routes(),
            *live.routes(),
            *recording.routes(),
            *replay.routes(),
            *invitation.routes(),
            Mount("/static", StaticFiles(directory=WEB)),
        ],
        exception_handlers=HANDLERS,
    )
    return _Guard(app, access)


class _Guard:
    """Lets only those requests through that the access rules allow, and sets the page's headers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # lifespan is off and upgrades go to the gateway
            raise RuntimeError(f"unexpected scope {scope['type']}")
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"]]
        server, client = scope.get("server"), scope.get("client")
        peer = client[0] if client else ""
        needs = Role.READ if scope["method"] in ("GET", "HEAD") else Role.CONTROL
        visit = Visit(scope["path"], headers, query.get("token"), peer, server[0] if server else None, needs)
        checked = self._access.check(visit)
        refusal = checked if isinstance(checked, Refusal) else None
        origin = next((value for key, value in headers if key == "origin"), None)
        # The token is looked at last.
        is_of_an_allowed_page = refusal is None or refusal.reason not in ("host", "origin")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {key for key, _ in message["headers"]}
                extra = [(key.encode(), value.encode()) for key, value in PAGE_HEADERS.items()]
                if origin and scope["path"] == "/streams" and is_of_an_allowed_page:
                    # Browsers hide from a page why its WebSocket was refused; this it may ask instead.
                    extra += [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]
                    extra.append((b"access-control-expose-headers", b"retry-after"))
                message["headers"] = [*message["headers"], *(item for item in extra if item[0] not in present)]
            await send(message)

        if refusal is not None:
            problem = Problem(refusal.status, refusal.text, refusal.retry_after_s or None, refusal.reason)
            await problem.response(_challenge(refusal.status))(scope, receive, send_with_headers)
            return
        forwarded = [value for key, value in headers if key == "x-forwarded-for"]
        scope["client"] = (self._access.client_address(peer, forwarded), client[1] if client else 0)
        scope["state"]["role"] = checked
        await self._app(scope, receive, send_with_headers)


def _challenge(status: HTTPStatus) -> Mapping[str, str]:
    return {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises UsageError where the address isn't ours, PosewireError where the port is taken."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise UsageError(f"can't listen on {host!r}: {error.strerror}") from None
    # With the protocol's number asyncio sends at once on connections of this socket (TCP_NODELAY), without it doesn't.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections have what the listening socket has, from their first byte on.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * SOCKET_BYTES)
        sock.bind(address)
        sock.listen(1024)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        hint = "; choose another with --port, or --port 0 for a free one" if port else ""
        raise PosewireError(f"can't listen on {host} port {port}: {error.strerror}{hint}") from None
    return sock


class Server:
    """Serves on one socket from `start` to `stop`.

    is_heard: whether frames go out to anybody; requests are then taken no faster than is good for those. identity: with
    what it speaks TLS, if it does. per_address, proxies and count: see Door.
    """

    def __init__(
        self,
        app: ASGIApp,
        gateway: Gateway,
        is_heard: Callable[[], bool],
        identity: "Identity | None" = None,
        per_address: int = MAX_PER_ADDRESS,
        proxies: Collection[str] = (),
        count: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._gateway = gateway
        if identity is not None:
            slim_tls()
        # Of uvicorn only the HTTP protocol: connections are accepted, and signals heeded, here.
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            date_header=False,
            timeout_keep_alive=5,
        )
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        config.load()
        self._state = ServerState()
        make = make_connection(config, self._state, gateway.make_connection)
        context = identity.context() if identity else None
        self._door = Door(make, Pace(is_heard), context, per_address, proxies, count)

    def start(self, sock: socket.socket) -> None:
        """Accept connections on a socket of `listen`."""
        self._door.open(sock)

    async def stop(self) -> None:
        """Refuse new connections, end the open ones, the streams' with 1001; returns within about two seconds."""
        await self._door.close()
        await self._gateway.close()
        for connection in list(self._state.connections):
            connection.shutdown()  # at once where nothing is being answered
        tasks = list(self._state.tasks)
        _, late = await asyncio.wait(tasks, timeout=1.0) if tasks else ((), ())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for connection in list(self._state.connections):
            connection.transport.abort()
