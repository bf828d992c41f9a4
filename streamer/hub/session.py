"""One client's state machine: bytes in, messages out, no I/O."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from protocol.codec import decode, encode
from protocol.errors import (
    BAD_VALUE,
    CLOSE_CODES,
    INTERNAL,
    TOO_MANY_SUBSCRIPTIONS,
    UNKNOWN_STREAM,
    UNKNOWN_SUBSCRIPTION,
    UNKNOWN_TYPE,
    WRONG_KIND,
    ProtocolError,
)
from protocol.limits import MAX_SUBSCRIPTIONS
from protocol.messages import (
    Bones,
    Dtype,
    Error,
    Field,
    Format,
    Hello,
    Message,
    Skeleton,
    Subscribe,
    Subscribed,
    Time,
    Unsubscribe,
)
from protocol.schema import from_map
from protocol.skeleton import ANGLES, BONES, EDGES, LANDMARKS, PARENTS, REST, parse_selection, resolve
from streamer import __version__
from streamer.guard.quota import Quota
from streamer.hub.catalog import Catalog

log = logging.getLogger("posewire.session")


@dataclass(frozen=True, slots=True)
class View:
    """What a subscription wants of a frame; clients with equal views share its encoding."""

    fields: tuple[Field, ...]
    landmarks: tuple[int, ...]
    dtype: Dtype


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of one client. `interval_us` is the least time between two frames, 0 for every frame."""

    id: int
    stream: str
    view: View
    interval_us: int


class Session:
    """What one client said and subscribed to. `close_code` is set once the connection has to end."""

    def __init__(self, format: Format, catalog: Catalog, quota: Quota | None = None) -> None:
        """quota: of the subscriptions that several clients share, those of one address; `close` gives back."""
        self.format = format
        self._quota = quota or Quota(MAX_SUBSCRIPTIONS)
        self.subscriptions: dict[int, Subscription] = {}
        self.close_code: int | None = None
        self._catalog = catalog

    def greet(self, query: Mapping[str, str], now_us: int) -> list[Message]:
        """The first messages: `hello`, and the answer to a subscription made in the URL's query."""
        messages: list[Message] = [describe(self._catalog, now_us)]
        if "subscribe" in query:
            messages += self._guard(lambda: self._subscribe(subscription_from_query(query)))
        return messages

    def receive(self, data: bytes | str, now_us: int) -> list[Message]:
        """The answers to one message of the client. Never raises; what is wrong is answered with `error`."""
        return self._guard(lambda: self._handle(data, now_us))

    def close(self) -> None:
        """The client has gone."""
        self._quota.give(len(self.subscriptions))
        self.subscriptions.clear()

    def encode(self, message: Message) -> bytes:
        """A message in this client's format."""
        return encode(message, self.format)

    def _guard(self, action: Callable[[], list[Message]]) -> list[Message]:
        try:
            return action()
        except ProtocolError as error:
            self.close_code = CLOSE_CODES.get(error.code)
            return [Error(error.code, error.message, error.id)]
        except Exception:
            log.exception("a client's message met a fault of the server")
            return [Error(INTERNAL, "the server failed on this message; its log says why")]

    def _handle(self, data: bytes | str, now_us: int) -> list[Message]:
        if isinstance(data, str) != (self.format == "json"):
            kind = "text" if isinstance(data, str) else "binary"
            raise ProtocolError(WRONG_KIND, f"a {kind} message on a connection that speaks {self.format}")
        match decode(data):
            case Subscribe() as wish:
                return self._subscribe(wish)
            case Unsubscribe(id=id):
                if self.subscriptions.pop(id, None) is None:
                    raise ProtocolError(UNKNOWN_SUBSCRIPTION, f"no subscription has the id {id}", id)
                self._quota.give()
                return []
            case Time(t0_us=t0_us):
                return [Time(t0_us, now_us, now_us)]
            case other:
                raise ProtocolError(UNKNOWN_TYPE, f"{type(other).__name__.lower()} is no message for a server")

    def _subscribe(self, wish: Subscribe) -> list[Message]:
        if wish.stream != "*" and wish.stream not in self._catalog:
            known = ", ".join(info.id for info in self._catalog.streams)
            raise ProtocolError(UNKNOWN_STREAM, f"no stream {wish.stream!r}; streams: {known}", wish.id)
        view = View(wish.fields, resolve(wish.landmarks), wish.dtype)
        if wish.id not in self.subscriptions:
            if len(self.subscriptions) >= MAX_SUBSCRIPTIONS:
                raise ProtocolError(TOO_MANY_SUBSCRIPTIONS, f"at most {MAX_SUBSCRIPTIONS} subscriptions", wish.id)
            if not self._quota.take():
                text = f"at most {self._quota.limit} subscriptions of all connections of an address"
                raise ProtocolError(TOO_MANY_SUBSCRIPTIONS, text, wish.id)
        interval_us = round(1e6 / wish.max_fps) if wish.max_fps else 0
        self.subscriptions[wish.id] = Subscription(wish.id, wish.stream, view, interval_us)
        answer = Subscribed(wish.id, wish.stream, wish.fields, view.landmarks, wish.dtype)
        # Whoever subscribes to a stream that is away, or paused, learns it now, not from silence.
        statuses = [self._catalog.status(stream) for stream in self._catalog.matching(wish.stream)]
        return [answer, *(status for status in statuses if status.state != "live" or status.detail)]


def describe(catalog: Catalog, now_us: int) -> Hello:
    """What a server says first."""
    skeleton, bones = Skeleton(LANDMARKS, EDGES), Bones(BONES, PARENTS, REST)
    return Hello(f"posewire {__version__}", now_us, catalog.streams, skeleton, bones, ANGLES)


def subscription_from_query(query: Mapping[str, str]) -> Subscribe:
    """The `subscribe` that a URL's query stands for. Raises ProtocolError as the message would."""
    data: dict[str, object] = {"type": "subscribe", "id": 0, "stream": query["subscribe"] or "*"}
    if "fields" in query:
        data["fields"] = query["fields"].split(",")
    if "dtype" in query:
        data["dtype"] = query["dtype"]
    try:
        if "landmarks" in query:
            data["landmarks"] = parse_selection(query["landmarks"])
        if "max_fps" in query:
            data["max_fps"] = float(query["max_fps"])
        if "id" in query:
            data["id"] = int(query["id"])
    except ValueError as error:
        raise ProtocolError(BAD_VALUE, f"query: {error}"[:200], 0) from None
    message = from_map(data, {})
    assert isinstance(message, Subscribe)
    return message
