import os
import struct
import zlib
from io import BytesIO

import lz4.frame
import pytest
import zstandard
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Header, Message, Metadata
from mcap.writer import MCAP0_MAGIC

from streamer.errors import RecordingError
from streamer.recording.format import MAX_RECORD_BYTES
from streamer.recording.records import Damaged, End, Piece, scan, unpack
from tests.memory import Footprint
from tests.recording.made import frames, recording


def record(opcode: int, content: bytes, length: int | None = None) -> bytes:
    return struct.pack("<BQ", opcode, len(content) if length is None else length) + content


def message(time_ns: int = 7, data: bytes = b"data") -> bytes:
    return record(Opcode.MESSAGE, struct.pack("<HIQQ", 1, 2, time_ns, 9) + data)


def chunk(content: bytes, start_ns: int = 0, end_ns: int = 10, **changes: object) -> bytes:
    fields = {
        "compression": "",
        "data": content,
        "message_start_time": start_ns,
        "message_end_time": end_ns,
        "uncompressed_crc": zlib.crc32(content),
        "uncompressed_size": len(content),
    }
    builder = RecordBuilder()
    Chunk(**(fields | changes)).write(builder)  # type: ignore[arg-type]
    return builder.end()


def only(data: bytes) -> list:
    file = BytesIO(MCAP0_MAGIC + data)
    (piece,) = scan(file)
    assert isinstance(piece, Piece)
    return unpack(file, piece)


def test_a_whole_file_is_its_head_its_pieces_its_metadata_and_its_end() -> None:
    found = list(scan(BytesIO(recording(frames(20)))))
    assert isinstance(found[0], Header)
    assert [record.name for record in found if isinstance(record, Metadata)] == ["posewire.hello", "posewire.clock"]
    assert sum(isinstance(record, Piece) for record in found) > 3
    assert isinstance(found[-1], End)
    assert any(isinstance(record, Channel) for record in found)  # of the index


def test_what_is_no_mcap_file_is_refused() -> None:
    with pytest.raises(RecordingError, match="it isn't an MCAP file"):
        list(scan(BytesIO(b"RIFF")))


def test_a_record_that_is_cut_ends_the_file() -> None:
    whole = MCAP0_MAGIC + chunk(message())
    assert len(list(scan(BytesIO(whole)))) == 1
    for cut in range(len(MCAP0_MAGIC), len(whole)):
        assert list(scan(BytesIO(whole[:cut]))) == []


def test_what_another_version_may_add_is_passed_over() -> None:
    extra = record(0x7F, b"of the future")
    assert [type(found) for found in scan(BytesIO(MCAP0_MAGIC + extra + message()))] == [Piece]
    assert len(only(chunk(extra + message() + extra))) == 1


def test_a_damaged_record_does_not_hide_those_after_it() -> None:
    bad = [
        record(Opcode.METADATA, b"\xff\xff\xff\xff"),
        record(Opcode.METADATA, struct.pack("<I", 2) + b"\xff\xff" + bytes(8)),  # no UTF-8
        record(Opcode.MESSAGE, b"short"),
        record(Opcode.CHUNK, b"short"),
    ]
    for data in bad:
        damage, piece = scan(BytesIO(MCAP0_MAGIC + data + message()))
        assert isinstance(damage, Damaged)
        assert piece == Piece(len(MCAP0_MAGIC) + len(data), 26, 7, 7)


@pytest.mark.parametrize("name", ["", "zstd", "lz4"])
def test_a_chunk_is_unpacked(name: str) -> None:
    pack = {"": bytes, "zstd": zstandard.compress, "lz4": lz4.frame.compress}[name]
    data = message() + message(8)
    packed = chunk(data, compression=name, data=pack(data))
    assert [found.log_time for found in only(packed) if isinstance(found, Message)] == [7, 8]


BOMBS = {name: pack(bytes(300_000_000)) for name, pack in (("zstd", zstandard.compress), ("lz4", lz4.frame.compress))}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (chunk(message(), uncompressed_crc=1), "a chunk whose checksum is wrong"),
        (chunk(message(), uncompressed_size=9), "a chunk of 35 bytes that claims 9"),
        (chunk(message(99)), "a chunk that holds other times than it claims"),
        (chunk(message(), end_ns=6), "a chunk that holds other times than it claims"),
        (chunk(message() + b"\x05"), "a chunk that ends within a record"),
        (chunk(message()[:-1]), "a chunk that ends within a record"),
        (chunk(record(Opcode.MESSAGE, b"short")), "a record that ends before its content does"),
        (chunk(message(), compression="rar"), "compressed as 'rar'; zstd and lz4 are known"),
        (chunk(message(), compression="zstd"), "a chunk that can't be unpacked"),
        (chunk(message(), compression="lz4"), "a chunk that can't be unpacked"),
        (chunk(b"", uncompressed_size=2**40), f"a chunk of {2**40} bytes; {MAX_RECORD_BYTES} at most"),
        (chunk(BOMBS["zstd"], compression="zstd", uncompressed_size=5), "of 6 bytes that claims 5"),
        (chunk(BOMBS["lz4"], compression="lz4", uncompressed_size=5), "of 6 bytes that claims 5"),
        (record(Opcode.CHUNK, bytes(28) + b"\xff\xff\xff\x7f"), "a chunk that can't be read"),
    ],
)
def test_a_chunk_that_is_not_as_it_was_written_is_damaged(data: bytes, text: str) -> None:
    memory = Footprint(os.getpid())
    with pytest.raises(Damaged) as caught:
        only(data)
    assert text in str(caught.value)
    assert memory.above() < 50
