import os
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

import numpy as np
import pytest

from protocol import Frame, Hello, Status, encode
from streamer.clock import now_us
from streamer.errors import RecordingError
from streamer.recording import recordings as recordings_module
from streamer.recording.reader import Recording
from streamer.recording.recordings import NotFound, Recordings, Taken, Unavailable
from streamer.recording.writer import RecordingWriter
from tests.recording.made import CAM, SIDE, T0_US, frame, hello, pose, recording


class Server:
    """What a server says of itself."""

    def __init__(self) -> None:
        self.streams = (CAM, SIDE)

    def __call__(self) -> Hello:
        return hello(*self.streams)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def recordings(tmp_path: Path, server: Server) -> Iterator[Recordings]:
    made = Recordings(tmp_path, server, video=False)
    yield made
    made.close(10)


def keep(recordings: Recordings, *sent: Frame) -> None:
    for each in sent:
        recordings.frame(each.stream, each.seq, each.t_us, encode(each))


def streams(path: Path) -> list[str]:
    with Recording.open(path) as found:
        return [message.stream for message in found.messages()]


def test_a_recording_is_begun_and_ended_by_name(recordings: Recordings, tmp_path: Path) -> None:
    assert recordings.possible
    assert not recordings.want("cam")
    begun = recordings.begin("one", None)
    assert (begun.name, begun.state, begun.streams) == ("one", "recording", ("cam", "side"))
    assert recordings.want("cam")
    sent = [frame(number, pose(), stream=stream) for number in range(1, 4) for stream in ("cam", "side")]
    keep(recordings, *sent)
    recordings.status(Status("cam", "lost", "gone", T0_US))
    ended = recordings.end("one", 10)
    assert (ended.state, ended.messages) == ("finished", 7)
    assert ended.duration_s == pytest.approx((sent[-1].t_us - sent[0].t_us) / 1e6)
    assert not recordings.want("cam")
    with Recording.open(tmp_path / "one.mcap") as found:
        assert found.whole
        assert found.hello == hello(CAM, SIDE)
        assert found.clock is not None
    with pytest.raises(NotFound, match="no recording 'one' is in progress; in progress: none"):
        recordings.end("one", 10)


def test_several_at_a_time_keep_what_each_was_asked_for(recordings: Recordings, tmp_path: Path) -> None:
    recordings.begin("cams", ["cam"])
    recordings.begin("sides", ["side"])
    keep(recordings, frame(1), frame(2, stream="side"), frame(3, stream="side"))
    assert recordings.end("cams", 10).streams == ("cam",)
    keep(recordings, frame(4), frame(5, stream="side"))
    recordings.end("sides", 10)
    assert streams(tmp_path / "cams.mcap") == ["cam"]
    assert streams(tmp_path / "sides.mcap") == ["side"] * 3


def test_a_stream_is_described_when_it_first_comes_and_when_that_changed(
    recordings: Recordings, server: Server, tmp_path: Path
) -> None:
    server.streams = ()
    recordings.add(tmp_path / "early.mcap")
    server.streams = (CAM,)
    keep(recordings, frame(1))
    turned = type(CAM)("cam", 480, 640, 30.0, "mediapipe", "full")
    server.streams = (turned,)
    recordings.status(Status("cam", "live", "", T0_US, turned))
    recordings.end("early", 10)
    with Recording.open(tmp_path / "early.mcap") as found:
        assert found.streams == {"cam": turned}


def test_no_name_leads_out_of_the_folder_and_none_is_used_twice(recordings: Recordings, tmp_path: Path) -> None:
    for name in ("../x", "/x", "a/b", "", ".x", "x.mcap", "x" * 65, "-x", "x\n", "ü", "con:"):
        with pytest.raises(RecordingError, match="letters, digits, - and _"):
            recordings.begin(name, None)
    (tmp_path / "old.mcap").write_bytes(b"")
    recordings.begin("new", None)
    for name in ("old", "new"):
        with pytest.raises(Taken, match=f"there is a recording {name}"):
            recordings.begin(name, None)
    assert len(list(tmp_path.iterdir())) == 2


def test_without_a_name_it_is_the_date(recordings: Recordings) -> None:
    assert recordings_module.NAME.fullmatch(recordings.begin(None, None).name)


def test_several_without_a_name_may_begin_within_a_second(
    recordings: Recordings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Noon(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2026, 3, 4, 12, tzinfo=tz)

    monkeypatch.setattr(recordings_module, "datetime", Noon)
    monkeypatch.setattr(recordings_module, "MAX_PER_SECOND", 3)
    date = "2026-03-04_12-00-00"
    assert [recordings.begin(None, None).name for _ in range(3)] == [date, f"{date}-2", f"{date}-3"]
    with pytest.raises(Taken, match=f"there is a recording {date}"):
        recordings.begin(None, None)


def test_no_more_than_some_at_a_time(recordings: Recordings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings_module, "MAX_IN_PROGRESS", 1)
    recordings.begin("one", None)
    with pytest.raises(Unavailable, match="1 recordings are in progress; no more can be"):
        recordings.begin("two", None)
    recordings.end("one", 10)
    recordings.begin("two", None)


def test_without_a_folder_none_can_be_begun_but_one_may_be_added(tmp_path: Path) -> None:
    recordings = Recordings(None, lambda: hello(CAM), video=False)
    assert not recordings.possible
    with pytest.raises(NotFound, match="start it with --recordings DIR"):
        recordings.begin("one", None)
    recordings.add(tmp_path / "one.mcap")
    with pytest.raises(Taken, match="recording one is in progress"):
        recordings.add(tmp_path / "one.mcap")
    assert [entry.name for entry in recordings.entries()] == ["one"]
    assert recordings.close(10)


def test_a_folder_has_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"there is no folder .*nowhere"):
        Recordings(tmp_path / "nowhere", lambda: hello(), video=False)


def test_the_list_has_what_is_in_progress_and_what_lies_in_the_folder(
    recordings: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [frame(number, pose()) for number in range(31)]
    (tmp_path / "b-whole.mcap").write_bytes(recording(sent))
    (tmp_path / "c-cut.mcap").write_bytes(recording(sent, finish=False)[:-50])
    (tmp_path / "d-bad.mcap").write_bytes(b"RIFF")
    (tmp_path / "other.txt").write_bytes(b"")
    recordings.begin("a", None)
    found = {entry.name: entry for entry in recordings.entries()}
    assert {name: entry.state for name, entry in found.items()} == {
        "a": "recording",
        "b-whole": "finished",
        "c-cut": "cut",
        "d-bad": "unreadable",
    }
    assert found["b-whole"].duration_s == pytest.approx(30 * 0.033333)
    assert found["b-whole"].streams == ("cam",)
    assert found["b-whole"].bytes == (tmp_path / "b-whole.mcap").stat().st_size
    assert found["d-bad"].error == "d-bad.mcap: it isn't an MCAP file"
    read: list[Path] = []
    real = recordings_module._read
    monkeypatch.setattr(recordings_module, "_read", lambda path, size: read.append(path) or real(path, size))
    recordings.entries()
    assert read == []  # nothing changed
    (tmp_path / "d-bad.mcap").write_bytes(recording(sent))
    recordings.end("a", 10)
    assert {entry.name: entry.state for entry in recordings.entries()}["d-bad"] == "finished"
    assert read == [tmp_path / "d-bad.mcap"]
    recordings.begin("e", None)
    assert [entry.name for entry in recordings.entries()] == ["a", "b-whole", "c-cut", "d-bad", "e"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_the_list_waits_for_no_pipe(recordings: Recordings, tmp_path: Path) -> None:
    (tmp_path / "good.mcap").write_bytes(recording([frame(1)]))
    (tmp_path / "folder.mcap").mkdir()
    os.mkfifo(tmp_path / "pipe.mcap")
    assert [entry.name for entry in recordings.entries()] == ["good"]


def test_the_list_has_dates(recordings: Recordings, tmp_path: Path) -> None:
    (tmp_path / "old.mcap").write_bytes(recording([frame(30, pose())]))
    (tmp_path / "empty.mcap").write_bytes(recording([]))
    recordings.begin("new", None)
    begun = datetime.now(timezone.utc)
    keep(recordings, frame(1, pose(), t_us=now_us()))
    recordings.end("new", 10)
    dates = {entry.name: entry.started for entry in recordings.entries()}
    assert dates["old"] == "2026-03-04T05:06:07.999+00:00"  # a second after the clock was read, less 2 us
    assert dates["empty"] is None
    assert dates["new"] is not None
    assert abs(datetime.fromisoformat(dates["new"]) - begun) < timedelta(seconds=5)


def test_a_clock_that_shows_no_date_costs_nothing_else(tmp_path: Path, server: Server) -> None:
    with (tmp_path / "far.mcap").open("wb") as file:
        writer = RecordingWriter(file)
        writer.clock(0, datetime(9999, 12, 31, tzinfo=timezone.utc))
        writer.frame("cam", 1, 10**12, encode(frame(1, pose())))
        writer.finish()
    [entry] = Recordings(tmp_path, server, video=False).entries()
    assert (entry.state, entry.started) == ("finished", None)


def test_a_file_is_found_by_its_name_when_it_is_over(recordings: Recordings, tmp_path: Path) -> None:
    (tmp_path / "my take.mcap").write_bytes(b"x")
    assert recordings.find("my take") == tmp_path / "my take.mcap"
    recordings.begin("one", None)
    with pytest.raises(Taken, match="recording one is in progress; end it first"):
        recordings.find("one")
    recordings.end("one", 10)
    assert recordings.find("one") == tmp_path / "one.mcap"
    (tmp_path / "one.mcap").unlink()
    (tmp_path / "folder.mcap").mkdir()
    (tmp_path.parent / "outside.mcap").write_bytes(b"secret")
    for name in ("one", "folder", "../outside", f"{tmp_path.parent}/outside", "", "."):
        with pytest.raises(NotFound):
            recordings.find(name)


def test_pictures_go_to_those_that_keep_them(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path, lambda: hello(CAM), video=True)
    assert recordings.begin("one", None).video
    recordings.picture("cam", T0_US, np.zeros((8, 8, 3), np.uint8))
    recordings.close(10)
    with Recording.open(tmp_path / "one.mcap") as found:
        assert [message.kind for message in found.messages()] == ["picture"]


def test_what_never_came_to_work_leaves_no_file(recordings: Recordings, tmp_path: Path) -> None:
    recordings.add(tmp_path / "one.mcap")
    recordings.abandon(10)
    assert list(tmp_path.iterdir()) == []
    assert not any(thread.name.startswith("recording-") for thread in threading.enumerate())


def test_a_link_to_nothing_hides_no_recording(recordings: Recordings, tmp_path: Path) -> None:
    (tmp_path / "one.mcap").write_bytes(recording([frame(1)]))
    (tmp_path / "gone.mcap").symlink_to(tmp_path / "nothing")
    assert [entry.name for entry in recordings.entries()] == ["one"]
    assert recordings.find("one") == tmp_path / "one.mcap"


def test_what_was_taken_away_is_not_kept_in_mind(recordings: Recordings, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.mcap").write_bytes(recording([frame(1)]))
        assert [entry.name for entry in recordings.entries()] == [name]
        (tmp_path / f"{name}.mcap").unlink()
    assert recordings.entries() == []
    assert not recordings._known


@pytest.mark.parametrize("utc", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_a_date_beyond_the_calendar_is_none(recordings: Recordings, tmp_path: Path, utc: str) -> None:
    with (tmp_path / "odd.mcap").open("wb") as output:
        writer = RecordingWriter(output)
        writer.hello(hello(CAM))
        writer._metadata("posewire.clock", {"t_us": str(T0_US), "utc": utc})
        writer.frame("cam", 1, T0_US, encode(frame(1)))
        writer.finish()
    [entry] = recordings.entries()
    assert (entry.name, entry.state, entry.started) == ("odd", "finished", None)
