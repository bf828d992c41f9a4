"""The thread that writes: what is handed over gets into the file, or is counted; a disk that fails ends only that."""

import errno
import logging
import threading
from dataclasses import replace
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest

from protocol import Frame, Status, encode
from streamer.errors import RecordingError
from streamer.recording import recorder as recorder_module
from streamer.recording import writer as writer_module
from streamer.recording.reader import Recording
from streamer.recording.recorder import MAX_WAITING_PICTURES, Recorder
from tests.recording.made import CAM, SIDE, T0_US, frame, frames, hello, pose


def keep(recorder: Recorder, *sent: Frame) -> None:
    for each in sent:
        recorder.frame(each.stream, each.seq, each.t_us, encode(each))


def read(path: Path) -> list[tuple[str, str, int]]:
    with Recording.open(path) as recording:
        return [(message.kind, message.stream, message.t_us) for message in recording.messages()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "take.mcap"


class Gate:
    """A disk that stands still until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        self.reached = threading.Event()
        real = recorder_module.RecordingWriter.hello

        def hello(writer: recorder_module.RecordingWriter, message: object) -> None:
            self.reached.set()
            assert self.open.wait(10)
            real(writer, message)  # type: ignore[arg-type]

        monkeypatch.setattr(recorder_module.RecordingWriter, "hello", hello)

    def close_behind(self, recorder: Recorder) -> None:
        recorder.hello(hello(CAM))
        assert self.reached.wait(10)


def test_what_is_handed_over_is_in_the_file(path: Path) -> None:
    recorder = Recorder(path)
    recorder.hello(hello(CAM))
    recorder.clock(T0_US, datetime.now(timezone.utc))
    sent = frames(30)
    keep(recorder, *sent)
    recorder.status(Status("cam", "ended", "over", sent[-1].t_us + 1))
    assert recorder.stop(10)
    assert recorder.stop(10)
    progress = recorder.progress()
    assert (progress.state, progress.messages, progress.left_out, progress.error) == ("finished", 31, 0, "")
    assert (progress.start_us, progress.end_us) == (sent[0].t_us, sent[-1].t_us)
    assert progress.bytes == path.stat().st_size
    assert read(path) == [*(("frame", "cam", each.t_us) for each in sent), ("status", "cam", sent[-1].t_us + 1)]
    keep(recorder, frame(99))
    assert len(read(path)) == 31
    with Recording.open(path) as recording:
        assert recording.whole


def test_only_the_streams_asked_for_are_kept(path: Path) -> None:
    recorder = Recorder(path, ["side"])
    recorder.hello(hello(CAM, SIDE))
    keep(recorder, frame(1), frame(2, stream="side"))
    recorder.status(Status("cam", "lost", "gone", T0_US))
    assert (recorder.wants("cam"), recorder.wants("side")) == (False, True)
    assert recorder.described == {"side"}
    recorder.stop(10)
    assert [stream for _, stream, _ in read(path)] == ["side"]
    with Recording.open(path) as recording:
        assert list(recording.streams) == ["side"]
    assert not recorder.wants("side")


@pytest.mark.parametrize(
    ("engine", "people", "has_raw"), [("mediapipe", 1, False), ("mediapipe", 2, True), ("openvino", 1, True)]
)
def test_it_says_where_a_stream_has_no_raw_landmarks(
    path: Path, caplog: pytest.LogCaptureFixture, engine: str, people: int, has_raw: bool
) -> None:
    recorder = Recorder(path)
    described = hello()
    streams = tuple(replace(info, engine=engine, people=people) for info in described.streams)
    for _ in range(2):
        recorder.hello(replace(described, streams=streams))
    recorder.stop(10)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == (0 if has_raw else len(streams))
    assert all("--people 2" in line and info.id in line for line, info in zip(told, streams, strict=not has_raw))


def test_a_chunk_reaches_the_file_without_another_message(path: Path) -> None:
    recorder = Recorder(path)
    keep(recorder, frame(1))
    pause = threading.Event()
    for _ in range(500):
        if len(read(path) if path.stat().st_size else []) == 1:
            break
        pause.wait(0.01)
    assert len(read(path)) == 1
    recorder.stop(10)


def test_what_a_slow_disk_has_no_room_for_is_counted_and_told_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    data = encode(frame(1, pose()))
    monkeypatch.setattr(recorder_module, "MAX_WAITING_BYTES", 5 * len(data) + 100)
    gate = Gate(monkeypatch)
    recorder = Recorder(path)
    gate.close_behind(recorder)
    keep(recorder, *(frame(number, pose()) for number in range(1, 10)))
    assert recorder.progress().left_out == 4
    gate.open.set()
    while recorder.progress().messages < 5:
        threading.Event().wait(0.01)
    keep(recorder, frame(10, pose()))  # there is room again
    recorder.stop(10)
    assert [t_us for _, _, t_us in read(path)] == [frame(number).t_us for number in (1, 2, 3, 4, 5, 10)]
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "the disk is too slow; messages are left out until there is room",
        "4 messages were left out",
    ]


def test_a_disk_that_stands_still_does_not_keep_the_one_who_stops(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    recorder = Recorder(path)
    gate.close_behind(recorder)
    assert not recorder.stop(0.05)
    gate.open.set()
    assert recorder.stop(10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_write_error_ends_the_recording_with_a_line_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """/dev/full takes nothing, as a disk that is full."""
    full = Path("/dev/full").open("wb")  # noqa: SIM115 - the recorder closes it
    monkeypatch.setattr(recorder_module, "_create", lambda path: full)
    recorder = Recorder(tmp_path / "take.mcap")
    keep(recorder, *frames(30))
    recorder._thread.join(10)
    assert recorder.progress().state == "failed"
    assert recorder.progress().error == "No space left on device"
    assert not recorder.wants("cam")
    keep(recorder, frame(99))
    assert recorder.stop(1)
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "take.mcap has ended: No space left on device" in record.getMessage()


def test_pictures_are_kept_where_that_is_wanted(path: Path, tmp_path: Path) -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    image[..., 0] = 255  # red
    without, recorder = Recorder(tmp_path / "without.mcap"), Recorder(path, ["cam"], video=True)
    for each in (without, recorder):
        each.picture("cam", T0_US, image)
        each.picture("side", T0_US, image)
        each.stop(10)
    assert read(without.path) == []
    with Recording.open(path) as recording:
        [picture] = recording.messages()
    shown = cv2.imdecode(np.frombuffer(picture.jpeg(), np.uint8), cv2.IMREAD_COLOR)
    assert (picture.kind, picture.stream, picture.t_us) == ("picture", "cam", T0_US)
    assert shown is not None
    assert shown.shape == image.shape
    assert shown[24, 32] == pytest.approx([0, 0, 255], abs=8)


def test_few_pictures_wait_for_a_slow_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    recorder = Recorder(path, video=True)
    gate.close_behind(recorder)
    for number in range(10):
        recorder.picture("cam", T0_US + number, np.zeros((48, 64, 3), np.uint8))
    assert recorder.progress().left_out == 10 - MAX_WAITING_PICTURES
    gate.open.set()
    recorder.stop(10)
    assert len(read(path)) == MAX_WAITING_PICTURES


def test_a_file_that_cannot_be_made_is_told_in_one_line(path: Path) -> None:
    path.write_bytes(b"mine")
    with pytest.raises(RecordingError, match=r"take\.mcap exists; a recording never writes over a file"):
        Recorder(path)
    assert path.read_bytes() == b"mine"
    with pytest.raises(RecordingError, match=r"there is no folder .*nowhere"):
        Recorder(path.parent / "nowhere" / "take.mcap")
    with pytest.raises(RecordingError, match=r"can't be made: Not a directory"):
        Recorder(path / "take.mcap")


def test_it_is_as_long_as_from_the_first_capture_to_the_last_in_whatever_order_streams_come(path: Path) -> None:
    recorder = Recorder(path)
    captures = [(T0_US + 9, "side"), (T0_US, "cam"), (T0_US + 50, "cam"), (T0_US + 40, "side")]
    keep(recorder, *(frame(1, stream=stream, t_us=t_us) for t_us, stream in captures))
    recorder.stop(10)
    assert (recorder.progress().start_us, recorder.progress().end_us) == (T0_US, T0_US + 50)


def test_one_that_can_get_no_longer_ends_as_a_whole_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MAX_PIECES", 3)
    monkeypatch.setattr(writer_module, "MAX_CHUNK_BYTES", 1)
    recorder = Recorder(path)
    keep(recorder, *frames(5))
    recorder.stop(10)
    progress = recorder.progress()
    assert (progress.state, progress.messages, progress.bytes) == ("failed", 3, path.stat().st_size)
    assert progress.error == "it has 2000000 chunks, as many as a recording can have"
    with Recording.open(path) as recording:
        assert recording.whole
        assert len(list(recording.messages())) == 3


class SmallDisk(BytesIO):
    """Takes 20,000 bytes."""

    def write(self, data: bytes) -> int:
        if self.tell() + len(data) > 20_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)

    def close(self) -> None:
        pass


def test_a_disk_that_got_full_counts_what_is_in_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = SmallDisk()
    monkeypatch.setattr(recorder_module, "_create", lambda path: disk)
    recorder = Recorder(path)
    recorder.hello(hello(CAM))
    keep(recorder, *frames(40))
    recorder.stop(10)
    with Recording(disk, "take.mcap") as recording:
        kept = len(list(recording.messages()))
    assert 0 < kept < 40
    assert (recorder.progress().state, recorder.progress().messages) == ("failed", kept)
