"""Bytes to and from a server over TCP or TLS: no call waits past its deadline, or long after it should stop."""

import contextlib
import errno
import os
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from typing import Final

from .address import Address
from .errors import ConnectionLost, Refused, Stopped

STOP_CHECK_S: Final = 0.1
"""How long at most until a wait notices that it should stop."""
_CHUNK_BYTES: Final = 65_536
_IN_PROGRESS: Final = frozenset((errno.EINPROGRESS, errno.EWOULDBLOCK))
_WINDOWS_TEXTS: Final[dict[int, str]] = getattr(socket, "errorTab", {})
"""Windows' own errors of sockets, which os.strerror doesn't know there."""


class Transport:
    """One connection. should_stop: asked while something is being waited for; Stopped is raised where it says so.

    Deadlines are of time.monotonic(). Raises ConnectionLost with the reason where the connection isn't there or ends.
    """

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop
        self._selector = selectors.DefaultSelector()
        self._socket: socket.socket | None = None

    def connect(self, address: Address, context: ssl.SSLContext | None, deadline_s: float) -> None:
        """Connect; context: for TLS. Looking up a name is the system's own call, which can't be interrupted."""
        try:
            found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise ConnectionLost(f"{address.host}: {_why(error)}") from None
        reason = ""
        for index, (family, kind, protocol, _, where) in enumerate(found):
            # Where one address of several doesn't answer, there is time left for the others.
            share_s = (deadline_s - time.monotonic()) / (len(found) - index)
            try:
                self._open(socket.socket(family, kind, protocol), where, time.monotonic() + share_s)
                break
            except OSError as error:
                reason = _why(error)
                self.close()
        else:
            raise ConnectionLost(f"{address.authority}: {reason}")
        if context is not None:
            self._start_tls(context, address.host, deadline_s)

    def _open(self, sock: socket.socket, where: object, deadline_s: float) -> None:
        sock.setblocking(False)
        self._use(sock)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        error = sock.connect_ex(where)  # type: ignore[arg-type]  # as getaddrinfo gave it
        if error == 0:
            return
        if error not in _IN_PROGRESS:
            raise _error(error)
        if not self._wait(selectors.EVENT_WRITE, deadline_s):
            raise TimeoutError("no answer")
        error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise _error(error)

    def _start_tls(self, context: ssl.SSLContext, host: str, deadline_s: float) -> None:
        assert self._socket is not None
        plain, self._socket = self._socket, None
        self._selector.unregister(plain)
        try:
            wrapped = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        except (OSError, ValueError) as error:
            plain.close()
            raise ConnectionLost(f"TLS: {_why(error)}") from None
        self._use(wrapped)
        while True:
            try:
                wrapped.do_handshake()
                return
            except ssl.SSLWantReadError:
                event = selectors.EVENT_READ
            except ssl.SSLWantWriteError:
                event = selectors.EVENT_WRITE
            except OSError as error:
                raise ConnectionLost(f"TLS: {_why(error)}") from None
            if not self._wait(event, deadline_s):
                raise ConnectionLost("TLS: no answer in time")

    def read(self, deadline_s: float) -> bytes | None:
        """What has come, at least one byte; None where nothing did until the deadline."""
        sock = self._connected()
        while True:
            try:
                data = sock.recv(_CHUNK_BYTES)
            except (ssl.SSLWantReadError, BlockingIOError, InterruptedError):
                event = selectors.EVENT_READ
            except ssl.SSLWantWriteError:
                event = selectors.EVENT_WRITE
            except OSError as error:
                raise ConnectionLost(f"the connection broke: {_why(error)}") from None
            else:
                if not data:
                    raise ConnectionLost("the server ended the connection")
                return data
            if not self._wait(event, deadline_s):
                return None

    def write(self, data: bytes, deadline_s: float) -> None:
        """Send all of it."""
        sock = self._connected()
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[sock.send(rest) :]
                continue
            except (ssl.SSLWantWriteError, BlockingIOError, InterruptedError):
                event = selectors.EVENT_WRITE
            except ssl.SSLWantReadError:
                event = selectors.EVENT_READ
            except OSError as error:
                raise ConnectionLost(f"the connection broke: {_why(error)}") from None
            if not self._wait(event, deadline_s):
                raise ConnectionLost("the server takes nothing")

    def ignore_stop(self) -> None:
        """What follows is the end itself: only deadlines count."""
        self._should_stop = _never

    def close(self) -> None:
        """Let go of the socket; may be called twice."""
        if self._socket is not None:
            self._selector.unregister(self._socket)
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def dispose(self) -> None:
        """Close it for good."""
        self.close()
        self._selector.close()

    def _use(self, sock: socket.socket) -> None:
        self._socket = sock
        self._selector.register(sock, selectors.EVENT_READ)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionLost("there is no connection")
        return self._socket

    def _wait(self, event: int, deadline_s: float) -> bool:
        """Whether the socket is ready before the deadline. Raises Stopped."""
        self._selector.modify(self._connected(), event)
        while True:
            if self._should_stop():
                raise Stopped
            left_s = deadline_s - time.monotonic()
            if self._selector.select(max(0.0, min(left_s, STOP_CHECK_S))):
                return True
            if left_s <= 0:
                return False


def tls_context(verify: bool, ca_file: str) -> ssl.SSLContext:
    """How a wss server is checked. Raises Refused where `ca_file` can't be used."""
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError) as error:
        raise Refused(f"certificates of {ca_file!r}: {_why(error)}") from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _never() -> bool:
    return False


def _error(number: int) -> OSError:
    return OSError(number, _WINDOWS_TEXTS.get(number) or os.strerror(number))


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate isn't trusted: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
