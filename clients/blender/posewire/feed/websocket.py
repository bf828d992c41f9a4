"""A WebSocket client (RFC 6455): no compression, every wait with a deadline, every length bounded."""

import contextlib
import os
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from .address import Address
from .errors import ConnectionLost, Stopped, one_line
from .frames import (
    BINARY,
    CLOSE,
    NORMAL,
    PING,
    PONG,
    TEXT,
    FrameError,
    FrameReader,
    close_reason,
    encode_close,
    encode_frame,
)
from .handshake import check_upgrade, make_key, parse_head, refusal, request, split_head
from .transport import Transport

OPEN_LIMIT_S: Final = 5.0
"""For connecting, TLS and the handshake together."""
WRITE_LIMIT_S: Final = 5.0
CLOSE_LIMIT_S: Final = 0.3
"""For saying goodbye."""


class WebSocket:
    """One connection, open from the start. `heard_s`: when the last whole message came, by time.monotonic().

    Raises Refused where the server says no, ConnectionLost where it is gone or breaks the rules, Stopped where
    `should_stop` says so.
    """

    def __init__(
        self,
        address: Address,
        token: str,
        context: ssl.SSLContext | None,
        should_stop: Callable[[], bool],
        open_limit_s: float = OPEN_LIMIT_S,
    ) -> None:
        deadline_s = time.monotonic() + open_limit_s
        self._transport = Transport(should_stop)
        self._reader = FrameReader()
        self._messages: deque[bytes | str] = deque()
        self._fault: Exception | None = None
        self._is_closed = False
        try:
            self._transport.connect(address, context, deadline_s)
            rest = self._shake_hands(address, token, deadline_s)
        except BaseException:
            self._transport.dispose()
            raise
        self.heard_s = time.monotonic()
        self._take(rest)

    def receive(self, deadline_s: float) -> bytes | str | None:
        """The next message, bytes of a binary one; None where none came until the deadline."""
        while not self._messages:
            if self._fault is not None:
                raise self._fault
            data = self._transport.read(deadline_s)
            if data is None:
                return None
            self._take(data)
        return self._messages.popleft()

    def send(self, message: bytes) -> None:
        """A binary message."""
        self._transport.write(encode_frame(BINARY, message), time.monotonic() + WRITE_LIMIT_S)

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Say goodbye, wait a moment for the answer, and let go. Never raises; may be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        self._transport.ignore_stop()
        deadline_s = time.monotonic() + CLOSE_LIMIT_S
        with contextlib.suppress(ConnectionLost, FrameError):
            if self._fault is None:
                self._transport.write(encode_close(code, reason), deadline_s)
                while self._fault is None:
                    data = self._transport.read(deadline_s)
                    if data is None or time.monotonic() >= deadline_s:
                        break
                    self._fault = _closing(self._reader, data)
        self._transport.dispose()

    def _shake_hands(self, address: Address, token: str, deadline_s: float) -> bytes:
        """Open the connection; what the server sent after its answer."""
        key = make_key(os.urandom(16))
        self._transport.write(request(address, token, key), deadline_s)
        data = b""
        while (parts := split_head(data)) is None:
            data += self._read_of_handshake(deadline_s)
        head, rest = parts
        answer = parse_head(head)
        if answer.status == 101:
            check_upgrade(answer, key)
            return rest
        # The status is the answer; the body only says why, if it comes.
        with contextlib.suppress(ConnectionLost):
            while len(rest) < answer.body_bytes:
                rest += self._read_of_handshake(deadline_s)
        raise refusal(answer, rest[: answer.body_bytes])

    def _read_of_handshake(self, deadline_s: float) -> bytes:
        data = self._transport.read(deadline_s)
        if data is None or time.monotonic() > deadline_s:
            raise ConnectionLost("the server's HTTP answer didn't come in time")
        return data

    def _take(self, data: bytes) -> None:
        """Read what came. What is wrong with it is raised once everything before it was handed out."""
        try:
            for opcode, payload in self._reader.feed(data):
                self.heard_s = time.monotonic()
                if opcode == BINARY:
                    self._messages.append(payload)
                elif opcode == TEXT:
                    self._messages.append(payload.decode("utf-8"))
                elif opcode == PING:
                    self._transport.write(encode_frame(PONG, payload), time.monotonic() + WRITE_LIMIT_S)
                elif opcode == CLOSE:
                    self._fault = _ended(payload)
                    self._answer(encode_close(close_reason(payload)[0] or NORMAL))
                    return
        except FrameError as error:
            self._fault = ConnectionLost(f"the server broke the WebSocket protocol: {error}")
            self._answer(encode_close(error.code, str(error)))
        except ConnectionLost as error:
            self._fault = error

    def _answer(self, frame: bytes) -> None:
        with contextlib.suppress(ConnectionLost, Stopped):
            self._transport.write(frame, time.monotonic() + CLOSE_LIMIT_S)


def _ended(payload: bytes) -> ConnectionLost:
    code, reason = close_reason(payload)
    words = one_line(reason)
    return ConnectionLost(f"the server ended the connection ({code or 'no code'}{': ' + words if words else ''})")


def _closing(reader: FrameReader, data: bytes) -> ConnectionLost | None:
    """The server's goodbye, where it is in `data`; all else no longer matters."""
    return next((_ended(payload) for opcode, payload in reader.feed(data) if opcode == CLOSE), None)
