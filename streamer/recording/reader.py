"""Reads a recording, whole or cut: what it is about, and its messages in order of time or as they were written."""

import base64
import heapq
import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal, TypeVar

from mcap.records import Message, Metadata

from protocol.codec import decode
from protocol.errors import ProtocolError
from protocol.limits import MAX_SERVER_MESSAGE_BYTES
from protocol.messages import Frame, Hello, Status, StreamInfo
from streamer.errors import RecordingError
from streamer.recording.descriptions import Descriptions
from streamer.recording.format import CLOCK, FORMAT, HELLO, MAX_HELD_BYTES, MAX_PIECES, Kind
from streamer.recording.records import Damaged, End, Known, Piece, scan, unpack

_MESSAGE_BYTES: Final = 500
"""What one costs that is held back, beside its data."""

M = TypeVar("M", Frame, Status)


@dataclass(frozen=True, slots=True)
class Clock:
    """What the server's monotonic clock showed, in microseconds, at a date and time."""

    t_us: int
    utc: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message of a recording. t_us: when what it tells was, capture for frames and pictures. data: as written."""

    kind: Kind
    stream: str
    t_us: int
    data: bytes

    def frame(self) -> Frame:
        """The frame that it is. Raises RecordingError where it is none."""
        return self._message(Frame)

    def status(self) -> Status:
        """The status that it is. Raises RecordingError where it is none."""
        return self._message(Status)

    def jpeg(self) -> bytes:
        """The picture that it is. Raises RecordingError where it is none."""
        try:
            return base64.b64decode(json.loads(self.data)["data"], validate=True)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise RecordingError(f"stream {self.stream}, {self.t_us} us: a picture that can't be read") from None

    def _message(self, kind: type[M]) -> M:
        try:
            message = decode(self.data, max_bytes=MAX_SERVER_MESSAGE_BYTES)
        except ProtocolError as error:
            raise RecordingError(f"stream {self.stream}, {self.t_us} us: {error.message}") from None
        if not isinstance(message, kind):
            raise RecordingError(f"stream {self.stream}, {self.t_us} us: it isn't a {kind.__name__.lower()}")
        return message


class Recording:
    """A recording, open for reading. A context manager, which closes the file.

    whole: whether it was finished; one that was cut is read up to the cut. hello: the last one, with all streams that
    any had; None where there is none. clock: None likewise. start_us, end_us: of the first and last message, 0 and 0
    where there is none.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        """file: seekable. name: how errors call it. Raises RecordingError for what isn't a recording of ours."""
        self._file = file
        self._name = name
        self._pieces: list[Piece] = []
        self._descriptions = Descriptions()
        self.hello: Hello | None = None
        self.clock: Clock | None = None
        self.whole = False
        try:
            self._read_head()
        except OSError as error:
            raise RecordingError(f"{name}: {error.strerror or error}") from None
        except (RecordingError, Damaged) as error:
            raise RecordingError(f"{name}: {error}") from None
        self.start_us = min((piece.start_ns for piece in self._pieces), default=0) // 1000
        self.end_us = max((piece.end_ns for piece in self._pieces), default=0) // 1000

    @classmethod
    def open(cls, path: Path) -> "Recording":
        """Raises RecordingError for what can't be opened or isn't a recording of ours."""
        try:
            file = path.open("rb")
        except OSError as error:
            raise RecordingError(f"{path}: {error.strerror or error}") from None
        try:
            return cls(file, str(path))
        except BaseException:
            file.close()
            raise

    def __enter__(self) -> "Recording":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def streams(self) -> dict[str, StreamInfo]:
        """All streams by id; those that have messages but no description have an empty one."""
        described = {info.id: info for info in (self.hello.streams if self.hello else ())}
        origins = map(self._descriptions.origin, self._descriptions.channels)
        return described | {
            origin[0]: StreamInfo(origin[0], 0, 0, 0.0, "", "")
            for origin in origins
            if origin is not None and origin[0] not in described
        }

    @property
    def pictured(self) -> frozenset[str]:
        """The streams of which there are, or may be, pictures."""
        origins = map(self._descriptions.origin, self._descriptions.channels)
        return frozenset(origin[0] for origin in origins if origin is not None and origin[1] == "picture")

    def messages(
        self,
        order: Literal["time", "file"] = "time",
        *,
        start_us: int = 0,
        kinds: Collection[Kind] = ("frame", "status", "picture"),
        streams: Collection[str] | None = None,
    ) -> Iterator[Recorded]:
        """The messages of these kinds and streams (None: all) from `start_us` on; equal times as they were written.

        Raises RecordingError where the file is damaged, after what comes before that.
        """
        pieces = [piece for piece in self._pieces if piece.end_ns >= start_us * 1000]
        try:
            for message in self._in_file(pieces) if order == "file" else self._in_time(pieces):
                if message.channel_id not in self._descriptions.channels:
                    raise Damaged(f"a message of channel {message.channel_id}, which isn't described")
                origin = self._descriptions.origin(message.channel_id)
                if origin is None or message.log_time < start_us * 1000:
                    continue
                stream, kind = origin
                if kind in kinds and (streams is None or stream in streams):
                    yield Recorded(kind, stream, message.log_time // 1000, message.data)
        except OSError as error:
            raise RecordingError(f"{self._name}: {error.strerror or error}") from None
        except Damaged as damage:
            raise RecordingError(f"{self._name} is damaged: {damage}; posewire recover mends it") from None

    def _in_file(self, pieces: list[Piece]) -> Iterator[Message]:
        for piece in pieces:
            for record in unpack(self._file, piece):
                if isinstance(record, Message):
                    yield record

    def _in_time(self, pieces: list[Piece]) -> Iterator[Message]:
        """Merges the pieces that overlap, and holds no more than those."""
        held: list[tuple[int, int, int, Message]] = []
        held_bytes = 0
        coming = sorted(pieces, key=lambda piece: piece.start_ns)
        for number, piece in enumerate(coming):
            for count, record in enumerate(unpack(self._file, piece)):
                if isinstance(record, Message):
                    heapq.heappush(held, (record.log_time, piece.offset, count, record))
                    held_bytes += len(record.data) + _MESSAGE_BYTES
            if held_bytes > MAX_HELD_BYTES:
                raise Damaged(f"{held_bytes} bytes of chunks that overlap; {MAX_HELD_BYTES} at most")
            until_ns = coming[number + 1].start_ns if number + 1 < len(coming) else None
            while held and (until_ns is None or held[0][0] < until_ns):
                message = heapq.heappop(held)[3]
                held_bytes -= len(message.data) + _MESSAGE_BYTES
                yield message

    def _read_head(self) -> None:
        for record in scan(self._file):
            match record:
                case Damaged():
                    raise record
                case End():
                    self.whole = True
                case Piece():
                    self._pieces.append(record)
                    if len(self._pieces) > MAX_PIECES:
                        raise RecordingError(f"more than {MAX_PIECES} chunks")
                case _:
                    self._describe(record)
        if not self.whole:  # no index tells the channels
            for piece in self._pieces:
                with suppress(Damaged):  # it is told when its messages are read; what comes before it can be
                    for inner in unpack(self._file, piece):
                        self._describe(inner)
        if not self._descriptions.ours:
            raise RecordingError("an MCAP file, but no recording of Posewire")

    def _describe(self, record: Known) -> None:
        self._descriptions.add(record)
        match record:
            case Metadata(name=name, metadata=data) if name == HELLO:
                self._greet(data)
            case Metadata(name=name, metadata=data) if name == CLOCK:
                try:
                    self.clock = Clock(int(data["t_us"]), datetime.fromisoformat(data["utc"]))
                except (KeyError, ValueError):
                    raise Damaged(f"{CLOCK} can't be read") from None

    def _greet(self, data: dict[str, str]) -> None:
        if data.get("format") != FORMAT:
            raise RecordingError(f"a recording of format {data.get('format', '?')[:20]}; this reads {FORMAT}")
        try:
            hello = decode(data.get("json", ""), max_bytes=MAX_SERVER_MESSAGE_BYTES)
        except ProtocolError as error:
            raise Damaged(f"{HELLO} can't be read: {error.message}") from None
        if not isinstance(hello, Hello):
            raise Damaged(f"{HELLO} is no hello")
        known = {info.id: info for info in (self.hello.streams if self.hello else ())}
        known.update((info.id, info) for info in hello.streams)
        self.hello = replace(hello, streams=tuple(known.values()))
