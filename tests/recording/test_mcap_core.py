"""What is written, as MCAP's reader in TypeScript sees it, of those who make Foxglove; the page reads with it too."""

import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from protocol import Frame, Status, encode
from streamer import __version__
from streamer.recording.format import CHANNELS, KINDS, Kind
from streamer.recording.reader import Recording
from streamer.recording.recover import recover
from tests.recording.made import CAM, SIDE, STEP_US, T0_US, UTC, frames, recording

SCRIPT = Path(__file__).parent / "mcap" / "read.mjs"

pytestmark = pytest.mark.browser


def read(how: str, path: Path) -> dict[str, Any]:
    command = ["node", str(SCRIPT), how, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def messages(found: dict[str, Any]) -> list[tuple[Kind, str, int, int, str]]:
    """What `ours` gives, of the messages that the script found."""
    told = []
    for channel, _, log_time, publish_time, size, digest in found["messages"]:
        topic, encoding, schema_id, metadata = found["channels"][str(channel)]
        schema, schema_encoding, text = found["schemas"][str(schema_id)]
        kind = KINDS[schema]
        assert topic == f"/{metadata['stream']}/{kind}"
        assert (encoding, schema_encoding) == (CHANNELS[kind].encoding, "jsonschema")
        assert text == CHANNELS[kind].json_schema
        assert publish_time == log_time
        assert log_time.endswith("000")
        told.append((kind, metadata["stream"], int(log_time) // 1000, size, digest))
    return told


def ours(path: Path) -> list[tuple[Kind, str, int, int, str]]:
    """Kind, stream, capture, length and digest of every message, as they were written, as our reader has them."""
    with Recording.open(path) as found:
        return [(m.kind, m.stream, m.t_us, len(m.data), sha256(m.data).hexdigest()) for m in found.messages("file")]


def take(count: int = 300) -> bytes:
    """Two streams, and news."""
    sent: list[Frame | Status] = [
        message for both in zip(frames(count), frames(count, "side"), strict=True) for message in both
    ]
    sent.insert(count, Status("cam", "lost", "unplugged", T0_US + count * STEP_US // 2))
    return recording(sent, (CAM, SIDE))


@pytest.mark.parametrize("how", ["indexed", "stream"])
def test_a_finished_recording_is_read_as_our_reader_reads_it(how: str, tmp_path: Path) -> None:
    path = tmp_path / "take.mcap"
    path.write_bytes(take())
    found = read(how, path)
    assert found["error"] is None
    assert found["whole"]
    assert found["header"] == ["posewire", f"posewire {__version__}"]
    assert found.get("counted", 601) == len(found["messages"]) == 601
    expected = ours(path)
    if how == "indexed":  # which goes by time, and by channel where two are of one
        times = [t_us for _, _, t_us, _, _ in messages(found)]
        assert times == sorted(times)
        assert sorted(messages(found)) == sorted(expected)
    else:
        assert messages(found) == expected
    first, last = encode(frames(1)[0]), encode(frames(300, "side")[-1])
    assert expected[0] == ("frame", "cam", T0_US + STEP_US, len(first), sha256(first).hexdigest())
    assert expected[-1] == ("frame", "side", T0_US + 300 * STEP_US, len(last), sha256(last).hexdigest())
    [(hello, described), (clock, date)] = found["metadata"]
    assert (hello, clock) == ("posewire.hello", "posewire.clock")
    assert described["format"] == "1"
    assert [info["id"] for info in json.loads(described["json"])["streams"]] == ["cam", "side"]
    assert date == {"t_us": str(T0_US), "utc": UTC.isoformat()}


def test_sequences_are_those_of_the_frames(tmp_path: Path) -> None:
    path = tmp_path / "take.mcap"
    path.write_bytes(recording(frames(20)))
    assert [sequence for _, sequence, *_ in read("indexed", path)["messages"]] == list(range(1, 21))


def test_one_without_a_message_is_read(tmp_path: Path) -> None:
    path = tmp_path / "take.mcap"
    path.write_bytes(recording([]))
    found = read("indexed", path)
    assert (found["error"], found["messages"], found["counted"]) == (None, [], 0)
    assert [name for name, _ in found["metadata"]] == ["posewire.hello", "posewire.clock"]


def test_one_that_was_cut_is_read_up_to_the_cut(tmp_path: Path) -> None:
    whole, path = take(), tmp_path / "cut.mcap"
    path.write_bytes(whole[: len(whole) // 2])
    found = read("stream", path)
    assert (found["error"], found["whole"]) == (None, False)
    assert messages(found) == ours(path)
    assert 250 < len(found["messages"]) < 350
    assert read("indexed", path)["error"]  # it wants the index


def test_one_that_was_recovered_is_read_with_its_index(tmp_path: Path) -> None:
    whole, cut, path = take(), tmp_path / "cut.mcap", tmp_path / "mended.mcap"
    cut.write_bytes(whole[: len(whole) // 2])
    recovered = recover(cut, path)
    found = read("indexed", path)
    assert (found["error"], found["whole"]) == (None, True)
    assert found["counted"] == len(found["messages"]) == recovered.messages
    assert sorted(messages(found)) == sorted(ours(cut)) == sorted(ours(path))
    assert [name for name, _ in found["metadata"]] == ["posewire.hello", "posewire.clock"]


def test_damage_is_seen(tmp_path: Path) -> None:
    data, path = bytearray(take()), tmp_path / "damaged.mcap"
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    for how in ("indexed", "stream"):
        assert read(how, path)["error"]
