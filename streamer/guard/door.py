"""The door: takes connections, so many an address and in all, and gives each a few seconds to say what it wants."""

import asyncio
import errno
import json
import logging
import socket
import ssl
import sys
import time
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any, Final

from streamer.guard.allowance import Allowance
from streamer.guard.pace import TURN_S, Pace, metered
from streamer.guard.quota import Quota
from streamer.guard.share import Share

MAX_CONNECTIONS: Final = 4096
"""Open at a time, of every kind; one more gets 503."""
MAX_PER_ADDRESS: Final = 32
"""Open at a time from one address; one more gets 429. A setting."""
HANDSHAKE_S: Final = 4.0
"""For TLS and the first request's head, from when it is a connection's turn; who takes longer is dropped."""
MESSAGES_PER_S: Final = 500.0
MESSAGE_BURST: Final = 1000.0
"""WebSocket frames that are taken from all connections of an address: so many at once, and a second on average."""
BYTES_PER_MESSAGE: Final = 1024
"""A larger one counts as several, but where it is a picture of a camera's."""
MESSAGES_PER_CONNECTION: Final = 20
"""What a new connection counts as: whoever comes and goes all the time has to wait before it is answered."""
MESSAGES_PER_SUBSCRIPTION: Final = 10
"""What subscribing counts as, whether it is granted or not, and whatever else is answered with an error."""
SUBSCRIPTIONS_PER_CONNECTION: Final = 4
"""On average over the connections that an address may have: frames are encoded for each that differs."""
FAREWELL_S: Final = 1.0
"""What a refused client gets to read why; without it, closing might overtake the words."""
MAX_FAREWELLS: Final = 64
PAUSE_S: Final = 0.5
"""Before another try where the system can't give more connections."""
MAX_ADDRESSES: Final = 8192
"""Whose accounts are kept at a time, those without a connection included."""
ACCEPT_S: Final = 0.0001
"""What the system's part in taking a connection takes of the event loop, about."""
TLS_S: Final = 0.001
"""The same of a handshake."""
_ACCEPTING: Final = ""
SPARE_FILES: Final = 256
"""Open files that the rest of the server may need."""

log = logging.getLogger("posewire.door")


class Caller:
    """One connection, from accept to its end."""

    __slots__ = ("_door", "_is_inside", "account", "address", "deadline_s", "pace")

    def __init__(self, door: "Door", account: "Account", address: str) -> None:
        self._door = door
        self._is_inside = True
        self.account = account
        """What it shares with the other connections of its address; a connection's last tasks may outlast it."""
        self.pace = door.pace
        self.address = address
        self.deadline_s = 0.0
        """When, on the event loop's clock, it has to have said what it wants."""

    def count_refusal(self, reason: str) -> None:
        """It is dropped before it was served."""
        self._door.count(reason)

    def leave(self) -> None:
        """The connection has ended; said once or more often."""
        if self._is_inside:
            self._is_inside = False
            self._door.left(self.address, self.account)


class Account:
    """What one address has of the server now."""

    __slots__ = ("allowance", "connections", "frames", "subscriptions")

    def __init__(self, connections: int) -> None:
        """connections: that it may have."""
        self.connections = 0
        several = max(1.0, connections / MAX_PER_ADDRESS)  # many clients are expected there
        self.allowance = Allowance(several * MESSAGES_PER_S, several * MESSAGE_BURST)
        self.frames = Share(several)
        self.subscriptions = Quota(SUBSCRIPTIONS_PER_CONNECTION * connections)


class Door:
    """make: the protocol for a connection that may come in. pace: what all share. context: where it has to speak TLS.

    per_address: as MAX_PER_ADDRESS; proxies are the addresses that may have more, since many come through them.
    count: told the reason of each refusal.
    """

    def __init__(
        self,
        make: Callable[[Caller], asyncio.Protocol],
        pace: Pace,
        context: ssl.SSLContext | None = None,
        per_address: int = MAX_PER_ADDRESS,
        proxies: Collection[str] = (),
        count: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._make = make
        self.pace = pace
        self._context = context
        self._per_address = per_address
        self._proxies = frozenset(proxies)
        self.count = count
        self._accounts: dict[str, Account] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._farewells = 0
        self._accepting: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None
        self.connections = 0

    def open(self, sock: socket.socket) -> None:
        """Accept what comes on a listening socket, which is the door's from now on."""
        self._socket = sock
        _ask_for_files()
        self._accepting = asyncio.get_running_loop().create_task(self._accept(sock))

    async def close(self) -> None:
        """Accept nothing more; those inside stay."""
        if self._accepting is None or self._socket is None:
            return
        for task in (self._accepting, *self._tasks):
            task.cancel()
        await asyncio.gather(self._accepting, *self._tasks, return_exceptions=True)
        self._socket.close()

    def left(self, address: str, account: Account) -> None:
        """A connection of that address ended."""
        self.connections -= 1
        account.connections -= 1
        if not account.connections and account.allowance.is_whole:
            del self._accounts[address]

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        spent_s = 0.0
        while True:
            if spent_s >= TURN_S:
                spent_s = 0.0
                await self.pace.turn(_ACCEPTING)
            try:
                connection, name = await loop.sock_accept(sock)
            except OSError as error:
                if error.errno != errno.ECONNABORTED:  # gone before it was taken: no fault
                    log.error("no connection can be taken: %s; trying again", error.strerror or error)
                    await asyncio.sleep(PAUSE_S)
                continue
            start_s = time.thread_time()
            self._admit(connection, plain_address(name[0]))
            took_s = time.thread_time() - start_s + ACCEPT_S
            self.pace.spend(took_s)
            spent_s += took_s
            await asyncio.sleep(0)  # accepting what is there already doesn't suspend: a flood would keep others waiting

    def _admit(self, connection: socket.socket, address: str) -> None:
        account = self._accounts.get(address)
        if self.connections >= MAX_CONNECTIONS:
            text = f"{MAX_CONNECTIONS} connections are open, no more are taken"
            self._refuse(connection, HTTPStatus.SERVICE_UNAVAILABLE, text, "connections")
        elif account is not None and account.connections >= self._per_address and address not in self._proxies:
            text = f"{self._per_address} connections of {address} are open; the server takes no more from one address"
            self._refuse(connection, HTTPStatus.TOO_MANY_REQUESTS, text, "connections_of_address")
        else:
            if account is None:
                self._forget_some()
                allowed = MAX_CONNECTIONS if address in self._proxies else self._per_address
                account = self._accounts[address] = Account(allowed)
            account.connections += 1
            self.connections += 1
            self._spawn(metered(self.pace, self._welcome, connection, account, address))

    async def _welcome(self, connection: socket.socket, account: Account, address: str) -> None:
        account.allowance.spend(MESSAGES_PER_CONNECTION)
        caller = Caller(self, account, address)
        try:
            await asyncio.sleep(0.0 if address in self._proxies else account.allowance.overdrawn_s)
            if self._context is not None:
                await self.pace.turn(address)
                self.pace.spend(TLS_S)
        except BaseException:
            caller.leave()
            connection.close()
            raise
        caller.deadline_s = asyncio.get_running_loop().time() + HANDSHAKE_S
        options: dict[str, Any] = {}
        if self._context is not None:
            options = {"ssl": self._context, "ssl_handshake_timeout": HANDSHAKE_S}
            if sys.version_info >= (3, 11):
                options["ssl_shutdown_timeout"] = FAREWELL_S
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: self._make(caller), connection, **options)
        except (OSError, asyncio.TimeoutError):
            caller.leave()  # it broke off, isn't speaking TLS, or is too slow with it
            self.count("handshake")
        except BaseException:
            caller.leave()
            raise

    def _refuse(self, connection: socket.socket, status: HTTPStatus, text: str, reason: str) -> None:
        self.count(reason)
        log.debug("refused: %s", text)
        if self._context is not None or self._farewells >= MAX_FAREWELLS:  # what isn't TLS can't be read there
            connection.close()
            return
        self._farewells += 1
        self._spawn(metered(self.pace, self._explain, connection, status, text, reason))

    async def _explain(self, connection: socket.socket, status: HTTPStatus, text: str, reason: str) -> None:
        words = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": text,
            "reason": reason,
        }
        body = json.dumps(words).encode() + b"\n"
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nretry-after: 5\r\nconnection: close\r\n\r\n"
        )
        try:
            await asyncio.wait_for(self._answer(connection, head.encode() + body), FAREWELL_S)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            self._farewells -= 1
            connection.close()

    async def _answer(self, connection: socket.socket, answer: bytes) -> None:
        # An answer to what isn't asked yet confuses clients; one to what isn't read would be thrown away with that.
        await self._read_out(connection, b"\r\n\r\n")
        await asyncio.get_running_loop().sock_sendall(connection, answer)
        connection.shutdown(socket.SHUT_WR)
        await self._read_out(connection, None)

    async def _read_out(self, connection: socket.socket, until: bytes | None) -> None:
        tail = b""
        for _ in range(16):  # a request's head or so; more isn't waited for
            data = await asyncio.get_running_loop().sock_recv(connection, 4096)
            tail = tail[-3:] + data
            if not data or (until is not None and until in tail):
                return

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget_some(self) -> None:
        if len(self._accounts) >= MAX_ADDRESSES:
            self._accounts = {key: account for key, account in self._accounts.items() if account.connections}


def _ask_for_files() -> None:
    """A process may have 1024 files open by default on many systems, and more where it asks."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + SPARE_FILES
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def plain_address(address: str) -> str:
    """An IPv4 address that an IPv6 socket shows as ::ffff:..., as itself; without the interface's name."""
    text = address.partition("%")[0]
    return text[7:] if text.startswith("::ffff:") and "." in text else text
