import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streamer.engine.mediapipe import MediaPipeEngine
from streamer.errors import PosewireError, UsageError
from streamer.export import exporter
from streamer.export.cut import Cut
from streamer.export.exporter import ExportOptions, export_take, export_takes
from streamer.export.formats import FORMATS
from streamer.solver.kinematics import INDEX
from streamer.take.take import Take
from tests.takes import estimate_demo, make_take, perform, pick, with_gap


def two_people() -> Take:
    take = make_take()
    take.tracks[7] = replace(with_gap(take, 50, 80).tracks[1], id=7)
    return take


def without_bodies(take: Take) -> Take:
    bare = dict.fromkeys(("bones", "root", "rest", "floor", "contact"))
    return replace(take, tracks={id: replace(track, **bare) for id, track in take.tracks.items()})


@pytest.mark.parametrize("to", FORMATS)
def test_a_file_or_folder_with_the_name_that_was_asked_for(to: str, tmp_path: Path) -> None:
    path = tmp_path / f"dance{FORMATS[to].suffix}"
    told: list[str] = []
    made = export_take(make_take(), ExportOptions(to, path), told.append)
    assert made[0] == path
    assert told == [f"{path}: person 1, 120 frames at 30 fps" for path in made]
    assert sorted(tmp_path.iterdir()) == sorted(made)


@pytest.mark.parametrize("to", FORMATS)
def test_several_people_are_several_files_where_a_file_holds_one(to: str, tmp_path: Path) -> None:
    form = FORMATS[to]
    made = export_take(two_people(), ExportOptions(to, tmp_path / f"dance{form.suffix}"))
    names = [path.name for path in made]
    if form.one_person:
        assert names == [f"dance_person1{form.suffix}", f"dance_person7{form.suffix}"]
    else:
        assert names[0] == f"dance{form.suffix}"


def test_one_person_of_several(tmp_path: Path) -> None:
    told: list[str] = []
    made = export_take(two_people(), ExportOptions("bvh", tmp_path / "dance.bvh", person=7), told.append)
    assert made == [tmp_path / "dance.bvh"]
    assert told == [f"{made[0]}: person 7, 120 frames at 30 fps; 1 gap, 1.00 s: the pose held"]
    with pytest.raises(UsageError, match=r"^there is no person 3 in stream cam; there are 1, 7$"):
        export_take(two_people(), ExportOptions("bvh", tmp_path / "other.bvh", person=3))


def test_of_one_frame_is_told_as_of_one(tmp_path: Path) -> None:
    told: list[str] = []
    export_take(make_take(), ExportOptions("bvh", tmp_path / "dance.bvh", cut=Cut(1, 1.01)), told.append)
    assert told == [f"{tmp_path / 'dance.bvh'}: person 1, 1 frame at 30 fps"]


def test_an_ending_in_capitals_stays_at_the_end(tmp_path: Path) -> None:
    made = export_take(two_people(), ExportOptions("bvh", tmp_path / "dance.BVH"))
    assert [path.name for path in made] == ["dance_person1.BVH", "dance_person7.BVH"]


def test_what_is_told_of_somebody_seen_late(tmp_path: Path) -> None:
    take = make_take()
    take.tracks[1] = pick(take.tracks[1], np.arange(45, 90))
    told: list[str] = []
    export_take(take, ExportOptions("trc", tmp_path / "dance.trc", fps=60), told.append)
    assert told == [f"{tmp_path / 'dance.trc'}: person 1, 89 frames at 60 fps from 1.50 s"]


def test_who_is_not_in_a_cut_has_no_file(tmp_path: Path) -> None:
    take = make_take()
    take.tracks[7] = replace(pick(take.tracks[1], np.arange(90, 120)), id=7)
    made = export_take(take, ExportOptions("bvh", tmp_path / "dance.bvh", cut=Cut(1, 2)))
    assert made == [tmp_path / "dance.bvh"]
    for person, who in ((7, "person 7 isn't"), (None, "nobody is")):
        if person is None:
            del take.tracks[1]
        with pytest.raises(UsageError, match=f"^{who} seen in stream cam from 1 s to 2 s$"):
            export_take(take, ExportOptions("bvh", tmp_path / "other.bvh", cut=Cut(1, 2), person=person))


@pytest.mark.parametrize("to", FORMATS)
def test_a_cut_in_every_format(to: str, tmp_path: Path) -> None:
    told: list[str] = []
    options = ExportOptions(to, tmp_path / f"dance{FORMATS[to].suffix}", cut=Cut(1, 2.5), fps=24)
    export_take(make_take(), options, told.append)
    assert told[0].endswith(": person 1, 36 frames at 24 fps")
    if FORMATS[to].is_folder:
        assert len(list(options.output.iterdir())) == 36


def test_cuts_of_a_take_stand_where_they_stood_in_it(tmp_path: Path) -> None:
    take = make_take()
    whole, part = perform(take), perform(take, cut=Cut(1))
    hips = [one.stage.hips(one.motions[0]) for one in (whole, part)]
    assert hips[1] == pytest.approx(hips[0][30:], abs=1e-5)


def test_nothing_is_overwritten_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "dance.bvh"
    path.write_text("mine")
    with pytest.raises(UsageError, match=r"dance.bvh exists; --force overwrites it$"):
        export_take(make_take(), ExportOptions("bvh", path))
    assert path.read_text() == "mine"
    export_take(make_take(), ExportOptions("bvh", path, force=True))
    assert path.read_text().startswith("HIERARCHY")


@pytest.mark.parametrize(
    ("to", "there"), [("bvh", "dance_person7.bvh"), ("csv", "dance_bones.csv"), ("openpose-json", "dance_json/a.json")]
)
def test_where_one_of_several_exists_none_is_written(to: str, there: str, tmp_path: Path) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")
    with pytest.raises(UsageError, match="exists; --force"):
        export_take(two_people(), ExportOptions(to, tmp_path / f"dance{FORMATS[to].suffix}"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / there]


def test_where_one_take_cannot_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / "b.bvh").write_text("mine")
    wanted = [(make_take(), ExportOptions("bvh", tmp_path / name)) for name in ("a.bvh", "b.bvh")]
    with pytest.raises(UsageError, match=r"b.bvh exists"):
        export_takes(wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["b.bvh"]
    with pytest.raises(UsageError, match=r"a.bvh would be written twice"):
        export_takes(wanted[:1] * 2)


def test_a_forced_folder_loses_the_frames_of_a_longer_take_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "cam_json"
    options = ExportOptions("openpose-json", folder, force=True)
    export_take(make_take(), options)
    (folder / "notes.json").write_text("mine")
    (folder / "other_000000000119_keypoints.json").write_text("mine")
    take = make_take()
    short = replace(take, t_us=take.t_us[:10], tracks={1: pick(take.tracks[1], np.arange(10))})
    export_take(short, options)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        *(f"cam_{frame:012}_keypoints.json" for frame in range(10)),
        *("notes.json", "other_000000000119_keypoints.json"),
    ]
    assert len(json.loads((folder / names[0]).read_text())["people"]) == 1


def test_an_empty_folder_is_there_to_be_filled(tmp_path: Path) -> None:
    (tmp_path / "cam_json").mkdir()
    export_take(make_take(), ExportOptions("openpose-json", tmp_path / "cam_json"))
    (tmp_path / "file_json").write_text("")
    with pytest.raises(UsageError, match="file_json is a file, and this format is a folder"):
        export_take(make_take(), ExportOptions("openpose-json", tmp_path / "file_json", force=True))
    (tmp_path / "x.bvh").mkdir()
    with pytest.raises(UsageError, match=r"x.bvh is a folder"):
        export_take(make_take(), ExportOptions("bvh", tmp_path / "x.bvh", force=True))


def test_without_bodies_there_are_no_bones_to_export(tmp_path: Path) -> None:
    take = without_bodies(make_take())
    for to in ("bvh", "gltf", "vrma"):
        with pytest.raises(UsageError, match=f"^{to} is made of bones, and stream cam has none; trc, c3d and csv"):
            export_take(take, ExportOptions(to, tmp_path / f"a{FORMATS[to].suffix}"))
    for to in ("trc", "c3d", "csv", "npz", "openpose-json"):
        assert export_take(take, ExportOptions(to, tmp_path / f"a{FORMATS[to].suffix}"))


def test_who_has_no_body_is_left_out_and_told(tmp_path: Path) -> None:
    take = two_people()
    take.tracks[7] = without_bodies(take).tracks[7]
    told: list[str] = []
    made = export_take(take, ExportOptions("bvh", tmp_path / "dance.bvh"), told.append)
    assert made == [tmp_path / "dance.bvh"]
    assert told[0] == "person 7 is left out: without bones there is no bvh"


def test_a_take_without_people(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody is seen in stream cam; there is nothing to export"):
        export_take(replace(make_take(), tracks={}), ExportOptions("bvh", tmp_path / "a.bvh"))


def test_a_take_that_is_too_long_for_memory(tmp_path: Path) -> None:
    take = make_take()
    t_us = take.t_us.copy()
    t_us[-1] += 12 * 3_600_000_000
    track = replace(take.tracks[1], t_us=t_us)
    with pytest.raises(
        UsageError, match=r"^stream cam would be 1296120 frames at 30 fps; at most 1200000 are exported$"
    ):
        export_take(replace(take, t_us=t_us, tracks={1: track}), ExportOptions("openpose-json", tmp_path / "a_json"))


def test_frames_of_all_people_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "MAX_FRAMES", 200)
    options = ExportOptions("npz", tmp_path / "a.npz")
    with pytest.raises(UsageError, match=r"^stream cam would be 240 frames at 30 fps of 2 people; at most 200"):
        export_take(two_people(), options)
    assert export_take(two_people(), replace(options, person=7))
    assert export_take(two_people(), replace(options, cut=Cut(1, 4), force=True))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PosewireError, match=r"^can't write .*gone/a.bvh: No such file or directory$") as raised:
        export_take(make_take(), ExportOptions("bvh", tmp_path / "gone" / "a.bvh"))
    assert raised.value.exit_status == 1


@pytest.mark.parametrize("to", ["bvh", "openpose-json"])
def test_a_folder_that_is_not_to_be_written(to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path)
    out = tmp_path / f"a{FORMATS[to].suffix}"
    with pytest.raises(PosewireError, match=r"^can't write .*/a(.bvh|_json): Permission denied$"):
        export_take(make_take(), ExportOptions(to, out))
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(PosewireError, match="No space left on device"):
        export_take(make_take(), ExportOptions("bvh", tmp_path / "a.bvh"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("to", "there"), [("csv", []), ("openpose-json", []), ("openpose-json", ["mine.txt"])])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_of_several_files_all_are_there_or_none(
    to: str, there: list[str], error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / f"a{FORMATS[to].suffix}"
    for name in there:
        out.mkdir()
        (out / name).write_text("mine")
    replaced, put = [], os.replace

    def put_one(source: Path, target: Path) -> None:
        if replaced:
            raise error
        replaced.append(target)
        put(source, target)

    monkeypatch.setattr(os, "replace", put_one)
    with pytest.raises(PosewireError if isinstance(error, OSError) else KeyboardInterrupt):
        export_take(make_take(), ExportOptions(to, out, force=bool(there)))
    assert len(replaced) == 1
    assert [path.name for path in tmp_path.rglob("*")] == ([out.name, *there] if there else [])


@pytest.fixture(scope="module")
def demo() -> Take:
    engine = MediaPipeEngine("lite")
    try:
        return estimate_demo(engine)
    finally:
        engine.close()


@pytest.mark.parametrize("to", FORMATS)
def test_the_demo_clip_of_the_real_engine(to: str, demo: Take, tmp_path: Path) -> None:
    told: list[str] = []
    made = export_take(demo, ExportOptions(to, tmp_path / f"demo{FORMATS[to].suffix}", fps=60), told.append)
    assert told[0] == f"{made[0]}: person 1, 199 frames at 60 fps"


def test_the_man_of_the_demo_clip_stands_on_the_floor(demo: Take) -> None:
    performance = perform(demo)
    [motion] = performance.motions
    joints = performance.stage.joints(motion)
    ankles = joints[:, [INDEX["leftFoot"], INDEX["rightFoot"]], 1].min(axis=1)
    assert -0.15 < np.median(ankles) < 0.2
    assert 1.2 < np.median(joints[:, INDEX["head"], 1]) < 1.7
    assert np.linalg.norm(joints[0, 0, [0, 2]]) < 1e-6
