import subprocess
from pathlib import Path

import numpy as np
import pytest

from streamer.doctor import probe
from streamer.doctor.probe import ProbeError, ask
from tests.harness import read_clip, write_clip
from tests.mjpeg import MjpegServer
from tests.recording.made import frames, write


def test_an_engine_works_in_a_process_of_its_own() -> None:
    answer = ask(kind="engine", name="mediapipe", model="lite")
    assert answer["name"] == "mediapipe"
    assert answer["ms"] > 0.1
    assert "no model 'giant'" in ask(kind="engine", name="mediapipe", model="giant")["error"]


def test_sources_open_and_live_ones_are_measured(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.avi", [np.full((48, 64, 3), 90, np.uint8)] * 3, fps=25)
    assert ask(kind="source", spec=str(clip)) == {"label": "video clip.avi", "width": 64, "height": 48, "fps": 25}
    assert "error" in ask(kind="source", spec=str(tmp_path / "none.mp4"))
    with MjpegServer([picture[::4, ::4] for picture in read_clip(count=5)], fps=20) as camera:
        answer = ask(kind="source", spec=camera.url)
    assert (answer["width"], answer["height"]) == (180, 320)
    assert 5 < answer["measured_fps"] < 40


def test_a_recording_tells_what_it_was_made_of(tmp_path: Path) -> None:
    with (tmp_path / "take.mcap").open("wb") as output:
        write(output, frames(2))
    told = ask(kind="source", spec=str(tmp_path / "take.mcap"))
    assert told == {"label": "recording take.mcap", "width": 640, "height": 480, "fps": 30.0}
    (tmp_path / "bad.mcap").write_bytes(b"no recording")
    assert "it isn't an MCAP file" in ask(kind="source", spec=str(tmp_path / "bad.mcap"))["error"]


def test_what_hangs_crashes_or_says_nothing_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.run

    def instead(code: str) -> None:
        def run(command: list[str], **options: object) -> object:
            return real([command[0], "-c", code], **options)  # type: ignore[call-overload]

        monkeypatch.setattr(probe.subprocess, "run", run)

    for code, words in (
        ("import time; time.sleep(60)", "it hung for 1 s"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", r"it crashed \(SIGILL\)"),
        ("raise SystemExit(3)", "it ended with status 3 and no answer"),
        ("print('noise')", "it ended with status 0 and no answer"),
    ):
        instead(code)
        with pytest.raises(ProbeError, match=words):
            ask(1, kind="engine", name="mediapipe", model="lite")
