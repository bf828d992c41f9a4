import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from protocol.skeleton import LANDMARKS
from streamer.export.openpose import FORMAT, LAYOUTS
from streamer.export.performance import Performance
from tests.export.opensim import read
from tests.takes import SIZE, make_content, make_take, perform, pick, with_gap

FOLDER = Path("cam01_json")
# Pose2Sim's names of what it reads from each layout, and the landmarks that are meant.
POSE2SIM = {
    "Hip": "hip",
    "Knee": "knee",
    "Ankle": "ankle",
    "BigToe": "foot_index",
    "Heel": "heel",
    "Shoulder": "shoulder",
    "Elbow": "elbow",
    "Wrist": "wrist",
}


def two_people(layout: str = "BODY_25") -> Performance:
    take = with_gap(make_take(), 50, 80)
    take.tracks[7] = replace(pick(take.tracks[1], np.arange(10)), id=7)
    return perform(take, layout=layout)


def write(performance: Performance) -> list[dict]:
    content = make_content(FORMAT, performance, FOLDER)
    assert [path.name for path in content] == [f"cam01_{frame:012}_keypoints.json" for frame in range(120)]
    assert {path.parent for path in content} == {FOLDER}
    return [json.loads(text) for text in content.values()]


def test_a_file_a_frame_with_who_is_seen_in_it() -> None:
    found = write(two_people())
    ids = [[person["person_id"] for person in frame["people"]] for frame in found]
    assert ids == [[[1], [7]]] * 10 + [[[1]]] * 40 + [[]] * 30 + [[[1]]] * 40
    assert {frame["version"] for frame in found} == {1.3}
    assert found[0]["people"][0]["hand_left_keypoints_2d"] == []


@pytest.mark.parametrize(("layout", "count"), [("BODY_25", 25), ("COCO", 18)])
def test_points_in_pixels_with_their_visibility(layout: str, count: int) -> None:
    performance = two_people(layout)
    [motion, _] = performance.motions
    found = np.array([write(performance)[frame]["people"][0]["pose_keypoints_2d"] for frame in (0, 49)])
    found = found.reshape(2, count, 3)
    image = motion.image[[0, 49]]
    for place, name in enumerate(LAYOUTS[layout]):
        if name in LANDMARKS:
            expected = image[:, LANDMARKS.index(name)][:, [0, 1, 3]] * [*SIZE, 1]
            assert found[:, place] == pytest.approx(expected, abs=1e-3), name
    assert found[:, 1, :2] == pytest.approx(image[:, 11:13, :2].mean(axis=1) * SIZE, abs=1e-3)  # the neck


def test_middle_of_the_hips_and_small_toes() -> None:
    performance = two_people()
    found = np.reshape(write(performance)[0]["people"][0]["pose_keypoints_2d"], (25, 3))
    assert found[8, :2] == pytest.approx(performance.motions[0].image[0, 23:25, :2].mean(axis=0) * SIZE, abs=1e-3)
    assert found[[20, 23]].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_confidence_midway_is_the_lower_of_the_two() -> None:
    take = make_take()
    image = take.tracks[1].image.copy()
    image[:, 11, 3] = 0.25
    take.tracks[1] = replace(take.tracks[1], image=image)
    assert np.reshape(write(perform(take))[0]["people"][0]["pose_keypoints_2d"], (25, 3))[1, 2] == 0.25


@pytest.mark.opensim
@pytest.mark.parametrize("layout", LAYOUTS)
def test_pose2sim_reads_them(layout: str, tmp_path: Path) -> None:
    performance = two_people(layout)
    content = make_content(FORMAT, performance, tmp_path / FOLDER)
    (tmp_path / FOLDER).mkdir()
    for path, text in content.items():
        path.write_bytes(text)
    found = read("pose2sim-json", tmp_path / FOLDER, layout)
    assert found["files"] == [path.name for path in content]
    assert [len(people) for people in found["frames"]] == [2] * 10 + [1] * 40 + [0] * 30 + [1] * 40
    [motion, _] = performance.motions
    compared = 0
    for place, label in enumerate(found["labels"]):
        side, part = label[0].lower(), label[1:]
        if part in POSE2SIM and side in "lr":
            landmark = LANDMARKS.index(f"{'left' if side == 'l' else 'right'}_{POSE2SIM[part]}")
            told = [found["frames"][frame][0][place] for frame in (0, 30, 110)]
            frames = motion.image[[0, 30, 110], landmark][:, [0, 1, 3]] * [*SIZE, 1]
            assert np.array(told) == pytest.approx(frames, abs=1e-3), label
            compared += 1
    assert compared == {"BODY_25": 16, "COCO": 12}[layout]
