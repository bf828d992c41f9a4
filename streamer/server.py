"""HTTP and WebSocket on one port: the page, the JSON endpoints and the stream."""

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import Generator, Mapping
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamer.access import Access
from streamer.catalog import Catalog
from streamer.connection import slim_tls
from streamer.errors import PosewireError, UsageError
from streamer.gateway import Gateway
from streamer.lan.invitation import Invitation
from streamer.metrics import MEDIA_TYPE, Metrics
from streamer.publish import Cameras
from streamer.rest.endpoints import PhotoService
from streamer.rest.live import LiveService
from streamer.rest.problem import HANDLERS, Problem

if TYPE_CHECKING:
    from streamer.lan.tls import Identity

WEB = Path(__file__).parent / "web" / "dist"
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


def make_app(
    catalog: Catalog,
    access: Access,
    cameras: Cameras,
    photos: PhotoService,
    live: LiveService,
    metrics: Metrics,
    invitation: Invitation,
) -> ASGIApp:
    """The HTTP side as an ASGI application; upgrades never reach it."""

    async def page(request: Request) -> Response:
        return FileResponse(WEB / PAGES[request.scope["path"]])

    async def streams(request: Request) -> Response:
        return JSONResponse({"streams": [asdict(info) for info in catalog.streams]})

    async def healthz(request: Request) -> Response:
        states = {info.id: info.state for info in catalog.streams}
        # A stream that waits for somebody to open the camera's page is as it should be.
        lost = [stream for stream, state in states.items() if state == "lost" and stream not in cameras]
        status = HTTPStatus.SERVICE_UNAVAILABLE if lost else HTTPStatus.OK
        return JSONResponse({"status": "degraded" if lost else "ok", "streams": states}, status)

    async def publishable(request: Request) -> Response:
        return JSONResponse({"cameras": cameras.describe()})

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
        server = scope.get("server")
        origin = next((value for key, value in headers if key == "origin"), None)
        refusal = self._access.check(scope["path"], headers, query.get("token"), server[0] if server else None)
        # The token is looked at last.
        is_of_an_allowed_page = refusal is None or refusal.status == HTTPStatus.UNAUTHORIZED

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {key for key, _ in message["headers"]}
                extra = [(key.encode(), value.encode()) for key, value in PAGE_HEADERS.items()]
                if origin and scope["path"] == "/streams" and is_of_an_allowed_page:
                    # Browsers hide from a page why its WebSocket was refused; this it may ask instead.
                    extra += [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]
                message["headers"] = [*message["headers"], *(item for item in extra if item[0] not in present)]
            await send(message)

        if refusal is not None:
            response = Problem(refusal.status, refusal.text).response(_challenge(refusal.status))
            await response(scope, receive, send_with_headers)
            return
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
        sock.bind(address)
        sock.listen(1024)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        hint = "; choose another with --port, or --port 0 for a free one" if port else ""
        raise PosewireError(f"can't listen on {host} port {port}: {error.strerror}{hint}") from None
    return sock


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ending = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals are the pipeline's; it ends streams and clients first."""
        yield

    async def main_loop(self) -> None:
        """Wait for the end without waking ten times a second, which would cost more than many a client."""
        await self.on_tick(0)
        await self.ending.wait()


class Server:
    """Serves on one socket from `start` to `stop`."""

    def __init__(self, app: ASGIApp, gateway: Gateway, identity: "Identity | None" = None) -> None:
        self._gateway = gateway
        if identity is not None:
            slim_tls()
        config = uvicorn.Config(
            app,
            http="h11",
            ws=gateway.make_connection,  # type: ignore[arg-type]  # any callable that makes the protocol
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            date_header=False,
            ssl_certfile=identity.certificate if identity else None,
            ssl_keyfile=identity.key if identity else None,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self._uvicorn = _Uvicorn(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self, sock: socket.socket) -> None:
        """Accept connections on a socket of `listen`."""
        self._task = asyncio.create_task(self._uvicorn.serve(sockets=[sock]))
        while not self._uvicorn.started:
            if self._task.done():
                await self._task
                raise PosewireError("the HTTP server ended at once")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Refuse new connections, end the open ones with 1001; returns within about two seconds."""
        if self._task is None:
            return
        for server in self._uvicorn.servers:
            server.close()
        await self._gateway.close()
        self._uvicorn.should_exit = True
        self._uvicorn.ending.set()
        _, pending = await asyncio.wait([self._task], timeout=1.5)
        if pending:
            self._uvicorn.force_exit = True
            self._task.cancel()
