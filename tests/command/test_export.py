"""`posewire export` from outside, on recordings of our own making."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streamer.cli import main
from tests.takes import make_take, pick, record


def two_streams(folder: Path) -> Path:
    return record(folder / "dance.mcap", make_take(stream="left"), make_take(stream="right"))


def test_a_recording_becomes_a_file_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = record(tmp_path / "dance.mcap", make_take())
    assert main(["export", str(source), "--to", "bvh"]) == 0
    made = tmp_path / "dance.bvh"
    assert made.read_text().count("JOINT") == 18
    assert capsys.readouterr().out == f"{made}: person 1, 120 frames at 30 fps\n"


def test_at_sixty_frames_a_second_into_a_folder(tmp_path: Path) -> None:
    source = record(tmp_path / "dance.mcap", make_take())
    (tmp_path / "out").mkdir()
    assert main(["export", str(source), "--to", "csv", "--fps", "60", "--output", str(tmp_path / "out")]) == 0
    with (tmp_path / "out" / "dance.csv").open() as file:
        frames = {row["frame"]: float(row["t_s"]) for row in csv.DictReader(file)}
    assert len(frames) == 239
    assert frames["3"] == pytest.approx(0.05, abs=1e-6)


def test_at_a_rate_of_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = record(tmp_path / "dance.mcap", make_take())
    assert main(["export", str(source), "--to", "bvh", "--fps", "29.97"]) == 0
    assert "Frame Time: 0.03336670\n" in (tmp_path / "dance.bvh").read_text()
    assert capsys.readouterr().out == f"{tmp_path / 'dance.bvh'}: person 1, 120 frames at 29.97 fps\n"


def test_each_stream_and_each_person_has_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = two_streams(tmp_path)
    assert main(["export", str(source), "--to", "trc"]) == 0
    assert {path.name for path in tmp_path.glob("*.trc")} == {"dance_left.trc", "dance_right.trc"}
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["export", str(source), "--to", "c3d", "--stream", "right"]) == 0
    assert {path.name for path in tmp_path.glob("*.c3d")} == {"dance_right.c3d"}
    take = make_take()
    take.tracks[4] = replace(pick(take.tracks[1], np.arange(60)), id=4)
    source = record(tmp_path / "two.mcap", take)
    assert main(["export", str(source), "--to", "gltf"]) == 0
    assert main(["export", str(source), "--to", "gltf", "--person", "4"]) == 0
    assert {path.name for path in tmp_path.glob("*.glb")} == {"two_person1.glb", "two_person4.glb", "two.glb"}


def test_openpose_has_the_layout_that_was_asked_for(tmp_path: Path) -> None:
    source = record(tmp_path / "dance.mcap", make_take())
    arguments = ["export", str(source), "--to", "openpose-json", "--layout", "COCO"]
    assert main(arguments) == 0
    assert len(list((tmp_path / "dance_json").iterdir())) == 120
    assert main(arguments) == 2
    assert main([*arguments, "--force"]) == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--to", "fbx"], "invalid choice: 'fbx'"),
        ([], "the following arguments are required: --to"),
        (["--to", "bvh", "--fps", "0"], "--fps is '0'; source, or a number from 1 to 240"),
        (["--to", "bvh", "--fps", "-1"], "--fps is '-1'; source, or a number from 1 to 240"),
        (["--to", "bvh", "--fps", "nan"], "--fps is 'nan'; source, or a number from 1 to 240"),
        (["--to", "bvh", "--fps", "film"], "--fps is 'film'; source, or a number from 1 to 240"),
        (["--to", "bvh", "--person", "-1"], "'-1' is not a number from 0"),
        (["--to", "bvh", "--person", "3"], "there is no person 3 in stream left; there are 1"),
        (["--to", "bvh", "--stream", "middle"], "the recording has no stream middle; it has left, right"),
        (["--to", "bvh", "--output", "x.fbx"], "--output x.fbx has to end in .bvh, or be a folder that exists"),
        (["--to", "openpose-json", "--layout", "MPII"], "invalid choice: 'MPII'"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    arguments: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = two_streams(tmp_path)
    assert main(["export", str(source), *arguments]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert expected in line
    assert list(tmp_path.iterdir()) == [source]


def test_no_recording_and_one_without_anybody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.mcap").write_text("hello")
    empty = make_take()
    empty.tracks.clear()
    record(tmp_path / "empty.mcap", empty)
    for name, options, expected in (
        ("gone.mcap", [], "gone.mcap"),
        ("notes.mcap", [], "notes.mcap"),
        ("empty.mcap", [], "nobody is seen in the recording"),
        ("empty.mcap", ["--stream", "cam"], "nobody is seen in stream cam"),
    ):
        assert main(["export", str(tmp_path / name), "--to", "bvh", *options]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert expected in line


def test_a_stream_without_anybody_is_no_hindrance(tmp_path: Path) -> None:
    empty = make_take(stream="hall")
    empty.tracks.clear()
    source = record(tmp_path / "dance.mcap", make_take(stream="stage"), empty)
    assert main(["export", str(source), "--to", "npz"]) == 0
    assert {path.name for path in tmp_path.glob("*.npz")} == {"dance_stage.npz"}
