"""What a file says of its messages: which channel and schema each is of."""

from typing import Final

from mcap.records import Channel, Header, Metadata, Schema

from protocol.limits import MAX_NAME_LENGTH
from streamer.errors import RecordingError
from streamer.recording.format import HELLO, KINDS, PROFILE, Kind
from streamer.recording.records import Known

MAX_DESCRIPTION_BYTES: Final = 16_777_216
"""Schemas and channels of one file, repetitions included; packed, they cost a hostile file nothing."""


class Descriptions:
    """Schemas and channels by id, from wherever they are in a file. ours: whether anything says it is a recording."""

    def __init__(self) -> None:
        self.schemas: dict[int, Schema] = {}
        self.channels: dict[int, Channel] = {}
        self.ours = False
        self._bytes = 0

    def add(self, record: Known) -> None:
        """Look at one record of a file. Raises RecordingError where there are more descriptions than can be."""
        match record:
            case Header(profile=profile):
                self.ours = self.ours or profile == PROFILE
            case Metadata(name=name):
                self.ours = self.ours or name == HELLO
            case Schema():
                self._count(len(record.data) + len(record.name))
                self.schemas[record.id] = record
                self.ours = self.ours or record.name in KINDS
            case Channel():
                self._count(
                    len(record.topic) + sum(map(len, record.metadata)) + sum(map(len, record.metadata.values()))
                )
                self.channels[record.id] = record

    def origin(self, channel_id: int) -> tuple[str, Kind] | None:
        """The stream and the kind of a channel's messages; None for another program's channel."""
        channel = self.channels[channel_id]
        schema = self.schemas.get(channel.schema_id)
        kind = KINDS.get(schema.name) if schema else None
        stream = channel.metadata.get("stream", "")
        return (stream, kind) if kind and 0 < len(stream) <= MAX_NAME_LENGTH else None

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MAX_DESCRIPTION_BYTES:
            raise RecordingError(f"more than {MAX_DESCRIPTION_BYTES} bytes of schemas and channels")
