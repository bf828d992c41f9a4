"""What is written, as the reference reader of MCAP sees it."""

import base64
import json
import subprocess
import sysconfig
from contextlib import suppress
from datetime import timedelta, timezone
from io import BytesIO
from pathlib import Path

import msgpack
import pytest
from mcap.exceptions import EndOfFile
from mcap.reader import make_reader
from mcap.records import Message
from mcap.stream_reader import StreamReader

from protocol import Status, encode
from streamer import __version__
from streamer.recording import writer as writer_module
from streamer.recording.format import MAX_CHUNK_BYTES, MAX_CHUNK_S
from streamer.recording.recover import recover
from streamer.recording.writer import RecordingWriter
from tests.recording.made import CAM, SIDE, STEP_US, T0_US, UTC, frame, frames, pose, recording


def kept(output: BytesIO) -> int:
    """How many messages a process that is killed now leaves behind, as the reference reader counts them."""
    count = 0
    with suppress(EndOfFile):
        for record in StreamReader(BytesIO(output.getvalue())).records:
            count += isinstance(record, Message)
    return count


def findings(data: bytes, path: Path) -> list[dict]:
    """What a doctor that isn't the reference's finds wrong or doubtful in a file."""
    path.write_bytes(data)
    command = [
        Path(sysconfig.get_path("scripts")) / "pymcap-cli",
        "doctor",
        "--strict-message-order",
        "--format",
        "jsonl",
    ]
    result = subprocess.run([*command, path], capture_output=True, text=True, timeout=60, check=False)
    *found, summary = map(json.loads, result.stdout.splitlines())
    assert summary["complete"]
    return [finding for finding in found if finding["severity"] != "info"]


@pytest.mark.parametrize("count", [0, 1, 300])
def test_the_rules_of_mcap_are_kept(count: int, tmp_path: Path) -> None:
    sent = frames(count)
    news = [Status("cam", "lost", "unplugged", T0_US + count * STEP_US)] if count else []
    assert findings(recording([*sent, *news], (CAM, SIDE)), tmp_path / "take.mcap") == []


def test_the_rules_of_mcap_are_kept_by_what_was_recovered(tmp_path: Path) -> None:
    whole = recording(frames(300))
    cut, output = tmp_path / "cut.mcap", tmp_path / "mended.mcap"
    assert findings(whole[: len(whole) * 2 // 3], cut)  # it does find something
    recover(cut, output)
    assert findings(output.read_bytes(), output) == []


def test_the_reference_reader_finds_every_message_with_its_times_and_schema() -> None:
    sent = frames(20)
    reader = make_reader(BytesIO(recording(sent)), validate_crcs=True)
    header = reader.get_header()
    assert (header.profile, header.library) == ("posewire", f"posewire {__version__}")
    found = list(reader.iter_messages())
    assert len(found) == 20
    for (schema, channel, message), made in zip(found, sent, strict=True):
        assert (channel.topic, channel.message_encoding, channel.metadata) == (
            "/cam/frame",
            "msgpack",
            {"stream": "cam"},
        )
        assert (schema.name, schema.encoding) == ("posewire.v1.frame", "jsonschema")
        assert message.data == encode(made)
        assert (message.log_time, message.publish_time) == (made.t_us * 1000, made.t_us * 1000)
        assert message.sequence == made.seq
    required = json.loads(found[0][0].data)["required"]
    assert set(required) == set(msgpack.unpackb(found[0][2].data))


def test_hello_and_clock_are_metadata() -> None:
    metadata = {item.name: item.metadata for item in make_reader(BytesIO(recording([], (CAM, SIDE)))).iter_metadata()}
    assert metadata["posewire.clock"] == {"t_us": str(T0_US), "utc": "2026-03-04T05:06:07.000008+00:00"}
    assert metadata["posewire.hello"]["format"] == "1"
    hello = json.loads(metadata["posewire.hello"]["json"])
    assert [info["id"] for info in hello["streams"]] == ["cam", "side"]
    assert len(hello["skeleton"]["landmarks"]) == 33


def test_every_kind_of_a_stream_has_its_channel() -> None:
    output = BytesIO()
    writer = RecordingWriter(output)
    for stream in ("cam", "side"):
        writer.frame(stream, 2**40 + 7, T0_US, encode(frame(1, stream=stream)))
        writer.status(stream, T0_US, encode(Status(stream, "lost", "unplugged", T0_US)))
        writer.picture(stream, T0_US, b"jpeg")
    writer.finish()
    summary = make_reader(BytesIO(output.getvalue())).get_summary()
    assert summary is not None
    topics = {channel.topic: summary.schemas[channel.schema_id].name for channel in summary.channels.values()}
    assert topics == {
        f"/{stream}/{kind}": schema
        for stream in ("cam", "side")
        for kind, schema in (
            ("frame", "posewire.v1.frame"),
            ("status", "posewire.v1.status"),
            ("picture", "foxglove.CompressedImage"),
        )
    }
    messages = {(c.topic): m for _, c, m in make_reader(BytesIO(output.getvalue())).iter_messages()}
    assert messages["/cam/frame"].sequence == 7  # of a number with more than MCAP's 32 bits
    picture = json.loads(messages["/cam/picture"].data)
    assert picture == {
        "timestamp": {"sec": 5, "nsec": 0},
        "frame_id": "cam",
        "format": "jpeg",
        "data": base64.b64encode(b"jpeg").decode(),
    }


def test_a_chunk_is_handed_over_when_it_is_full() -> None:
    output = BytesIO()
    writer = RecordingWriter(output)
    data = encode(frame(1, pose()))
    for number in range(MAX_CHUNK_BYTES // len(data)):
        writer.frame("cam", number, T0_US + number, data)
    assert kept(output) == 0
    assert writer.due_s is not None
    writer.frame("cam", 99, T0_US + 99, data)
    assert kept(output) == MAX_CHUNK_BYTES // len(data) + 1
    assert writer.due_s is None


def test_a_chunk_is_due_a_fixed_time_after_its_first_message(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([100.0, 200.0])
    monkeypatch.setattr(writer_module.time, "monotonic", lambda: next(moments))
    output = BytesIO()
    writer = RecordingWriter(output)
    assert writer.due_s is None
    for number in range(2):
        writer.frame("cam", number, T0_US + number * STEP_US, encode(frame(number)))
        assert writer.due_s == 100.0 + MAX_CHUNK_S
    writer.close_chunk()
    assert writer.due_s is None
    assert kept(output) == 2
    writer.frame("cam", 3, T0_US + 3 * STEP_US, encode(frame(3)))
    assert writer.due_s == 200.0 + MAX_CHUNK_S


def test_a_date_is_kept_in_utc() -> None:
    output = BytesIO()
    writer = RecordingWriter(output)
    writer.clock(7, UTC.astimezone(timezone(timedelta(hours=5))))
    writer.finish()
    (clock,) = make_reader(BytesIO(output.getvalue())).iter_metadata()
    assert clock.metadata == {"t_us": "7", "utc": UTC.isoformat()}
