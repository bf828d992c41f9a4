"""What a server offers at the moment: its streams and the state of each."""

from collections.abc import Iterator
from dataclasses import replace

from protocol.limits import MAX_TEXT_LENGTH
from protocol.messages import State, Status, StreamInfo


class Catalog:
    """The streams by id, in the order of the command line, each with its last status."""

    def __init__(self) -> None:
        self._streams: dict[str, StreamInfo] = {}
        self._statuses: dict[str, Status] = {}

    def add(self, info: StreamInfo, now_us: int) -> None:
        """Offer a stream, or describe one anew; it counts as live."""
        self._streams[info.id] = replace(info, state="live")
        self._statuses[info.id] = Status(info.id, "live", "", now_us)

    def remove(self, stream: str) -> None:
        """Offer it no more."""
        del self._streams[stream], self._statuses[stream]

    def set_state(self, stream: str, state: State, detail: str, now_us: int) -> Status:
        """Note a change of state; returns the message that tells clients of it."""
        self._streams[stream] = replace(self._streams[stream], state=state)
        self._statuses[stream] = Status(stream, state, detail[:MAX_TEXT_LENGTH], now_us)
        return self._statuses[stream]

    def describe(self, info: StreamInfo, now_us: int) -> Status:
        """Describe a stream anew, its state apart; returns the message that tells clients of it."""
        last = self._statuses[info.id]
        self._streams[info.id] = replace(info, state=last.state)
        return replace(last, t_us=now_us, info=self._streams[info.id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._streams)

    def __contains__(self, stream: object) -> bool:
        return stream in self._streams

    def matching(self, pattern: str) -> list[str]:
        """Ids that a subscription's `stream` stands for: `*` is all of them."""
        return list(self._streams) if pattern == "*" else [pattern] if pattern in self._streams else []

    @property
    def streams(self) -> tuple[StreamInfo, ...]:
        """All streams as `hello` lists them."""
        return tuple(self._streams.values())

    def info(self, stream: str) -> StreamInfo:
        """A stream's description."""
        return self._streams[stream]

    def status(self, stream: str) -> Status:
        """The last status of a stream."""
        return self._statuses[stream]
