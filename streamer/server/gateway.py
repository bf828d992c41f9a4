"""The WebSocket endpoints: from an upgrade request to a session on the hub, or to a camera, and back out."""

import asyncio
import logging
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from protocol.limits import SUBPROTOCOL_JSON
from protocol.messages import Error, Format, Message, Subscribed
from streamer.clock import now_us
from streamer.guard.access import Access, Refusal, Role, Visit
from streamer.guard.door import MESSAGES_PER_SUBSCRIPTION, Caller
from streamer.hub.delivery import Client
from streamer.hub.hub import Hub
from streamer.hub.session import Session
from streamer.server.connection import Gate, StreamConnection, peer_name
from streamer.server.publish import Cameras, Publisher

STREAM_PATHS = ("/stream", "/")
PUBLISH_PATH = "/publish/"
LARGE_BYTES = 4096
"""A larger message may take milliseconds to look at: one at a time, and twice as long for everybody else."""

log = logging.getLogger("posewire.gateway")


class Gateway:
    """Makes a client or a publisher of every connection that may be one."""

    def __init__(self, hub: Hub, access: Access, cameras: Cameras) -> None:
        self._hub = hub
        self._access = access
        self._cameras = cameras
        self._gate = Gate()
        self._large = asyncio.Lock()
        self._connections: set[StreamConnection] = set()
        self._publishers: dict[ServerConnection, Publisher] = {}

    def make_connection(self, caller: Caller) -> StreamConnection:
        """An asyncio protocol for an upgrade request, as the HTTP side asks for it."""
        return StreamConnection(self._gate, self._serve, caller)

    async def close(self) -> None:
        """End every connection with 1001 and wait until all are gone; those that don't answer are cut."""
        self._gate.open = False
        tasks = [connection.handler_task for connection in self._connections if connection.handler_task]
        closings = [connection.close(CloseCode.GOING_AWAY, "server ends") for connection in self._connections]
        _, pending = await asyncio.wait(map(asyncio.ensure_future, closings), timeout=1.0) if closings else ((), ())
        for connection in list(self._connections):
            connection.transport.abort()
        for task in pending:
            task.cancel()
        await asyncio.gather(*tasks, *pending, return_exceptions=True)

    async def _serve(self, connection: StreamConnection) -> None:
        self._connections.add(connection)
        try:
            await connection.handshake(self._check, server_header=None)
            if connection.response is not None and connection.response.status_code == 101:
                connection.let_in()
                connection.start_keepalive()
                publisher = self._publishers.get(connection)
                await (publisher.converse() if publisher is not None else self._converse(connection))
                await connection.close()
        except (ConnectionClosed, ConnectionError):
            pass
        except Exception:
            log.exception("client %s dropped after an error of the server", peer_name(connection))
        finally:
            if connection.transport is not None:
                connection.transport.close()
            self._connections.discard(connection)
            if (publisher := self._publishers.pop(connection, None)) is not None:
                publisher.end()

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        token = dict(parse_qsl(parts.query)).get("token")
        local = connection.local_address
        address = local[0] if isinstance(local, tuple) else None
        camera = parts.path.removeprefix(PUBLISH_PATH) if parts.path.startswith(PUBLISH_PATH) else None
        headers = list(request.headers.raw_items())
        assert isinstance(connection, StreamConnection)
        needs = Role.READ if camera is None else Role.CONTROL
        visit = Visit(parts.path, headers, token, connection.caller.address, address, needs)
        refusal = self._access.check(visit)
        if isinstance(refusal, Refusal):
            return _refuse(connection, refusal)
        if camera is None and parts.path not in STREAM_PATHS:
            return connection.respond(HTTPStatus.NOT_FOUND, "the stream is at /stream\n")
        if camera is not None and camera not in self._cameras:
            text = f"no stream {camera[:64]!r} waits for a camera; start the server with --source browser\n"
            return connection.respond(HTTPStatus.NOT_FOUND, text)
        return None if camera is None else self._claim(camera, connection)

    def _claim(self, camera: str, connection: StreamConnection) -> Response | None:
        claimed = self._cameras.claim(camera, connection)
        if isinstance(claimed, Refusal):
            self._access.refused.count(claimed.reason)
            return _refuse(connection, claimed)
        self._publishers[connection] = claimed
        return None

    async def _converse(self, connection: StreamConnection) -> None:
        format: Format = "json" if connection.subprotocol == SUBPROTOCOL_JSON else "msgpack"
        account = connection.caller.account
        session = Session(format, self._hub.catalog, account.subscriptions)
        client = Client(session, connection, account.frames)
        assert connection.request is not None
        query = dict(parse_qsl(urlsplit(connection.request.path).query, keep_blank_values=True))
        connection.on_drained = lambda: self._hub.drained(client)
        try:
            self._hub.join(client)
            await self._answer(connection, client, session.greet(query, now_us()))
            async for data in connection:
                if len(data) > LARGE_BYTES:
                    async with self._large:
                        started_us = now_us()
                        answers = session.receive(data, started_us)
                        await asyncio.sleep(2e-6 * (now_us() - started_us))
                else:
                    answers = session.receive(data, now_us())
                await self._answer(connection, client, answers)
                # Reading what is there already doesn't suspend: a flood of small messages would keep others waiting.
                await asyncio.sleep(0)
                if session.close_code is not None:
                    reason = "malformed message" if session.close_code == CloseCode.INVALID_DATA else "wrong kind"
                    await connection.close(session.close_code, reason)
                    return
        finally:
            connection.on_drained = None
            self._hub.leave(client)
            session.close()

    async def _answer(self, connection: StreamConnection, client: Client, answers: list[Message]) -> None:
        if any(isinstance(answer, (Subscribed, Error)) for answer in answers):
            connection.charge(MESSAGES_PER_SUBSCRIPTION - 1)
        # No await between the answers and the new deliveries: no frame of an old view follows `subscribed`.
        for answer in answers:
            client.send(answer)
        self._hub.refresh(client)
        # Whoever doesn't read the answers isn't listened to either, so answers can't pile up.
        await connection.drain()


def _refuse(connection: ServerConnection, refusal: Refusal) -> Response:
    response = connection.respond(refusal.status, refusal.text + "\n")
    if refusal.retry_after_s:
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response
