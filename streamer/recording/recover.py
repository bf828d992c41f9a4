"""Mends a recording that was cut or damaged: what can be read of it, in a whole file beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mcap.records import Message, Metadata
from mcap.writer import Writer

from streamer.errors import RecordingError
from streamer.recording.descriptions import Descriptions
from streamer.recording.format import MAX_CHUNK_BYTES
from streamer.recording.records import Damaged, End, Known, Piece, scan, unpack
from streamer.recording.writer import make_writer


@dataclass(slots=True)
class Recovered:
    """What a mended recording holds: messages, and the time from the first to the last of them.

    whole: nothing was missing. damaged: records that couldn't be read, and messages of which nothing tells what they
    are; a cut at the end counts as none.
    """

    messages: int = 0
    start_ns: int = 0
    end_ns: int = 0
    whole: bool = False
    damaged: int = 0

    @property
    def seconds(self) -> float:
        """From the first message to the last."""
        return (self.end_ns - self.start_ns) / 1e9


def recover(path: Path, output: Path) -> Recovered:
    """Write what can be read of the recording at `path` to a new file. Messages stay in their order, as they were.

    Raises RecordingError for what is no recording of ours or has no message that can be read, and where the new file
    exists or can't be written; then there is none.
    """
    try:
        source = path.open("rb")
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from None
    with source:
        descriptions = _survey(source, path)
        try:
            target = output.open("xb")
        except FileExistsError:
            raise RecordingError(f"{output} exists; choose another with --output") from None
        except OSError as error:
            raise RecordingError(f"{output} can't be made: {error.strerror or error}") from None
        try:
            with target:
                recovered = _copy(source, target, descriptions)
            if not recovered.messages:
                raise RecordingError(f"{path}: nothing can be recovered; it has no message that can be read")
        except OSError as error:
            output.unlink(missing_ok=True)
            raise RecordingError(f"{output} can't be written: {error.strerror or error}") from None
        except BaseException:
            output.unlink(missing_ok=True)
            raise
    return recovered


def _survey(source: IO[bytes], path: Path) -> Descriptions:
    """All descriptions: where a chunk is damaged, the index may have what it held. Raises RecordingError."""
    found = Descriptions()
    try:
        for record in _records(source):
            if not isinstance(record, Damaged | End):
                found.add(record)
    except RecordingError as error:
        raise RecordingError(f"{path}: {error}") from None
    if not found.ours:
        raise RecordingError(f"{path}: an MCAP file, but no recording of Posewire")
    return found


def _records(source: IO[bytes]) -> Iterator[Known | Damaged | End]:
    """All records that can be read, those of chunks as well, and in place of each that can't why."""
    for found in scan(source):
        if isinstance(found, Piece):
            try:
                yield from unpack(source, found)
            except Damaged as damage:
                yield damage
        else:
            yield found


def _copy(source: IO[bytes], target: IO[bytes], described: Descriptions) -> Recovered:
    writer = make_writer(target, MAX_CHUNK_BYTES)
    recovered = Recovered()
    ids: dict[int, int] = {}
    for record in _records(source):
        match record:
            case Metadata():
                writer.add_metadata(record.name, record.metadata)
            case Message() if record.channel_id in described.channels:
                if record.channel_id not in ids:
                    ids[record.channel_id] = _register(writer, record.channel_id, described)
                writer.add_message(
                    ids[record.channel_id], record.log_time, record.data, record.publish_time, record.sequence
                )
                first = recovered.messages == 0
                recovered.start_ns = record.log_time if first else min(recovered.start_ns, record.log_time)
                recovered.end_ns = max(recovered.end_ns, record.log_time)
                recovered.messages += 1
            case Message() | Damaged():
                recovered.damaged += 1
            case End():
                recovered.whole = True
    recovered.whole = recovered.whole and not recovered.damaged
    writer.finish()  # type: ignore[no-untyped-call]
    return recovered


def _register(writer: Writer, channel_id: int, described: Descriptions) -> int:
    channel = described.channels[channel_id]
    schema = described.schemas.get(channel.schema_id)
    schema_id = writer.register_schema(schema.name, schema.encoding, schema.data) if schema else 0
    return writer.register_channel(channel.topic, channel.message_encoding, schema_id, channel.metadata)
