"""What a client keeps of a server, message by message; the command is tried on a real one in tests/e2e."""

from dataclasses import replace
from pathlib import Path

import pytest

from protocol import Status
from streamer.recording import recorder as recorder_module
from streamer.recording.reader import Recording
from streamer.recording.record import Tape, _line
from streamer.recording.recorder import Progress, Recorder
from tests.recording.made import CAM, SIDE, T0_US, frame, hello, pose


def test_what_comes_is_kept_whichever_subscription_it_came_by(tmp_path: Path) -> None:
    path = tmp_path / "take.mcap"
    recorder = Recorder(path)
    tape = Tape(recorder)
    tape.keep(hello(CAM, SIDE))
    tape.date(T0_US + 0.4)
    tape.date(99)
    sent = [frame(1, pose()), frame(2, pose(), stream="side")]
    for number, each in enumerate(sent):
        tape.keep(replace(each, id=number))
    tape.keep(Status("cam", "lost", "gone", sent[-1].t_us))
    recorder.stop(10)
    assert tape.frames == 2
    with Recording.open(path) as recording:
        assert recording.streams == {"cam": CAM, "side": SIDE}
        assert recording.clock is not None
        assert recording.clock.t_us == T0_US
        *frames, status = recording.messages()
    assert [message.frame() for message in frames] == sent
    assert status.status().detail == "gone"


def test_a_clock_that_began_anew_ends_the_recording(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "take.mcap")
    tape = Tape(recorder)
    tape.keep(hello(CAM))
    tape.keep(frame(1))
    tape.keep(replace(hello(CAM), now_us=frame(1).sent_us + 1))  # connected anew
    assert not tape.over.is_set()
    tape.keep(replace(hello(CAM), now_us=7))
    assert tape.over.is_set()
    assert "clock began anew" in tape.reason
    tape.keep(frame(2, t_us=9))
    recorder.stop(10)
    assert recorder.progress().messages == 1


def test_a_disk_that_is_full_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full").open("wb")  # noqa: SIM115 - the recorder closes it
    monkeypatch.setattr(recorder_module, "_create", lambda path: full)
    recorder = Recorder(tmp_path / "take.mcap")
    tape = Tape(recorder)
    tape.keep(hello(CAM))
    recorder._thread.join(10)
    tape.keep(frame(1))
    assert tape.over.is_set()
    assert tape.reason == "No space left on device"


def test_streams_that_come_and_change_meanwhile_are_described(tmp_path: Path) -> None:
    path = tmp_path / "take.mcap"
    recorder = Recorder(path)
    tape = Tape(recorder)
    tape.keep(hello(CAM))
    tape.keep(frame(1, pose()))
    heavy = replace(CAM, model="heavy")
    tape.keep(Status("cam", "live", "", T0_US, info=heavy))
    tape.keep(Status("side", "live", "", T0_US, info=SIDE))
    tape.keep(Status("cam", "ended", "", T0_US, gone=True))
    tape.keep(frame(2, pose(), stream="side"))
    recorder.stop(10)
    with Recording.open(path) as recording:
        assert recording.streams == {"cam": heavy, "side": SIDE}


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0:00:00.0"), (59.96, "0:01:00.0"), (2.14, "0:00:02.1"), (36_001.5, "10:00:01.5"), (100_000, "27:46:40.0")],
)
def test_what_was_kept_is_told_however_long_it_is(tmp_path: Path, seconds: float, told: str) -> None:
    recorder = Recorder(tmp_path / "take.mcap")
    tape = Tape(recorder)
    tape.frames = 9
    recorder.stop(10)
    progress = Progress("finished", 2_500_000, 7, T0_US, T0_US + round(seconds * 1e6), 0)
    assert _line(Path("take.mcap"), tape, progress, 3) == (
        f"take.mcap: 7 frames, {told}, 2.5 MB; 3 dropped by the server"
    )
