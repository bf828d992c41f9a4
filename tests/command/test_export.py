"""`posewire export` from outside, on recordings of our own making."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streamer.cli import main
from streamer.errors import PosewireError
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


def test_from_one_time_to_another(tmp_path: Path) -> None:
    source = record(tmp_path / "dance.mcap", make_take())
    assert main(["export", str(source), "--to", "csv", "--start", "1", "--end", "2"]) == 0
    with (tmp_path / "dance_angles.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["frame"] for row in rows] == [str(frame) for frame in range(30)]
    assert float(rows[3]["t_s"]) == pytest.approx(0.1)


def test_filters_see_the_whole_take(tmp_path: Path) -> None:
    source = record(tmp_path / "dance.mcap", make_take())
    for name, options in (("whole", []), ("part", ["--start", "1", "--end", "2"])):
        out = str(tmp_path / f"{name}.npz")
        assert main(["export", str(source), "--to", "npz", "--filter", "offline", "--output", out, *options]) == 0
    with np.load(tmp_path / "whole.npz") as whole, np.load(tmp_path / "part.npz") as part:
        for name in ("world", "root", "bones", "rest", "floor"):
            assert part[f"person_1/{name}"] == pytest.approx(whole[f"person_1/{name}"][30:60], abs=1e-5), name


def test_of_a_folder_each_file_is_cut_and_a_shorter_one_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "takes").mkdir()
    long, short = make_take(), make_take()
    short = replace(short, t_us=short.t_us[:60], tracks={1: pick(short.tracks[1], np.arange(60))})
    record(tmp_path / "takes" / "long.mcap", long)
    record(tmp_path / "takes" / "short.mcap", short)
    out = tmp_path / "out"
    arguments = ["export", str(tmp_path / "takes"), "--to", "bvh", "--output", str(out)]
    assert main([*arguments, "--start", "2.5"]) == 1
    told = capsys.readouterr()
    assert told.out == f"{out / 'long.bvh'}: person 1, 45 frames at 30 fps\n2 files: 1 exported, 1 failed\n"
    assert told.err == ("posewire: short.mcap: stream cam ends at 1.966667 s; there is nothing from 2.5 s on\n")
    assert main([*arguments, "--start", "1"]) == 0
    assert capsys.readouterr().out.endswith("2 files: 2 exported\n")
    assert main([*arguments, "--start", "1"]) == 0
    assert capsys.readouterr().out == "2 files: 0 exported, 2 done before\n"
    assert main([*arguments, "--start", "1", "--end", "1.5"]) == 0
    assert capsys.readouterr().out.endswith("2 files: 2 exported\n")


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


def late_stream(folder: Path) -> Path:
    """Of `left` from 0 s to 3.97 s, and `right` from 2 s to 5.97 s."""
    late = make_take(stream="right")
    late = replace(late, t_us=late.t_us + 2_000_000)
    late.tracks[1] = replace(late.tracks[1], t_us=late.t_us)
    return record(folder / "dance.mcap", make_take(stream="left"), late)


def first_of(path: Path) -> tuple[float, float]:
    """When somebody is first seen in a CSV, and where a hip is then."""
    with path.open() as file:
        row = next(row for row in csv.DictReader(file) if row["landmark"] == "left_hip")
    return float(row["t_s"]), float(row["x_px"])


def test_streams_of_a_recording_are_cut_at_the_same_moments(tmp_path: Path) -> None:
    source, out = late_stream(tmp_path), tmp_path / "out"
    out.mkdir()
    assert main(["export", str(source), "--to", "csv", "--output", str(out)]) == 0
    start = first_of(out / "dance_right.csv")
    assert start[0] == 0
    cut = ["--to", "csv", "--output", str(out), "--force", "--start", "1", "--end", "3.5"]
    for one in ([], ["--stream", "right"]):  # alone it is cut as with the others
        assert main(["export", str(source), *cut, *one]) == 0
        assert first_of(out / "dance_right.csv") == pytest.approx((1, start[1]), abs=0.02)
    assert first_of(out / "dance_left.csv")[0] == 0


def test_a_stream_with_nothing_in_the_cut_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = late_stream(tmp_path)
    for stream, cut, why in (
        ("right", ["--end", "1"], "nobody is seen in stream right from 0 s to 1 s"),
        ("left", ["--start", "4.5"], "stream left ends at 3.966667 s; there is nothing from 4.5 s on"),
    ):
        arguments = ["export", str(source), "--to", "bvh", *cut]
        assert main([*arguments, "--force"]) == 0
        told = capsys.readouterr().out.splitlines()
        assert told[0] == f"{why}; it is left out"
        assert len(told) == 2
        assert main([*arguments, "--stream", stream]) == 2
        assert capsys.readouterr().err == f"posewire: {why}\n"


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
        (["--to", "bvh", "--start", "-1"], "--start is '-1'; a number of seconds from 0 to 999999"),
        (["--to", "bvh", "--end", "nan"], "--end is 'nan'; a number of seconds from 0 to 999999"),
        (["--to", "bvh", "--start", "2", "--end", "2"], "--end is 2; it has to be after --start, 2"),
        (["--to", "bvh", "--start", "9"], "stream left ends at 3.966667 s; there is nothing from 9 s on"),
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


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--to", "bvh", "--output", "gone/x.bvh"], "can't write gone/x.bvh: No such file or directory"),
        (["--to", "openpose-json", "--output", "taken"], "taken exists; --force overwrites it"),
        (["--to", "openpose-json", "--output", "file"], "file is a file, and this format is a folder"),
        (["--to", "bvh", "--output", "folder"], "folder/dance.bvh is a folder"),
        (["--to", "csv", "--people", "2", "--output", "taken/mine.csv"], "taken/mine.csv exists; --force"),
    ],
)
def test_where_nothing_can_be_written_is_told_before_a_video_is_looked_at(
    arguments: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("streamer.offline.export.estimate", lambda *_: pytest.fail("it is looked at"))
    for name in ("file", "dance.mp4"):
        (tmp_path / name).touch()
    for name in ("taken", "folder/dance.bvh"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "taken" / "mine.csv").touch()
    with pytest.raises(PosewireError, match=expected):
        main(["export", "dance.mp4", "--verbose", *arguments])


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
