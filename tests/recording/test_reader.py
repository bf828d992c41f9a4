import json
from io import BytesIO
from pathlib import Path

import pytest
from mcap.writer import CompressionType, Writer

from protocol import Status, encode
from streamer.errors import RecordingError
from streamer.recording import reader as reader_module
from streamer.recording.format import CHANNELS, KINDS
from streamer.recording.reader import Clock, Recording
from streamer.recording.writer import RecordingWriter
from tests.recording.made import CAM, SIDE, STEP_US, T0_US, UTC, frame, frames, hello, pose, recording


def opened(data: bytes) -> Recording:
    return Recording(BytesIO(data), "take.mcap")


def seqs(recording: Recording, order: str = "time", **options: object) -> list[tuple[str, int]]:
    found = recording.messages(order, kinds=("frame",), **options)  # type: ignore[arg-type]
    return [(message.stream, message.frame().seq) for message in found]


@pytest.mark.parametrize("finish", [True, False])
def test_what_was_written_is_read(finish: bool) -> None:
    sent = [*frames(20), Status("cam", "ended", "over", T0_US + 21 * STEP_US)]
    found = opened(recording(sent, (CAM, SIDE), finish))
    assert found.whole is finish
    assert found.hello == hello(CAM, SIDE)
    assert found.clock == Clock(T0_US, UTC)
    assert found.streams == {"cam": CAM, "side": SIDE}
    assert (found.start_us, found.end_us) == (T0_US + STEP_US, T0_US + 21 * STEP_US)
    *read, last = found.messages()
    assert [message.frame() for message in read] == sent[:-1]
    assert [message.t_us for message in read] == [message.t_us for message in sent[:-1]]
    assert last.status() == sent[-1]


def test_streams_are_merged_in_order_of_time() -> None:
    early = [frame(n, pose(), stream="cam", t_us=T0_US + n * 10) for n in range(1, 21)]
    late = [frame(n, pose(), stream="side", t_us=T0_US + n * 10 - 5) for n in range(1, 21)]
    data = recording([*early, *late], (CAM, SIDE))
    both = [item for n in range(1, 21) for item in (("side", n), ("cam", n))]
    assert seqs(opened(data)) == both
    assert seqs(opened(data), "file") == [("cam", n) for n in range(1, 21)] + [("side", n) for n in range(1, 21)]
    assert seqs(opened(data), streams=["side"]) == [("side", n) for n in range(1, 21)]
    assert seqs(opened(data), start_us=T0_US + 50) == [item for item in both if item[1] > 5 or item == ("cam", 5)]


def test_equal_times_stay_as_they_were_written() -> None:
    sent = [frame(n, pose(), t_us=T0_US) for n in (3, 1, 2)]
    assert seqs(opened(recording(sent))) == [("cam", 3), ("cam", 1), ("cam", 2)]


def test_overlapping_chunks_are_held_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "MAX_HELD_BYTES", 40_000)
    data = recording([frame(1, pose(), t_us=T0_US + n % 5) for n in range(20)])
    with pytest.raises(RecordingError, match=r"of chunks that overlap; 40000 at most"):
        seqs(opened(data))
    assert len(seqs(opened(data), "file")) == 20


def test_a_file_of_more_chunks_than_can_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "MAX_PIECES", 2)
    with pytest.raises(RecordingError, match=r"take\.mcap: more than 2 chunks"):
        opened(recording(frames(50)))


def test_descriptions_merge_and_the_last_counts() -> None:
    output = BytesIO()
    writer = RecordingWriter(output)
    writer.hello(hello(CAM))
    writer.hello(hello(SIDE))
    turned = type(CAM)("cam", 480, 640, 30.0, "mediapipe", "full")
    writer.hello(hello(turned))
    writer.frame("third", 1, T0_US, encode(frame(1, stream="third")))
    writer.finish()
    streams = opened(output.getvalue()).streams
    assert streams["cam"] == turned
    assert streams["side"] == SIDE
    assert streams["third"].width == 0


def test_pictures_are_read_as_they_were_written() -> None:
    output = BytesIO()
    writer = RecordingWriter(output)
    writer.picture("cam", T0_US, b"\xff\xd8 a picture")
    writer.finish()
    (picture,) = opened(output.getvalue()).messages()
    assert (picture.kind, picture.t_us, picture.jpeg()) == ("picture", T0_US, b"\xff\xd8 a picture")


def foreign(compression: CompressionType = CompressionType.NONE, chunked: bool = True, **changes: str) -> bytes:
    """Our messages as another program writes them."""
    output = BytesIO()
    writer = Writer(output, compression=compression, use_chunking=chunked)
    writer.start()
    schema = writer.register_schema(changes.get("schema", "posewire.v1.frame"), "jsonschema", b"{}")
    channel = writer.register_channel("/cam/frame", "msgpack", schema, {"stream": "cam"})
    for made in frames(3):
        data = changes["data"].encode() if "data" in changes else encode(made)
        writer.add_message(channel, made.t_us * 1000, data, made.sent_us * 1000)
    if "hello" in changes:
        writer.add_metadata("posewire.hello", json.loads(changes["hello"]))
    if "clock" in changes:
        writer.add_metadata("posewire.clock", json.loads(changes["clock"]))
    writer.finish()
    return output.getvalue()


@pytest.mark.parametrize("compression", CompressionType)
def test_what_another_program_compressed_is_read(compression: CompressionType) -> None:
    assert seqs(opened(foreign(compression))) == [("cam", n) for n in (1, 2, 3)]


def test_messages_outside_of_chunks_are_read() -> None:
    assert seqs(opened(foreign(chunked=False))) == [("cam", n) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "take.mcap: it isn't an MCAP file"),
        (b"\x89MCAP0", "take.mcap: it isn't an MCAP file"),
        (b"RIFF....AVI ", "take.mcap: it isn't an MCAP file"),
        (foreign(schema="other.thing"), "take.mcap: an MCAP file, but no recording of Posewire"),
        (foreign(hello='{"format": "2"}'), "take.mcap: a recording of format 2; this reads 1"),
        (foreign(hello='{"format": "1", "json": "[]"}'), "take.mcap: posewire.hello can't be read: a message has to"),
        (
            foreign(hello='{"format": "1", "json": "{\\"type\\":\\"time\\",\\"t0_us\\":1}"}'),
            "posewire.hello is no hello",
        ),
        (foreign(clock='{"t_us": "1", "utc": "noon"}'), "take.mcap: posewire.clock can't be read"),
    ],
)
def test_what_is_no_recording_is_refused_in_words(data: bytes, text: str) -> None:
    with pytest.raises(RecordingError) as caught:
        opened(data)
    assert text in str(caught.value)
    assert caught.value.exit_status == 2


def test_a_message_that_is_none_is_refused_when_it_is_looked_at() -> None:
    (first, *_) = opened(foreign(data="\x00")).messages()
    with pytest.raises(RecordingError, match="stream cam, 5033333 us: a message has to be a map"):
        first.frame()
    with pytest.raises(RecordingError, match="a picture that can't be read"):
        first.jpeg()
    (status,) = opened(recording([Status("cam", "live", "", T0_US)])).messages()
    with pytest.raises(RecordingError, match="it isn't a frame"):
        status.frame()


def test_a_damaged_chunk_ends_the_reading_in_words() -> None:
    data = bytearray(recording(frames(20)))
    assert len(seqs(opened(bytes(data)))) == 20
    data[len(data) // 2] ^= 0xFF
    found: list[int] = []
    with pytest.raises(RecordingError, match=r"take.mcap is damaged: .*; posewire recover mends it"):
        found.extend(message.frame().seq for message in opened(bytes(data)).messages())
    with pytest.raises(RecordingError):
        seqs(opened(bytes(data)), "file")


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nothing\.mcap: No such file"):
        Recording.open(tmp_path / "nothing.mcap")
    with pytest.raises(RecordingError, match="Is a directory"):
        Recording.open(tmp_path)


def test_the_file_is_closed_with_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "take.mcap"
    path.write_bytes(recording(frames(2)))
    with Recording.open(path) as found:
        assert len(seqs(found)) == 2
    with pytest.raises(ValueError, match="closed"):
        seqs(found)


def test_schemas_name_what_the_reader_knows() -> None:
    assert set(CHANNELS) == set(KINDS.values())


def test_one_that_was_cut_and_is_damaged_is_read_up_to_the_damage() -> None:
    """As the system leaves it whose power went: the file as long as it was to be, and zeros in it."""
    data = bytearray(recording(frames(60), finish=False))
    pieces = Recording(BytesIO(bytes(data)), "take.mcap")._pieces
    damaged = pieces[len(pieces) // 2]
    data[damaged.offset + 100 :] = bytes(len(data) - damaged.offset - 100)
    with Recording(BytesIO(bytes(data)), "take.mcap") as found:
        assert not found.whole
        assert set(found.streams) == {"cam"}
        read: list[int] = []
        with pytest.raises(RecordingError, match=r"take\.mcap is damaged: .*; posewire recover mends it"):
            for message in found.messages():
                read.append(message.t_us)  # noqa: PERF401 - what came before it is kept
    assert read == [sent.t_us for sent in frames(60) if sent.t_us * 1000 < damaged.start_ns]
    assert 20 < len(read) < 40
