"""The client: one connection, kept alive, and the latest frame of each subscription."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from enum import Enum
from http import HTTPStatus
from ssl import SSLContext
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.http11 import Response
from websockets.typing import Subprotocol

from posewire_client.clock import ClockSync, now_us
from protocol import (
    SUBPROTOCOL_MSGPACK,
    Dropped,
    Error,
    Frame,
    Hello,
    ProtocolError,
    Status,
    Subscribe,
    Subscribed,
    Time,
    decode,
    encode,
)
from protocol.errors import UNKNOWN_STREAM
from protocol.limits import MAX_SERVER_MESSAGE_BYTES, MAX_STREAMS
from protocol.messages import Dtype, Message

FIRST_BACKOFF_S = 0.25
MAX_BACKOFF_S = 5.0
NOT_NOW = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
"""No refusals for good, though below 500."""
MAX_RETRY_AFTER_S = 60.0
"""A server that asks for more patience is tried again after this, all the same."""
SYNC_INTERVAL_S = 2.0
SYNC_BURST = 5
OPEN_TIMEOUT_S = 5.0


class State(Enum):
    """Where the connection stands."""

    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    REFUSED = "refused"
    CLOSED = "closed"


class ConnectionRefused(Exception):
    """The server answered and said no (wrong token, a subscription it can't serve): trying again would not help."""


class Client:
    """Subscribes and keeps the connection alive. `async for frame in client` gives the latest frame each time.

    A consumer that is slower than the stream sees fewer frames, never older ones; `skipped` counts those it missed
    here, `dropped` those the server couldn't send. A lost connection is made again with growing pauses, for ever; where
    the server asks to wait (HTTP 429), after that.

    url: ws://HOST:PORT/ (http, https and wss work too), with ?token=... where the server needs one.
    subscriptions: what to ask for; the default is all landmarks of all streams.
    ssl: whom to trust with wss, for a server that made its own certificate; the system's authorities by default.
    on_message: called with every message of the server, in order, for a consumer that must not miss a frame; it may
    not block.
    """

    def __init__(
        self,
        url: str,
        subscriptions: Sequence[Subscribe] = (Subscribe(0),),
        token: str | None = None,
        ssl: SSLContext | None = None,
        on_message: Callable[[Message], None] | None = None,
    ) -> None:
        self.url = stream_url(url)
        self._ssl = (ssl or True) if self.url.startswith("wss:") else None
        self.state = State.CONNECTING
        self.reason = ""
        """Why the state is lost or refused, in words."""
        self.hello: Hello | None = None
        """What the server offers at this moment: its `streams` follow those that come and go."""
        self.statuses: dict[str, Status] = {}
        """The last of each stream, of one that has gone only where a subscription names it."""
        self.clock = ClockSync()
        self.received = 0
        self.skipped = 0
        self._on_message = on_message
        self._subscriptions = tuple(subscriptions)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._dtypes: dict[int, Dtype] = {wish.id: wish.dtype for wish in subscriptions}
        self._granted: set[int] = set()
        self._away: set[int] = set()
        self._latest: dict[tuple[int, str], Frame] = {}
        self._dropped: dict[tuple[int, str], int] = {}
        self._dropped_before = 0
        self._news = asyncio.Event()
        self._attempted = asyncio.Event()
        self._refusal: ConnectionRefused | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def dropped(self) -> int:
        """Frames that the server dropped because this client was too slow, over all connections."""
        return self._dropped_before + sum(self._dropped.values())

    def latency_us(self, frame: Frame) -> float:
        """From the frame's capture to now."""
        return now_us() - self.clock.to_local_us(frame.t_us)

    async def __aenter__(self) -> "Client":
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def first_attempt(self) -> State:
        """Wait until the first attempt to connect and subscribe came to something: live, lost or refused."""
        await self._attempted.wait()
        return self.state

    async def close(self) -> None:
        """End the connection; an iteration in progress ends."""
        self.state = State.CLOSED
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[Frame]:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._latest:
                yield self._latest.pop(next(iter(self._latest)))
            if self._refusal is not None:
                raise self._refusal
            if self.state is State.CLOSED:
                return

    async def _run(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        while True:
            connected = False
            retry_after_s = 0.0
            try:
                async with connect(
                    self.url,
                    additional_headers=self._headers,
                    subprotocols=[Subprotocol(SUBPROTOCOL_MSGPACK)],
                    compression=None,
                    max_size=MAX_SERVER_MESSAGE_BYTES,
                    ssl=self._ssl,
                    open_timeout=OPEN_TIMEOUT_S,
                    proxy=None,
                ) as connection:
                    connected = True
                    await self._converse(connection)
                    self.reason = "the server ended the connection"
            except InvalidStatus as error:
                status = error.response.status_code
                self.reason = f"HTTP {status}: {_words(error.response)}"[:200]
                if status < 500 and status not in NOT_NOW:
                    return self._refuse(ConnectionRefused(self.reason))
                retry_after_s = _retry_after_s(error.response)
            except ConnectionRefused as error:
                return self._refuse(error)
            except (InvalidURI, ValueError) as error:
                return self._refuse(ConnectionRefused(str(error)))
            except (OSError, TimeoutError, asyncio.TimeoutError, InvalidHandshake, ConnectionClosed) as error:
                self.reason = str(error) or type(error).__name__
            except ProtocolError as error:
                self.reason = f"the server sent something that isn't the protocol: {error.message}"
            self.state = State.LOST
            self._attempted.set()
            await asyncio.sleep(max(retry_after_s, backoff_s * random.uniform(0.5, 1.0)))
            backoff_s = FIRST_BACKOFF_S if connected else min(2 * backoff_s, MAX_BACKOFF_S)

    def _refuse(self, error: ConnectionRefused) -> None:
        self.state, self.reason, self._refusal = State.REFUSED, str(error), error
        self._attempted.set()
        self._news.set()

    async def _converse(self, connection: ClientConnection) -> None:
        self._dropped_before, self._dropped = self.dropped, {}
        self.clock = ClockSync()
        self._away.clear()
        for wish in self._subscriptions:
            await connection.send(encode(wish))
        syncing = asyncio.create_task(_sync(connection))
        try:
            async for data in connection:
                message = decode(data, dtypes=self._dtypes, max_bytes=MAX_SERVER_MESSAGE_BYTES)
                self._receive(message)
                if isinstance(message, Status) and message.info is not None:
                    await self._ask_again(connection, message.stream)
        finally:
            syncing.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await syncing

    async def _ask_again(self, connection: ClientConnection, stream: str) -> None:
        """A stream that was away is there: ask for it."""
        for wish in self._subscriptions:
            if wish.stream == stream and wish.id in self._away:
                self._away.discard(wish.id)
                await connection.send(encode(wish))

    def _receive(self, message: Message) -> None:
        match message:
            case Frame():
                key = (message.id, message.stream)
                self.skipped += key in self._latest
                self._latest[key] = message
                self.received += 1
                self._news.set()
            case Time(t0_us=t0, t1_us=int(t1), t2_us=int(t2)):
                self.clock.add(t0, t1, t2, now_us())
            case Hello():
                self.hello = message
                self.statuses = {}
            case Subscribed():
                self._granted.add(message.id)
                self.state, self.reason = State.LIVE, ""
                self._attempted.set()
            case Status():
                self._follow(message)
            case Dropped():
                self._dropped[message.id, message.stream] = message.total
            case Error(code=code, id=int(id)) if code == UNKNOWN_STREAM and id in self._granted and self.hello:
                # It was there on an earlier connection, so it may come back.
                self._away.add(id)
                self.state, self.reason = State.LIVE, ""
                for stream in (wish.stream for wish in self._subscriptions if wish.id == id):
                    self._follow(Status(stream, "ended", message.message, self.hello.now_us, gone=True))
            case Error():
                raise ConnectionRefused(f"{message.code}: {message.message}")
        if self._on_message is not None:
            self._on_message(message)

    def _follow(self, status: Status) -> None:
        """Keep `statuses` and the streams of `hello` as the server tells of them."""
        if status.gone and all(wish.stream != status.stream for wish in self._subscriptions):
            self.statuses.pop(status.stream, None)
        else:
            self.statuses[status.stream] = status
        if self.hello is None or not (status.gone or status.info):
            return
        streams = {info.id: info for info in self.hello.streams}
        if status.gone:
            streams.pop(status.stream, None)
            for key in [key for key in self._dropped if key[1] == status.stream]:
                self._dropped_before += self._dropped.pop(key)  # if it comes back, it counts anew
        elif status.info and (status.stream in streams or len(streams) < MAX_STREAMS):
            streams[status.stream] = status.info
        self.hello = replace(self.hello, streams=tuple(streams.values()))


async def _sync(connection: ClientConnection) -> None:
    """Ask for the time: a few times at once, so that latency is known soon, then now and then."""
    count = 0
    while True:
        await connection.send(encode(Time(now_us())))
        count += 1
        await asyncio.sleep(0.05 if count < SYNC_BURST else SYNC_INTERVAL_S)


def _words(response: Response) -> str:
    """What a refusal says: `detail` of a problem (RFC 9457), or its text as it came."""
    text = bytes(response.body or b"").decode("utf-8", "replace").strip()
    with contextlib.suppress(ValueError, RecursionError):
        problem = json.loads(text)
        if isinstance(problem, dict) and isinstance(problem.get("detail"), str):
            return str(problem["detail"])
    return text


def _retry_after_s(response: Response) -> float:
    """How long the server asks to wait, at most MAX_RETRY_AFTER_S; 0 where it doesn't say so in seconds."""
    value = response.headers.get_all("Retry-After")[-1:]
    is_number = bool(value) and value[0].isascii() and value[0].isdigit() and len(value[0]) < 10
    return min(float(value[0]), MAX_RETRY_AFTER_S) if is_number else 0.0


def stream_url(url: str) -> str:
    """The WebSocket address that a page's or a server's address stands for. Raises ValueError where it is none."""
    parts = urlsplit(url if "://" in url else f"ws://{url}")
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if scheme not in ("ws", "wss") or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a server; it looks like ws://HOST:PORT/")
    return urlunsplit((scheme, parts.netloc, parts.path if parts.path not in ("", "/") else "/stream", parts.query, ""))
