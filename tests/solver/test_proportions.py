import numpy as np
import pytest

from benchmarks.humanoid import OWN_REST, add_noise, landmarks, random_pose
from protocol import BONES, PARENTS
from streamer.solver.kinematics import INDEX
from streamer.solver.proportions import CHANGE, Proportions

SEEN = np.ones(33)
DT_S = 1 / 30


def feed(proportions: Proportions, frames: np.ndarray, visibility: np.ndarray = SEEN) -> list[np.ndarray]:
    return [proportions.update(points.tolist(), visibility.tolist(), DT_S).copy() for points in frames]


def poses(count: int, noise_m: float = 0.0, scale: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    return add_noise(scale * landmarks(random_pose(rng, count)), noise_m, rng)


def lengths(rest: np.ndarray) -> np.ndarray:
    return np.linalg.norm(rest[1:], axis=-1)


LIMBS = [INDEX[f"{side}{part}"] for side in ("left", "right") for part in ("LowerArm", "Hand", "LowerLeg", "Foot")]


def test_the_first_frame_is_enough_where_there_is_no_noise() -> None:
    rest = feed(Proportions(), poses(1))[-1]
    np.testing.assert_allclose(rest[LIMBS], OWN_REST[LIMBS], atol=1e-9)
    np.testing.assert_allclose(rest[INDEX["leftUpperLeg"]], OWN_REST[INDEX["leftUpperLeg"]], atol=1e-9)


def test_noise_is_averaged_away() -> None:
    rest = feed(Proportions(), poses(300, noise_m=0.015))[-1]
    assert np.abs(lengths(rest[LIMBS]) / lengths(OWN_REST[LIMBS]) - 1).max() < CHANGE + 0.03


def test_left_and_right_agree() -> None:
    rest = feed(Proportions(), poses(100, noise_m=0.02))[-1]
    for bone in BONES:
        if bone.startswith("left"):
            np.testing.assert_array_equal(rest[INDEX[bone]] * [-1, 1, 1], rest[INDEX["right" + bone[4:]]])


def test_a_settled_body_has_constant_lengths() -> None:
    found = feed(Proportions(), poses(400, noise_m=0.01))
    np.testing.assert_array_equal(found[-1], found[-200])


def test_outliers_count_for_nothing() -> None:
    frames = poses(200)
    frames[::4] *= 1.8
    rest = feed(Proportions(), frames)[-1]
    np.testing.assert_allclose(lengths(rest[LIMBS]), lengths(OWN_REST[LIMBS]), rtol=0.02)


def test_another_person_under_the_same_id_is_measured_anew_and_glides_there() -> None:
    proportions = Proportions()
    feed(proportions, poses(60))
    found = feed(proportions, poses(300, scale=1.2))
    np.testing.assert_allclose(lengths(found[-1][LIMBS]), 1.2 * lengths(OWN_REST[LIMBS]), rtol=0.01)
    arm = np.array([rest[INDEX["leftHand"], 0] for rest in found])
    assert np.diff(arm).max() < 0.01


def test_what_was_never_seen_keeps_the_proportions_of_the_book() -> None:
    visibility = SEEN.copy()
    visibility[25:] = 0.1
    rest = feed(Proportions(), poses(30), visibility)[-1]
    assert np.isfinite(rest).all()
    assert 0.35 < -rest[INDEX["leftLowerLeg"], 1] < 0.5


def test_the_hips_are_a_leg_over_the_floor() -> None:
    rest = feed(Proportions(), poses(1))[-1]
    leg = -rest[INDEX["leftLowerLeg"], 1] - rest[INDEX["leftFoot"], 1]
    assert leg + 0.05 < rest[0, 1] < leg + 0.09
    assert PARENTS[0] == -1


@pytest.mark.parametrize("points", [np.zeros((1, 33, 3)), np.full((1, 33, 3), 100.0)])
def test_nonsense_gives_finite_lengths(points: np.ndarray) -> None:
    rest = feed(Proportions(), points)[-1]
    assert np.isfinite(rest).all()
    assert lengths(rest).max() < 3
