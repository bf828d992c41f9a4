"""One connection to NATS that is kept up: it comes back by itself, and nothing waits in it while it is away."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from streamer.config import NatsConfig
from streamer.nats import subjects
from streamer.nats.login import login, shown

CONNECT_TIMEOUT_S: Final = 2
RETRY_S: Final = 0.1
"""Between attempts on the same server; the others of a cluster are tried at once."""
REFUSED_S: Final = 1.0
"""After a refusal, of the server's or ours: that seldom changes, and each attempt costs a handshake."""
MAX_TOLD: Final = 8
"""Reasons in the log, each once, why it doesn't connect; another connection begins anew."""
PING_S: Final = 1
MAX_UNANSWERED_PINGS: Final = 2
"""A server that hangs without closing is given up after three seconds."""
FLUSH_TIMEOUT_S: Final = 1.0
SOCKET_BYTES: Final = 49_152
"""What may lie in the system's buffer: a link too slow for the frames shows here, where the newest can still be chosen,
and not as seconds of old ones under way."""
AGAIN_S: Final = 0.05
MAX_WAITING: Final = 64
"""Messages of one subject that wait to be looked at, of which only the newest will count."""
MAX_WAITING_BYTES: Final = 4_194_304

Take: TypeAlias = Callable[[Msg], Awaitable[None]]

log = logging.getLogger("posewire.nats")


class _Client(Client):
    """The library's client, with a look at each connection before anything is said on it."""

    def __init__(self, needs_tls: bool) -> None:
        super().__init__()
        self._needs_tls = needs_tls
        self._draining = asyncio.Lock()

    async def _flush_pending(self, force_flush: bool = False) -> None:
        # Here and now. The library has a task of its own for it, which has to be woken first, and again in vain after.
        if not self.is_connected or not self._pending or self._transport is None:
            return
        self._transport.writelines(self._pending)
        self._pending, self._pending_data_size = [], 0
        writer = self._transport._io_writer  # type: ignore[attr-defined]
        if not force_flush or not writer.transport.get_write_buffer_size():
            return
        try:
            async with self._draining:  # before Python 3.10.9 only one may wait for it
                await asyncio.wait_for(writer.drain(), FLUSH_TIMEOUT_S)
        except asyncio.TimeoutError:
            await self._error_cb(errors.FlushTimeoutError())
        except OSError as error:
            await self._process_op_err(error)

    async def _process_connect_init(self) -> None:
        transport = self._wait_for_the_system()
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
        try:
            await super()._process_connect_init()
        except BaseException:
            # After a TLS handshake that failed, the library would wait for an end that nobody tells it of.
            transport.abort()
            self._transport._io_writer = None  # type: ignore[union-attr]
            raise

    def _connect_command(self) -> bytes:
        # Credentials are in what comes next.
        if self._needs_tls and not self._server_info.get("tls_required"):
            raise errors.Error("the server doesn't ask for TLS, so it isn't told who we are")
        transport = self._wait_for_the_system()  # TLS, if there is any, has a buffer of its own
        transport.get_protocol()._over_ssl = True  # type: ignore[attr-defined]  # else asyncio warns at the end of each
        command: bytes = super()._connect_command()
        return command

    def _wait_for_the_system(self) -> asyncio.WriteTransport:
        """Have waiting mean waiting until the system has all of it, but for a byte: TLS would pause at none."""
        writer = self._transport._io_writer  # type: ignore[union-attr]  # there is one: nats: and tls: are TCP
        writer.transport.set_write_buffer_limits(high=1, low=0)
        transport: asyncio.WriteTransport = writer.transport
        return transport


class Link:
    """Lives on the event loop.

    name: as the server's monitoring shows it. on_change: called whenever `connected` has changed. Raises UsageError for
    what can't be used.
    """

    def __init__(self, config: NatsConfig, name: str, on_change: Callable[[], None]) -> None:
        self.fault = "not connected yet"
        """Why it isn't connected, in words."""
        self._options = {**login(config), **_options(name)}
        self._needs_tls = "tls" in self._options
        self._on_change = on_change
        self._wanted: dict[str, Take] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._client: _Client | None = None
        self._closed = asyncio.Event()
        self._connection = asyncio.Event()
        self._told: set[str] = set()
        self._ends = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def connected(self) -> bool:
        """Whether a server is there."""
        return self._client is not None and self._client.is_connected

    def start(self) -> None:
        """Begin to connect."""
        self._tasks = [asyncio.create_task(self._keep_up())]

    async def come_up(self) -> None:
        """Wait until a server is there."""
        await self._connection.wait()

    async def close(self) -> None:
        """Say no more, and end."""
        self._ends = True
        await end(self._tasks)
        if self._client is not None:
            with suppress(Exception):
                await self._client.close()

    async def publish(self, subject: str, data: bytes) -> bool:
        """Send now, and wait until the system has all of it. False where no server is there: then it is lost."""
        if self._client is None or not self._client.is_connected:
            return False
        try:
            await self._client.publish(subject, data)
        except errors.MaxPayloadError:
            log.error("NATS takes no message of %d bytes (max_payload): %s", len(data), subject)
            return False
        except (errors.Error, OSError):
            return False
        return True

    async def request(self, subject: str, data: bytes, timeout_s: float) -> bytes | None:
        """The first answer, None where none comes."""
        if self._client is None or not self._client.is_connected:
            return None
        try:
            answer = await self._client.request(subject, data, timeout=timeout_s)
        except (errors.Error, OSError, asyncio.TimeoutError):
            return None
        return bytes(answer.data)

    async def subscribe(self, subject: str, take: Take) -> None:
        """Have `take` called with every message from now on, also after a connection that was lost."""
        self._wanted[subject] = take
        await self._subscribe(subject)

    async def unsubscribe(self, subject: str) -> None:
        """No more of these."""
        self._wanted.pop(subject, None)
        subscription = self._subscriptions.pop(subject, None)
        if subscription is not None:
            with suppress(errors.Error, OSError):
                await subscription.unsubscribe()

    async def _subscribe(self, subject: str) -> None:
        if self._client is None or not self._client.is_connected or subject in self._subscriptions:
            return  # `_on_connected` will
        with suppress(errors.Error, OSError):  # the connection ended meanwhile: the next one asks again
            self._subscriptions[subject] = await self._client.subscribe(
                subject,
                cb=self._wanted[subject],
                pending_msgs_limit=MAX_WAITING,
                pending_bytes_limit=MAX_WAITING_BYTES,
            )

    async def _keep_up(self) -> None:
        # The library's client comes back by itself from nearly everything; but it closes for good when it is refused.
        while True:
            self._closed.clear()
            self._subscriptions.clear()
            self._client = _Client(self._needs_tls)
            try:
                await self._client.connect(
                    **self._options,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_disconnected,
                    reconnected_cb=self._on_connected,
                    closed_cb=self._on_closed,
                )
                await self._on_connected()
                await self._closed.wait()
            except (errors.Error, OSError, asyncio.TimeoutError, ValueError) as error:
                await self._on_error(error)
            finally:
                self._note()
                with suppress(Exception):
                    await self._client.close()
            await asyncio.sleep(1.0)

    async def _on_connected(self) -> None:
        assert self._client is not None
        url = self._client.connected_url
        log.info("NATS: connected to %s", shown(url.geturl()) if url is not None else "a server")
        self._told.clear()
        self.fault = ""
        for subject in list(self._wanted):
            await self._subscribe(subject)
        self._note()

    async def _on_disconnected(self) -> None:
        if not self.fault:
            self.fault = "the connection was lost"
        if not self._told:
            self._tell()
        self._note()

    async def _on_closed(self) -> None:
        self._closed.set()

    async def _on_error(self, error: Exception) -> None:
        if isinstance(error, errors.SlowConsumerError):
            return  # too many waited, and of those only the newest would have counted
        text = " ".join((str(error) or type(error).__name__).split())[:200].removeprefix("nats: ").strip("'")
        if self.connected:
            log.warning("NATS: %s", text)  # a subject that we may not use, say
            return
        if self._told and isinstance(error, (BrokenPipeError, ConnectionResetError)):
            return  # how it ended, after it was said why
        self.fault = text
        self._tell()
        if text.startswith("Authorization") or isinstance(error, ssl.SSLCertVerificationError):
            await asyncio.sleep(REFUSED_S)  # the library waits for us before it tries again

    def _tell(self) -> None:
        if self.fault not in self._told and len(self._told) < MAX_TOLD and not self._ends:
            self._told.add(self.fault)
            log.warning("NATS: %s; it is tried again until it works", self.fault)

    def _note(self) -> None:
        if self.connected != self._connection.is_set():
            if self.connected:
                self._connection.set()
            else:
                self._connection.clear()
            self._on_change()


async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel them, and wait until they have ended."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        # One that meets asyncio's wait_for just when that ends is lost (before Python 3.12): once isn't always enough.
        await asyncio.wait(pending, timeout=AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)


def _options(name: str) -> dict[str, Any]:
    """For the library's `connect`."""
    return {
        "name": name,
        "no_echo": True,
        "inbox_prefix": subjects.INBOX,
        "allow_reconnect": True,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": RETRY_S,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "ping_interval": PING_S,
        "max_outstanding_pings": MAX_UNANSWERED_PINGS,
        # More than nothing would make frames wait while the connection is away, and come late when it is back; with
        # this little, publishing waits until what is said is with the system.
        "pending_size": 1,
        "flush_timeout": FLUSH_TIMEOUT_S,
    }
