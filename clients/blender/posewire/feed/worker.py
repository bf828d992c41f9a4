"""The loop of the connection's thread: connect, converse, and come back when it is lost."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from .address import Address, parse_address
from .backoff import Backoff
from .clock import now_us
from .errors import ConnectionLost, Refused, Stopped, WireError, one_line
from .frames import INVALID_DATA, PROTOCOL_ERROR, UNSUPPORTED
from .inbox import Inbox
from .limits import MAX_FPS, MAX_NAME_LENGTH, MIN_FPS
from .messages import FIELDS, Dropped, Frame, Hello, ServerError, Status, Subscribe, Subscribed
from .session import Session
from .transport import tls_context
from .websocket import WebSocket

SILENCE_S: Final = 5.0
"""Nothing at all for so long means that nobody is there any more."""
_CLOSE_CODES: Final = {"malformed": INVALID_DATA, "wrong_kind": UNSUPPORTED}


class State(Enum):
    """Where the connection stands; clients/README.md says what each means."""

    OFF = "off"
    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"
    REFUSED = "refused"


class StopFlag(Protocol):
    """What of threading.Event the worker needs."""

    def is_set(self) -> bool:
        """Whether it should end."""

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds, or until it should end."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to, and what for; as the user gave them, not checked yet."""

    address: str
    token: str
    wish: Subscribe
    verify: bool
    ca_file: str

    def check(self) -> tuple[Address, str, ssl.SSLContext | None]:
        """Address, token and TLS. Raises Refused with a line that names what is wrong."""
        address = parse_address(self.address)
        wish = self.wish
        if not 1 <= len(wish.stream) <= MAX_NAME_LENGTH:
            raise Refused(f"the stream's name has {len(wish.stream)} characters; 1 to {MAX_NAME_LENGTH}")
        if wish.max_fps is not None and not MIN_FPS <= wish.max_fps <= MAX_FPS:
            raise Refused(f"at most {wish.max_fps:g} frames a second: the limit is from {MIN_FPS:g} to {MAX_FPS:g}")
        if not wish.fields or len(set(wish.fields)) < len(wish.fields) or not set(wish.fields) <= set(FIELDS):
            raise Refused(f"fields {', '.join(wish.fields)}: each once, of {', '.join(FIELDS)}")
        context = tls_context(self.verify, self.ca_file) if address.is_tls else None
        return address, self.token.strip() or address.token, context


class Worker:
    """Runs in a thread of its own. report: told of each change of state, with the reason."""

    def __init__(self, settings: Settings, inbox: Inbox, stop: StopFlag, report: Callable[[State, str], None]) -> None:
        self._settings = settings
        self._inbox = inbox
        self._stop = stop
        self._report = report
        self._backoff = Backoff()
        self._was_there = False

    def run(self) -> None:
        """Until it should stop or is refused. Raises nothing."""
        while not self._stop.is_set():
            retry_after_s = 0.0
            try:
                self._attempt()
                return
            except Stopped:
                return
            except Refused as error:
                self._inbox.lose(str(error))
                self._report(State.REFUSED, str(error))
                return
            except ConnectionLost as error:
                reason = str(error)
                retry_after_s = error.retry_after_s
            except WireError as error:
                reason = one_line(f"the server sent something that isn't the protocol: {error.message}")
            except Exception as error:
                # A fault of ours must not end the thread in silence: it is shown, and it is tried again.
                reason = one_line(f"a fault of this receiver: {type(error).__name__}: {error}")
            self._inbox.lose(reason)
            self._report(State.LOST, reason)
            self._stop.wait(max(retry_after_s, self._backoff.next_s()))

    def _attempt(self) -> None:
        """One connection; returns where it should stop."""
        address, token, context = self._settings.check()
        socket = WebSocket(address, token, context, self._stop.is_set)
        try:
            self._converse(socket)
        except WireError as error:
            socket.close(_CLOSE_CODES.get(error.code, PROTOCOL_ERROR), error.message)
            raise
        finally:
            socket.close()

    def _converse(self, socket: WebSocket) -> None:
        session = Session(self._settings.wish, now_us(), self._was_there)
        while not self._stop.is_set():
            for message in session.due(now_us()):
                socket.send(message)
            silent_at_s = socket.heard_s + SILENCE_S
            wait_s = (session.due_at_us - now_us()) / 1e6
            data = socket.receive(min(silent_at_s, time.monotonic() + wait_s))
            if data is not None:
                self._take(session, data)
            elif time.monotonic() >= socket.heard_s + SILENCE_S:
                raise ConnectionLost(f"nothing came from the server for {SILENCE_S:g} s")
            if session.is_overdue(now_us()):
                raise ConnectionLost("the server doesn't answer to the subscription")

    def _take(self, session: Session, data: bytes | str) -> None:
        message = session.receive(data, now_us())
        if isinstance(message, Frame):
            self._inbox.put(message, now_us(), session.clock)
        elif isinstance(message, Hello):
            self._inbox.greet(message, session.clock)
        elif isinstance(message, Subscribed):
            self._was_there = True
            self._inbox.subscribe(session)
            self._backoff.reset()
            self._report(State.LIVE, "")
        elif isinstance(message, Status):
            self._inbox.tell(message)
        elif isinstance(message, Dropped):
            self._inbox.drop(message)
        elif isinstance(message, ServerError) and (session.is_live or session.is_away):
            self._report(State.LIVE, one_line(f"{message.code}: {message.message}"))
