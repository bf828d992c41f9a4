"""One client's WebSocket: the library's connection, with the transport at hand to write ready-made frames, listened to
no faster than is good for the others."""

import asyncio
import logging
import socket
import struct
import sys
from asyncio.sslproto import SSLProtocol
from collections.abc import Awaitable, Callable
from typing import Any, cast

from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import NegotiationError
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from protocol.limits import MAX_CLIENT_MESSAGE_BYTES, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from protocol.messages import Format
from streamer.clock import now_us
from streamer.guard.door import BYTES_PER_MESSAGE, Caller
from streamer.guard.intake import Hold, Intake
from streamer.guard.pace import metered

TLS_BUFFER_BYTES = 16_384
"""What asyncio's TLS reads at a time. From Python 3.11 on it sets as much aside for each connection, else 256 KiB."""
SLICE_BYTES = 512
"""Parsed at a time, some 80 of the smallest frames: less than a millisecond."""
PICTURE_SLICE_BYTES = 65_536
"""The same of a connection that brings pictures."""
MAX_THROWN_AWAY_BYTES = 262_144
"""Read of a client that broke a rule until its connection is closed."""
PING_INTERVAL_S = 20.0
CLOSE_TIMEOUT_S = 2.0
SUBPROTOCOLS = (Subprotocol(SUBPROTOCOL_MSGPACK), Subprotocol(SUBPROTOCOL_JSON))

_LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

log = logging.getLogger("posewire.connection")
# The library's own log tells of every handshake and bad frame; a client's faults are no news for the server's owner.
_quiet = logging.getLogger("posewire.websockets")
_quiet.setLevel(logging.CRITICAL)


def choose_subprotocol(protocol: ServerProtocol, offered: "list[Subprotocol]") -> Subprotocol | None:
    """The first one offered that we speak; none where none is offered, which means msgpack."""
    if not offered:
        return None
    for name in offered:
        if name in SUBPROTOCOLS:
            return name
    raise NegotiationError(f"none of the subprotocols offered is one of {', '.join(SUBPROTOCOLS)}")


class Gate:
    """What the library's connection asks of its server."""

    logger = _quiet

    def __init__(self) -> None:
        self.open = True

    def is_serving(self) -> bool:
        """False once the server ends: handshakes in progress get 503."""
        return self.open


class _Rules(ServerProtocol):
    """The library's rules, but that a close is a close in the midst of a message, too (RFC 6455, 5.4)."""

    def recv_frame(self, frame: Frame) -> None:
        """A frame came."""
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        super().recv_frame(frame)


class StreamConnection(ServerConnection):
    """A connection that writes ready-made frames straight to its transport. It is the hub's Outlet."""

    def __init__(self, gate: Gate, handler: "Callable[[StreamConnection], Awaitable[None]]", caller: Caller) -> None:
        protocol = _Rules(
            subprotocols=SUBPROTOCOLS,
            select_subprotocol=cast(Any, choose_subprotocol),
            max_size=MAX_CLIENT_MESSAGE_BYTES,
            logger=_quiet,
        )
        super().__init__(
            protocol,
            cast(Any, gate),
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_INTERVAL_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_queue=16,
            # Paused means that bytes wait in user space: that is the sign to hold frames back. (A limit of 0 would have
            # asyncio's TLS pause at no bytes at all.)
            write_limit=(1, 0),
        )
        self.on_drained: Callable[[], None] | None = None
        self.paused_since_us = 0
        self.handler_task: asyncio.Task[None] | None = None
        self.caller = caller
        self._handler = handler
        self._intake: Intake
        self._owed_timer: asyncio.TimerHandle | None = None
        self._paid_s = 0.0
        self._resuming: asyncio.Handle | None = None
        self._bytes_per_message = BYTES_PER_MESSAGE
        self._thrown_away = 0

    def expect_pictures(self, max_bytes: int, ping_s: float) -> None:
        """Before the upgrade: take messages of `max_bytes`, none read before the one in hand is dealt with.

        A client that doesn't answer a ping within `ping_s` is gone.
        """
        self.protocol.max_message_size = max_bytes
        self.recv_messages.high = self.recv_messages.low = 0
        self._intake.widen(PICTURE_SLICE_BYTES)
        self._intake.leave_pace()
        self._bytes_per_message = max_bytes
        self.ping_interval = self.ping_timeout = ping_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set the socket up and start the handler."""
        # Past ServerConnection, whose only addition is to register with a server of its own kind.
        Connection.connection_made(self, transport)
        self._intake = Intake(self.transport, self._feed, self.caller.pace, self.caller.address, SLICE_BYTES)
        self.recv_messages.pause = self._intake.pause_reading
        self.recv_messages.resume = self._intake.resume_reading
        sock = transport.get_extra_info("socket")
        if sock is not None:
            # asyncio does so only for sockets that were made with the protocol's number. Without it a frame waits until
            # the one before is acknowledged, which some clients do 40 ms later.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _tighten_tls(transport)
        self.handler_task = asyncio.ensure_future(metered(self.caller.pace, self._handler, self))

    def begin(self, head: bytes, rest: bytes) -> None:
        """The request that asks for the upgrade. What came behind it is looked at when the client is let in."""
        super().data_received(head)
        self._intake.hold(Hold.ENTRY)
        self._intake.take(rest)

    def let_in(self) -> None:
        """After the handshake."""
        self._intake.release(Hold.ENTRY)

    def data_received(self, data: bytes) -> None:
        """Called by the transport."""
        self._intake.take(data)

    def eof_received(self) -> bool:  # type: ignore[override]  # True keeps a transport open, says asyncio
        """Called by the transport. It stays open as long as there is something to be dealt with."""
        self._intake.finish(self._end)
        return self._intake.is_behind

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the transport."""
        self._intake.drop()
        for later in (self._owed_timer, self._resuming):
            if later is not None:
                later.cancel()
        super().connection_lost(exc)
        self.caller.leave()

    def process_event(self, event: Event) -> None:
        """A head or a frame came. Frames cost something; a client that sends too many waits, however it may hurry."""
        super().process_event(event)
        if isinstance(event, Frame):
            self.charge(1 + len(event.data) // self._bytes_per_message)

    def charge(self, messages: int) -> None:
        """What it asked for is worth so many messages of those that its address may send.

        Where there aren't so many left, it waits until what was asked for so far is made good, not for what others of
        its address ask for meanwhile. So they come in turn; they would all be listened to at once otherwise, with
        nothing before and a second's worth of messages then.
        """
        self.caller.account.allowance.spend(messages)
        if owed_s := self.caller.account.allowance.overdrawn_s:
            self._paid_s = self.loop.time() + owed_s
            if self._owed_timer is None:
                self._intake.hold(Hold.ALLOWANCE)
                self._owed_timer = self.loop.call_at(self._paid_s, self._listen_again)

    def pause_writing(self) -> None:
        """Called by the transport when a byte has to wait. A client that reads nothing isn't listened to: its pings
        would fill the memory with pongs.
        """
        self.paused_since_us = now_us()
        if self._resuming is not None:
            self._resuming.cancel()
            self._resuming = None
        if not self.paused:
            super().pause_writing()
            self._intake.hold(Hold.WRITER)

    def resume_writing(self) -> None:
        """Called by the transport when no byte waits any more, by asyncio's TLS also when the connection is lost.

        It takes effect a turn later: a transport that is written to while it calls this, and then finds its connection
        broken, ends twice.
        """
        if self.paused and self._resuming is None:
            self._resuming = self.loop.call_soon(self._resume)

    def _resume(self) -> None:
        self._resuming = None
        super().resume_writing()
        self._intake.release(Hold.WRITER)
        if self.on_drained is not None:
            self.on_drained()

    def write(self, payload: bytes) -> None:
        """Write a frame made by `frame`. Nothing happens on a connection that is closing."""
        if self.protocol.state is State.OPEN:
            self.transport.write(payload)

    def frame(self, payload: bytes, format: Format) -> bytes:
        """A message as one unmasked WebSocket frame, as servers send them."""
        opcode = Opcode.TEXT if format == "json" else Opcode.BINARY
        return Frame(opcode, payload).serialize(mask=False)

    def abort(self, reason: str) -> None:
        """Drop the connection at once, without a closing handshake that its client would not read either."""
        log.info("client %s dropped: %s", peer_name(self), reason)
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            # Or the kernel would keep what was written, and offer it to the client for minutes.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()

    def _feed(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.parser_exc is not None:
            # It broke a rule. What it had sent by then is thrown away, or it might not get to read why.
            self._intake.widen(PICTURE_SLICE_BYTES)
            self._thrown_away += len(data)
            if self._thrown_away > MAX_THROWN_AWAY_BYTES:
                self._intake.hold(Hold.FAULT)

    def _listen_again(self) -> None:
        self._owed_timer = None
        if self._paid_s > self.loop.time():  # it has asked for more since
            self._owed_timer = self.loop.call_at(self._paid_s, self._listen_again)
        else:
            self._intake.release(Hold.ALLOWANCE)

    def _end(self) -> None:
        super().eof_received()
        self.transport.close()


def slim_tls() -> None:
    """Have asyncio's TLS set TLS_BUFFER_BYTES aside for each connection; for the whole process, before any is made."""
    cast(Any, SSLProtocol).max_size = TLS_BUFFER_BYTES


def _tighten_tls(transport: asyncio.BaseTransport) -> None:
    """Have asyncio's TLS wait as soon as the socket beneath it does, instead of after another 64 KiB.

    There is no public way to that socket's transport (Python 3.11 on). Without it a stalled client just holds more.
    """
    inner = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
    if isinstance(inner, asyncio.WriteTransport):
        inner.set_write_buffer_limits(0)


def peer_name(connection: ServerConnection) -> str:
    """Address and port of the other end, for logs."""
    peer = connection.remote_address
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) and len(peer) >= 2 else "?"
