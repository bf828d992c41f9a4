"""The records of an MCAP file, one after the other, within limits: whole files, cut ones, damaged ones."""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from typing import IO, Final, TypeAlias

import lz4.frame
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Header, Message, Metadata, Schema
from mcap.writer import MCAP0_MAGIC

from streamer.errors import RecordingError
from streamer.recording.format import MAX_RECORD_BYTES

_HEAD: Final = struct.Struct("<BQ")
_CHUNK_TIMES: Final = struct.Struct("<QQ")
_MESSAGE_TIMES: Final = struct.Struct("<HIQQ")
_DESCRIBING: Final = (Opcode.HEADER, Opcode.SCHEMA, Opcode.CHANNEL, Opcode.METADATA)
_CUT_SHORT: Final = (EndOfFile, struct.error, UnicodeDecodeError)
Known: TypeAlias = Header | Schema | Channel | Message | Metadata


class Damaged(Exception):
    """A record that isn't what it claims to be; what comes after it may still be read. Its text says why."""


@dataclass(frozen=True, slots=True)
class End:
    """The footer and what closes the file: it was finished."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Where messages are: a chunk, or a message that is in none. Its record's begin, and the length of its content.

    start_ns, end_ns: the captures it claims to hold, in nanoseconds.
    """

    offset: int
    length: int
    start_ns: int
    end_ns: int


def scan(file: IO[bytes]) -> Iterator[Piece | Known | Damaged | End]:
    """The records from the file's begin to its end, without what is in chunks and without what only repeats it.

    A file that was cut gives no End, and nothing of the record that is cut; so does one whose framing is broken.
    Raises RecordingError for what is no MCAP file.
    """
    file.seek(0)
    if file.read(len(MCAP0_MAGIC)) != MCAP0_MAGIC:
        raise RecordingError("it isn't an MCAP file")
    offset, size = len(MCAP0_MAGIC), file.seek(0, SEEK_END)
    while offset + _HEAD.size <= size:
        file.seek(offset)
        opcode, length = _HEAD.unpack(file.read(_HEAD.size))
        end = offset + _HEAD.size + length
        if end > size:
            return
        try:
            if opcode == Opcode.CHUNK:
                yield Piece(offset, length, *_CHUNK_TIMES.unpack(file.read(min(length, _CHUNK_TIMES.size))))
            elif opcode == Opcode.MESSAGE:
                _, _, time_ns, _ = _MESSAGE_TIMES.unpack(file.read(min(length, _MESSAGE_TIMES.size)))
                yield Piece(offset, length, time_ns, time_ns)
            elif opcode == Opcode.FOOTER:
                file.seek(end)
                if file.read(len(MCAP0_MAGIC)) == MCAP0_MAGIC:
                    yield End()
                return
            elif opcode in _DESCRIBING:
                yield _record(opcode, _content(file, length))
        except struct.error:
            yield Damaged(f"a record of {length} bytes, which is too short")
        except Damaged as damage:
            yield damage
        offset = end


def unpack(file: IO[bytes], piece: Piece) -> list[Known]:
    """What a piece holds. Raises Damaged where it isn't as it was written."""
    file.seek(piece.offset)
    opcode, length = _HEAD.unpack(file.read(_HEAD.size))
    content = _content(file, length)
    if opcode == Opcode.MESSAGE:
        return [_record(opcode, content)]
    try:
        chunk = Chunk.read(ReadDataStream(BytesIO(content)))
    except _CUT_SHORT:
        raise Damaged("a chunk that can't be read") from None
    data = _decompress(chunk)
    if len(data) != chunk.uncompressed_size:
        raise Damaged(f"a chunk of {len(data)} bytes that claims {chunk.uncompressed_size}")
    if chunk.uncompressed_crc and zlib.crc32(data) != chunk.uncompressed_crc:
        raise Damaged("a chunk whose checksum is wrong")
    records = _split(data)
    for record in records:
        # The times of a chunk aren't part of its checksum.
        if isinstance(record, Message) and not piece.start_ns <= record.log_time <= piece.end_ns:
            raise Damaged("a chunk that holds other times than it claims")
    return records


def _split(data: bytes) -> list[Known]:
    records: list[Known] = []
    offset = 0
    while offset < len(data):
        if offset + _HEAD.size > len(data):
            raise Damaged("a chunk that ends within a record")
        opcode, length = _HEAD.unpack_from(data, offset)
        offset += _HEAD.size
        if offset + length > len(data):
            raise Damaged("a chunk that ends within a record")
        if opcode in (Opcode.SCHEMA, Opcode.CHANNEL, Opcode.MESSAGE):
            records.append(_record(opcode, data[offset : offset + length]))
        offset += length
    return records


def _decompress(chunk: Chunk) -> bytes:
    """Never more than MAX_RECORD_BYTES, whatever the data would unpack to."""
    size = chunk.uncompressed_size
    if size > MAX_RECORD_BYTES:
        raise Damaged(f"a chunk of {size} bytes; {MAX_RECORD_BYTES} at most")
    try:
        match chunk.compression:
            case "":
                return chunk.data
            case "zstd":
                # Of a stream, because a frame may claim another size than the chunk, and is believed in one go.
                with zstandard.ZstdDecompressor(max_window_size=MAX_RECORD_BYTES).stream_reader(chunk.data) as reader:
                    return reader.read(size + 1)
            case "lz4":
                data: bytes = lz4.frame.LZ4FrameDecompressor().decompress(chunk.data, size + 1)
                return data
    except (zstandard.ZstdError, RuntimeError, EOFError) as error:
        raise Damaged(f"a chunk that can't be unpacked: {error}") from None
    raise Damaged(f"a chunk compressed as {chunk.compression[:20]!r}; zstd and lz4 are known")


def _content(file: IO[bytes], length: int) -> bytes:
    if length > MAX_RECORD_BYTES:
        raise Damaged(f"a record of {length} bytes; {MAX_RECORD_BYTES} at most")
    return file.read(length)


def _record(opcode: int, content: bytes) -> Known:
    stream = ReadDataStream(BytesIO(content))
    try:
        return _READERS[opcode](stream, len(content))
    except _CUT_SHORT:
        raise Damaged("a record that ends before its content does") from None


_READERS: Final[dict[int, Callable[[ReadDataStream, int], Known]]] = {
    Opcode.MESSAGE: Message.read,
    Opcode.CHANNEL: lambda stream, _: Channel.read(stream),
    Opcode.SCHEMA: lambda stream, _: Schema.read(stream),
    Opcode.METADATA: lambda stream, _: Metadata.read(stream),
    Opcode.HEADER: lambda stream, _: Header.read(stream),
}
