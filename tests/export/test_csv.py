import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from protocol.skeleton import ANGLES, BONES, LANDMARKS
from streamer.export.csv import ANGLE_COLUMNS, BONE_COLUMNS, FORMAT, LANDMARK_COLUMNS
from streamer.export.performance import Performance
from tests.takes import SIZE, make_content, make_take, perform, pick, with_gap

PATHS = [Path("take.csv"), Path("take_bones.csv"), Path("take_angles.csv")]


def read(performance: Performance) -> list[list[dict[str, str]]]:
    content = make_content(FORMAT, performance, PATHS[0])
    return [list(csv.DictReader(io.StringIO(content[path].decode()))) for path in PATHS if path in content]


def numbers(rows: list[dict[str, str]], *columns: str) -> np.ndarray:
    return np.array([[float(row[column] or "nan") for column in columns] for row in rows])


def two_people() -> Performance:
    take = with_gap(make_take(), 50, 80)
    take.tracks[7] = replace(pick(take.tracks[1], np.arange(10)), id=7)
    return perform(take)


def test_columns_are_those_that_are_documented() -> None:
    content = make_content(FORMAT, perform(make_take()), PATHS[0])
    assert list(content) == PATHS
    columns = (LANDMARK_COLUMNS, BONE_COLUMNS, ANGLE_COLUMNS)
    for text, expected in zip(content.values(), columns, strict=True):
        assert text.decode().splitlines()[0] == ",".join(expected)


def test_a_row_for_each_landmark_in_each_frame_in_which_somebody_is_seen() -> None:
    performance = two_people()
    rows = read(performance)[0]
    assert [row["landmark"] for row in rows] == [*LANDMARKS] * 100
    assert [row["person"] for row in rows] == ["1"] * 33 * 90 + ["7"] * 33 * 10
    frames = [*range(50), *range(80, 120), *range(10)]
    assert [int(row["frame"]) for row in rows] == np.repeat(frames, 33).tolist()
    assert numbers(rows, "t_s")[:, 0] == pytest.approx(np.repeat(frames, 33) / 30, abs=1e-6)


def test_landmarks_in_the_picture_about_the_hips_and_on_the_stage() -> None:
    performance = two_people()
    motion = performance.motions[0]
    rows = read(performance)[0][: 33 * 90]

    def column(*names: str) -> np.ndarray:
        return numbers(rows, *names).reshape(90, 33, -1)

    assert column("x_px", "y_px") == pytest.approx(motion.image[motion.seen, :, :2] * SIZE, abs=0.01)
    assert column("visibility")[..., 0] == pytest.approx(motion.world[motion.seen, :, 3], abs=1e-4)
    world = column("world_x_m", "world_y_m", "world_z_m")
    assert world == pytest.approx(motion.world[motion.seen, :, :3], abs=1e-5)
    stage = column("stage_x_m", "stage_y_m", "stage_z_m")
    assert stage == pytest.approx(performance.stage.markers(motion)[motion.seen], abs=1e-5)


def test_bones_with_their_places_and_rotations() -> None:
    performance = two_people()
    motion = performance.motions[0]
    rows = read(performance)[1]
    assert [row["bone"] for row in rows] == [*BONES] * 100
    found = numbers(rows, "stage_x_m", "stage_y_m", "stage_z_m", "qx", "qy", "qz", "qw")[: 19 * 90].reshape(90, 19, 7)
    assert found[..., :3] == pytest.approx(performance.stage.joints(motion)[motion.seen], abs=1e-5)
    assert found[..., 3:] == pytest.approx(motion.bones[motion.seen], abs=1e-6)


def test_angles_a_frame_a_row_and_nothing_where_one_cannot_be_told() -> None:
    take = make_take()
    angles = take.tracks[1].angles.copy()
    angles[3, :2] = np.nan
    take.tracks[1] = replace(take.tracks[1], angles=angles)
    performance = perform(take)
    rows = read(performance)[2]
    assert (rows[3]["left_elbow_flexion_deg"], rows[3]["right_elbow_flexion_deg"]) == ("", "")
    found = numbers(rows, *(f"{angle}_deg" for angle in ANGLES))
    assert found == pytest.approx(performance.motions[0].angles, abs=0.006, nan_ok=True)


def test_without_bodies_and_angles_there_are_landmarks_alone() -> None:
    take = make_take()
    bare = dict.fromkeys(("bones", "root", "rest", "floor", "contact", "angles"))
    take.tracks[1] = replace(take.tracks[1], **bare)
    assert list(make_content(FORMAT, perform(take), PATHS[0])) == PATHS[:1]
