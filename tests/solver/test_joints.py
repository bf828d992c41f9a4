import numpy as np
import pytest

from benchmarks.humanoid import add_noise, landmarks, random_pose, t_pose
from protocol import BONES
from streamer.solver import hold as module
from streamer.solver.hold import Hold
from streamer.solver.joints import Joints
from streamer.solver.kinematics import INDEX, forward
from streamer.solver.quaternion import Array, about, angle_between

SEEN = np.ones(33)
REST_POSE = np.array(module.REST_POSE)
TRUTH = random_pose(np.random.default_rng(1), 300)


def solve_one(points: Array, visibility: Array = SEEN) -> Array:
    hold = Hold()
    hold.look(visibility, 0.0)
    return Joints().solve(points, hold, 0.0)


def solve_alone(points: Array) -> Array:
    return np.array([solve_one(frame) for frame in points])


@pytest.fixture(scope="module")
def solved() -> Array:
    return solve_alone(landmarks(TRUTH))


@pytest.mark.parametrize("bone", BONES)
def test_known_answers(bone: str, solved: Array) -> None:
    errors = np.degrees(angle_between(TRUTH, solved))[:, INDEX[bone]]
    assert np.median(errors) < 0.1
    # The rest are limbs too straight to show their twist, whose error the next bone takes back.
    assert np.percentile(errors, 70) < 1.0


def test_every_rotation_is_a_unit_quaternion(solved: Array) -> None:
    np.testing.assert_allclose(np.linalg.norm(solved, axis=-1), 1.0, atol=1e-9)


def test_ends_are_where_they_were_measured_even_where_twists_are_not_known(solved: Array) -> None:
    """Without limits in the way: random poses keep within them."""
    ends = [INDEX[name] for name in ("head", "leftHand", "rightHand", "leftFoot", "rightFoot")]
    origin = np.zeros((len(TRUTH), 3)), np.zeros((len(BONES), 3))
    truth, found = forward(TRUTH, *origin)[1][:, ends], forward(solved, *origin)[1][:, ends]
    cosine = (np.einsum("...ij,...ij->...", truth, found) - 1) / 2
    assert np.percentile(np.degrees(np.arccos(cosine.clip(-1, 1))), 95) < 1.0


def test_noise_of_a_centimetre_costs_degrees() -> None:
    noisy = add_noise(landmarks(TRUTH), 0.01, np.random.default_rng(2))
    errors = np.median(np.degrees(angle_between(TRUTH, solve_alone(noisy))), axis=0)
    for bone, limit in {
        "hips": 8,
        "chest": 5,
        "head": 5,
        "leftUpperArm": 10,
        "leftLowerLeg": 4,
        "rightFoot": 18,
    }.items():
        assert errors[INDEX[bone]] < limit, bone


def test_the_t_pose_is_the_identity() -> None:
    assert np.degrees(angle_between(solve_alone(landmarks(t_pose()))[0], t_pose()[0])).max() < 1e-3


def test_hips_that_are_not_seen_stand_under_the_shoulders() -> None:
    bones = t_pose()
    turned = about(np.array([0.0, 1.0, 0.0]), np.array(0.6))
    tilt = about(np.array([0.0, 0.0, 1.0]), np.array(0.2))
    bones[:, 0] = turned
    bones[:, [INDEX["spine"], INDEX["chest"]]] = tilt
    points, visibility = landmarks(bones)[0], SEEN.copy()
    points[23:] = 0.0
    visibility[23:] = 0.1
    off = np.degrees(angle_between(solve_one(points, visibility), bones[0]))
    for bone in ("hips", "spine", "chest", "head", "leftUpperArm", "rightHand"):
        assert off[INDEX[bone]] < 0.1, bone


def test_what_is_seen_points_where_it_did_while_the_hips_are_held() -> None:
    """Whatever the hips are held at, chest, head and hands are in space as measured."""
    upper = [INDEX[name] for name in ("chest", "head", "leftHand", "rightHand")]
    first = t_pose()[0]
    then = first.copy()
    then[0] = about(np.array([0.0, 1.0, 0.0]), np.array(0.3))
    joints, hold = Joints(), Hold()
    hold.look(SEEN, 0.0)
    joints.solve(landmarks(first), hold, 0.0)
    dim = SEEN.copy()
    dim[23:] = 0.1
    hold.look(dim, 1 / 30)
    found = joints.solve(landmarks(then), hold, 1 / 30)
    np.testing.assert_allclose(found[0], first[0], atol=1e-6)
    origin = np.zeros(3), np.zeros((len(BONES), 3))
    measured, truth = forward(found, *origin)[1][upper], forward(then, *origin)[1][upper]
    cosine = (np.einsum("...ij,...ij->...", truth, measured) - 1) / 2
    assert np.degrees(np.arccos(cosine.clip(-1, 1))).max() < 1.0


@pytest.mark.parametrize(
    "points", [np.zeros((33, 3)), np.full((33, 3), 1e6), np.random.default_rng(0).normal(size=(33, 3))]
)
def test_nonsense_gives_rotations_all_the_same(points: Array) -> None:
    found = solve_one(points)
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1.0, atol=1e-9)


def test_the_pose_at_rest_is_within_all_limits() -> None:
    found = solve_alone(landmarks(REST_POSE[None]))[0]
    assert np.degrees(angle_between(found, REST_POSE)).max() < 0.01
