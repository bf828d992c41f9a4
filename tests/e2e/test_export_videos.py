"""`posewire export` of videos and folders, from outside."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.command.test_export import record
from tests.harness import DEMO_CLIP
from tests.take.test_smooth import trembling
from tests.takes import make_take


def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "streamer", "export", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def export(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(folder, *arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "dance.mp4").write_bytes(DEMO_CLIP.read_bytes())
    return tmp_path


def world(path: Path) -> np.ndarray:
    """(K, L, 3) of an .npz of one person."""
    with np.load(path) as held:
        [name] = [name for name in held if name.endswith("world")]
        return np.asarray(held[name][..., :3])


def test_a_video_becomes_a_file_the_same_each_time(folder: Path) -> None:
    made = []
    for name in ("one.bvh", "other.bvh"):
        status, out, err = export(folder, "videos/dance.mp4", "--to", "bvh", "--model", "lite", "--output", name)
        assert (status, err) == (0, "")
        assert out == f"{name}: person 1, 100 frames at 60 fps\n"
        made.append((folder / name).read_bytes())
    assert made[0] == made[1]
    assert made[0].startswith(b"HIERARCHY")
    assert sorted(path.name for path in folder.iterdir()) == ["one.bvh", "other.bvh", "videos"]


def test_offline_trembles_far_less_than_live(folder: Path) -> None:
    shakes = {}
    for choice in ("none", "live", "offline", "one-euro:beta=3"):
        out = f"{choice[:4]}.npz"
        arguments = ("videos/dance.mp4", "--to", "npz", "--model", "full", "--filter", choice, "--output", out)
        status, _, err = export(folder, *arguments)
        assert (status, err) == (0, "")
        shakes[choice] = float(np.sqrt(np.square(np.diff(world(folder / out), 2, axis=0)).sum(axis=-1).mean()))
    assert shakes["offline"] < 0.3 * min(shakes["live"], shakes["one-euro:beta=3"])
    assert shakes["live"] < shakes["none"]


def test_mistakes_are_told_before_any_work(folder: Path) -> None:
    (folder / "dance.bvh").write_text("mine")
    for arguments, error in (
        (("gone.mp4", "--to", "bvh"), "can't read gone.mp4: No such file or directory"),
        (("videos", "--to", "bvh"), "videos is a folder; --output FOLDER says where its exports go"),
        (("videos/dance.mp4", "--to", "bvh", "--output", "dance.bvh"), "dance.bvh exists; --force overwrites it"),
        (("videos/dance.mp4", "--to", "bvh", "--output", "dance.fbx"), "--output dance.fbx has to end in .bvh"),
        (("videos/dance.mp4", "--to", "bvh", "--filter", "median"), "--filter is 'median'; one of none, live, offline"),
        (("videos/dance.mp4", "--to", "bvh", "--people", "9"), "'9' is not a number from 1 to 8"),
    ):
        status, out, err = export(folder, *arguments)
        assert (status, out) == (2, "")
        assert error in err
        assert err.count("\n") == 1
    assert (folder / "dance.bvh").read_text() == "mine"


def test_a_folder_is_exported_and_goes_on(folder: Path) -> None:
    videos = folder / "videos"
    (videos / "cut.mp4").write_bytes(DEMO_CLIP.read_bytes()[:50_000])
    (videos / "noise.avi").write_bytes(b"RIFF" + bytes(1000))
    arguments = ("videos", "--to", "trc", "--model", "lite", "--output", "out")
    status, out, err = export(folder, *arguments)
    assert status == 1
    assert out == "out/dance.trc: person 1, 100 frames at 60 fps\n3 files: 1 exported, 2 failed\n"
    assert [line.split(":")[1] for line in err.splitlines()] == [" cut.mp4", " noise.avi"]
    for path in ("cut.mp4", "noise.avi"):
        (videos / path).unlink()
    (videos / "again.mp4").write_bytes(DEMO_CLIP.read_bytes())
    written = (folder / "out" / "dance.trc").stat().st_mtime_ns
    status, out, err = export(folder, *arguments)
    assert (status, err) == (0, "")
    assert out == "out/again.trc: person 1, 100 frames at 60 fps\n2 files: 1 exported, 1 done before\n"
    assert (folder / "out" / "dance.trc").stat().st_mtime_ns == written


def test_a_recording_is_filtered_again_when_that_is_asked_for(folder: Path) -> None:
    take = make_take()
    take.tracks[1] = trembling(take.tracks[1])
    record(folder / "walk.mcap", take)
    shakes = {}
    for choice in ("", "offline", "none"):
        out = f"walk-{choice}.npz"
        arguments = ("--filter", choice) if choice else ()
        status, _, err = export(folder, "walk.mcap", "--to", "npz", "--output", out, *arguments)
        assert (status, err) == (0, "")
        shakes[choice] = float(np.abs(np.diff(world(folder / out), 2, axis=0)).mean())
    assert shakes["offline"] < 0.3 * shakes["none"]
    assert shakes[""] == shakes["none"]  # this one's stream smoothed nothing


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_with_a_line_and_no_half_file(folder: Path, number: int) -> None:
    videos = folder / "videos"
    for index in range(20):
        (videos / f"dance-{index:02}.mp4").write_bytes(DEMO_CLIP.read_bytes())
    process = start(folder, "videos", "--to", "bvh", "--model", "lite", "--output", "out")
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err == "posewire: stopped; what was told before is written, the rest is not\n"
    told = [line.split(":")[0] for line in [first, *out.splitlines()]]
    there = sorted(path.name for path in (folder / "out").glob("*.bvh"))
    assert [Path(name).name for name in told] == there
    assert len(there) < 21
    assert not list((folder / "out").glob("*.part"))
    for name in there:
        lines = (folder / "out" / name).read_text().splitlines()
        assert len(lines) - 1 - next(n for n, line in enumerate(lines) if line.startswith("Frame Time")) == 100


def test_killed_it_goes_on_where_it_was(folder: Path) -> None:
    videos = folder / "videos"
    for index in range(3):
        (videos / f"dance-{index}.mp4").write_bytes(DEMO_CLIP.read_bytes())
    arguments = ("videos", "--to", "bvh", "--model", "lite", "--output", "out")
    process = start(folder, *arguments)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.05)
    process.kill()
    process.communicate()
    status, out, err = export(folder, *arguments)
    assert (status, err) == (0, "")
    assert "done before" in out
    assert len(list((folder / "out").glob("*.bvh"))) == 4
