"""Writes a recording, so that whatever ends the process takes at most MAX_CHUNK_S of it."""

import base64
import json
import time
from datetime import datetime, timezone
from typing import IO, Any

from mcap.writer import CompressionType, Writer

from protocol.codec import encode
from protocol.messages import Hello
from streamer import __version__
from streamer.recording.format import (
    CHANNELS,
    CLOCK,
    FORMAT,
    HELLO,
    MAX_CHUNK_BYTES,
    MAX_CHUNK_S,
    MAX_PIECES,
    PROFILE,
    Kind,
    topic,
)

_UNLIMITED = 2**62
_MAX_SEQUENCE = 2**32


class RecordingWriter:
    """One recording, from its head to `finish`. Not for several threads at once.

    output: open for writing in binary, empty; it stays the caller's to close. messages: how many reached the system.
    Every method raises OSError where the output does; then what was written before stays readable, and nothing more can
    be added.
    """

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        # Chunks are closed here, because one that is full has to reach the system at once, not the next time.
        self._writer = make_writer(output, _UNLIMITED)
        self._schemas: dict[Kind, int] = {}
        self._channels: dict[tuple[str, Kind], int] = {}
        self._open_bytes = 0
        self._open_since_s = 0.0
        self.messages = self._open_messages = 0
        self._chunks = 0

    def hello(self, hello: Hello) -> None:
        """Describe the streams and the skeleton; again, where that has changed. The last one counts."""
        self._metadata(HELLO, {"format": FORMAT, "json": encode(hello, "json").decode()})

    def clock(self, t_us: int, utc: datetime) -> None:
        """What the server's monotonic clock showed at a moment, so that captures have dates. utc: with its zone."""
        self._metadata(
            CLOCK, {"t_us": str(t_us), "utc": utc.astimezone(timezone.utc).isoformat(timespec="microseconds")}
        )

    def frame(self, stream: str, seq: int, t_us: int, data: bytes) -> None:
        """A frame message in msgpack, with its head."""
        self._add(stream, "frame", seq, t_us, data)

    def status(self, stream: str, t_us: int, data: bytes) -> None:
        """A status message in msgpack."""
        self._add(stream, "status", 0, t_us, data)

    def picture(self, stream: str, t_us: int, jpeg: bytes) -> None:
        """What the camera saw at `t_us`; with it goes the frame of the same time."""
        picture: dict[str, Any] = {
            "timestamp": {"sec": t_us // 1_000_000, "nsec": t_us % 1_000_000 * 1000},
            "frame_id": stream,
            "format": "jpeg",
            "data": base64.b64encode(jpeg).decode("ascii"),
        }
        self._add(stream, "picture", 0, t_us, json.dumps(picture).encode())

    @property
    def due_s(self) -> float | None:
        """When `close_chunk` has to be called at the latest, on time.monotonic; None where nothing waits."""
        return self._open_since_s + MAX_CHUNK_S if self._open_bytes else None

    @property
    def full(self) -> bool:
        """Whether it has as many chunks as are read of one file; then `finish` is all that may come."""
        return self._chunks >= MAX_PIECES

    def close_chunk(self) -> None:
        """Hand over to the system what waits."""
        self._chunks += self._open_bytes > 0
        self._open_bytes = 0
        self._writer.flush()  # type: ignore[no-untyped-call]
        self._arrived()

    def finish(self) -> None:
        """Write the index; nothing may be added any more."""
        self._writer.finish()  # type: ignore[no-untyped-call]
        self._output.flush()
        self._arrived()

    def _arrived(self) -> None:
        self.messages += self._open_messages
        self._open_messages = 0

    def _metadata(self, name: str, data: dict[str, str]) -> None:
        self._writer.add_metadata(name, data)
        self._output.flush()

    def _add(self, stream: str, kind: Kind, seq: int, t_us: int, data: bytes) -> None:
        if not self._open_bytes:
            self._open_since_s = time.monotonic()
        # MCAP counts in 32 bits; the frame itself has the whole number.
        sequence = seq % _MAX_SEQUENCE
        self._writer.add_message(self._channel(stream, kind), t_us * 1000, data, t_us * 1000, sequence)
        self._open_bytes += len(data)
        self._open_messages += 1
        if self._open_bytes >= MAX_CHUNK_BYTES:
            self.close_chunk()

    def _channel(self, stream: str, kind: Kind) -> int:
        key = (stream, kind)
        if key not in self._channels:
            channel = CHANNELS[kind]
            if kind not in self._schemas:
                schema = self._writer.register_schema(channel.schema, "jsonschema", channel.json_schema.encode())
                self._schemas[kind] = schema
            self._channels[key] = self._writer.register_channel(
                topic(stream, kind), channel.encoding, self._schemas[kind], {"stream": stream}
            )
        return self._channels[key]


def make_writer(output: IO[bytes], chunk_bytes: int) -> Writer:
    """The library's writer as every file of ours is written, with its head."""
    # The library's offsets into the summary name groups also that aren't there; no reader needs them.
    writer = Writer(output, chunk_size=chunk_bytes, compression=CompressionType.ZSTD, use_summary_offsets=False)
    writer.start(PROFILE, f"posewire {__version__}")
    return writer
