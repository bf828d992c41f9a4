"""One client's HTTP connection: uvicorn's, listened to in slices and never waited for longer than it deserves."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from streamer.guard.door import HANDSHAKE_S, Caller
from streamer.guard.intake import Intake
from streamer.guard.pace import metered
from streamer.server.connection import StreamConnection

SLICE_BYTES: Final = 4096
"""Parsed at a time: some milliseconds where it is all tiny chunks."""
MAX_SLICE_BYTES: Final = 65_536
"""Where it isn't, as in an upload."""
LOOK_AGAIN_S: Final = 0.5
"""After which it is looked whether what a client said has been read."""
BODY_WEIGHT: Final = 3
"""How often reading an upload counts: it can wait, unlike who wants to come in."""
STALL_S: Final = 10.0
"""A client that takes nothing of an answer for so long is dropped."""
_TWO_LENGTHS: Final = {b"content-length", b"transfer-encoding"}
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class HttpConnection(H11Protocol):
    """upgrade: makes the protocol that a connection goes on with where its client asks for a WebSocket."""

    def __init__(
        self, config: Config, state: ServerState, caller: Caller, upgrade: Callable[[Caller], StreamConnection]
    ) -> None:
        super().__init__(config, state, app_state={})
        self.app = partial(metered, caller.pace, self.app)
        self._caller: Caller | None = caller
        self._upgrade = upgrade
        self._intake: Intake
        self._head_timer: asyncio.TimerHandle | None = None
        self._is_late = False
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """The first head has to be there by the caller's deadline."""
        super().connection_made(transport)
        caller = self._caller
        assert caller is not None
        self._intake = Intake(transport, self._feed, caller.pace, caller.address, SLICE_BYTES, MAX_SLICE_BYTES)
        self.flow = FlowControl(self._intake)  # type: ignore[arg-type]  # of a transport it pauses and resumes reading
        self._head_timer = self.loop.call_at(caller.deadline_s, self._drop_slow)

    def data_received(self, data: bytes) -> None:
        """A head that has begun has to be whole in time."""
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and self._head_timer is None:
            self._head_timer = self.loop.call_later(HANDSHAKE_S, self._drop_slow)
        self._intake.take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let others in."""
        self._stop_timers()
        self._intake.drop()
        super().connection_lost(exc)
        if self._caller is not None:
            self._caller.leave()

    def pause_writing(self) -> None:
        """The client takes nothing: not for long."""
        super().pause_writing()
        self._stall_timer = self.loop.call_later(STALL_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def handle_events(self) -> None:
        """Whatever h11 made of the bytes; a head among them stops its clock."""
        before = self.cycle
        super().handle_events()
        if self.cycle is before:
            return
        self._is_late = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if {name for name, _ in self.headers} >= _TWO_LENGTHS:
            # A proxy that believes the length, where h11 believes the chunks, sees other requests behind this one
            # (RFC 9112, 6.1): none is read.
            self.headers.append((b"connection", b"close"))

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over, with the head as it came and the bytes behind it, which are no request of HTTP."""
        self._stop_timers()
        self.connections.discard(self)
        assert self._caller is not None
        caller, self._caller = self._caller, None
        lines: list[bytes] = [event.method + b" " + event.target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers]
        rest = self.conn.trailing_data[0] + self._intake.drop()
        connection = self._upgrade(caller)
        connection.connection_made(self.transport)
        self.transport.set_protocol(connection)
        connection.begin(b"\r\n".join(lines) + b"\r\n\r\n", rest)

    def _should_upgrade_to_ws(self) -> bool:
        """Only where the target is a path: a host in it would be one that nobody has checked."""
        target: bytes = self.scope["raw_path"]
        return target.startswith(b"/") and not target.startswith(b"//")

    def _feed(self, data: bytes) -> None:
        start_s = time.thread_time()
        super().data_received(data)
        if self._caller is not None and self.cycle is not None and self.cycle.more_body:
            self._caller.pace.spend((BODY_WEIGHT - 1) * (time.thread_time() - start_s))

    def _drop_slow(self) -> None:
        self._head_timer = None
        if self._intake.is_behind:  # it may have said all, and its turn to be read hasn't come
            self._head_timer = self.loop.call_later(LOOK_AGAIN_S, self._drop_slow)
        elif self._caller is not None:
            self._is_late = True
            # Not all at once who came at once.
            self._caller.pace.ask(self._caller.address, self._drop)

    def _drop(self) -> None:
        if self._caller is None or not self._is_late or self.transport.is_closing():
            return
        self._caller.count_refusal("handshake")
        self.transport.write(_TOO_SLOW)
        self.transport.close()

    def _stop_timers(self) -> None:
        for timer in (self._head_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._stall_timer = None


def make_connection(
    config: Config, state: ServerState, upgrade: Callable[[Caller], StreamConnection]
) -> Callable[[Caller], Any]:
    """A maker of connections, as the door wants it."""
    return lambda caller: HttpConnection(config, state, caller, upgrade)
