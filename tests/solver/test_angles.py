import numpy as np
import pytest

from benchmarks.humanoid import landmarks, random_pose, set_bones, t_pose
from protocol import ANGLES, LANDMARKS
from streamer.solver import joint_angles
from streamer.solver.quaternion import Array, about, multiply

X, Y, Z = np.eye(3)


def turn(axis: Array, degrees: float) -> Array:
    return about(axis, np.array(np.radians(degrees)))


STANDING = set_bones(t_pose()[0], leftUpperArm=turn(Z, -90), rightUpperArm=turn(Z, 90))


def measured(bones: Array, hidden: tuple[str, ...] = ()) -> dict[str, float]:
    world = np.concatenate([landmarks(bones), np.ones((33, 1))], axis=-1)
    world[[LANDMARKS.index(name) for name in hidden], 3] = 0.1
    return dict(zip(ANGLES, joint_angles(world).tolist(), strict=True))


def test_zero_is_the_anatomical_position() -> None:
    for name, angle in measured(STANDING).items():
        assert angle == pytest.approx(0.0, abs=0.05), name


DOWN_LEFT, DOWN_RIGHT = STANDING[6], STANDING[10]


@pytest.mark.parametrize(
    ("turns", "name", "degrees"),
    [
        ({"leftLowerArm": turn(-Y, 90)}, "left_elbow_flexion", 90),
        ({"rightLowerArm": turn(Y, 30)}, "right_elbow_flexion", 30),
        ({"leftLowerLeg": turn(X, 120)}, "left_knee_flexion", 120),
        ({"leftUpperArm": multiply(turn(X, -45), DOWN_LEFT)}, "left_shoulder_flexion", 45),
        ({"rightUpperArm": multiply(turn(X, 30), DOWN_RIGHT)}, "right_shoulder_flexion", -30),
        ({"leftUpperArm": multiply(turn(X, -170), DOWN_LEFT)}, "left_shoulder_flexion", 170),
        ({"leftUpperArm": multiply(turn(X, -190), DOWN_LEFT)}, "left_shoulder_flexion", 190),
        ({"leftUpperArm": turn(Z, -30)}, "left_shoulder_abduction", 60),
        ({"rightUpperArm": turn(Z, -60)}, "right_shoulder_abduction", 150),
        ({"leftUpperLeg": turn(X, -80)}, "left_hip_flexion", 80),
        ({"rightUpperLeg": turn(X, 20)}, "right_hip_flexion", -20),
        ({"leftUpperLeg": turn(Z, 25)}, "left_hip_abduction", 25),
        ({"rightUpperLeg": turn(Z, 10)}, "right_hip_abduction", -10),
        ({"leftFoot": turn(X, -15)}, "left_ankle_dorsiflexion", 15),
        ({"rightFoot": turn(X, 40)}, "right_ankle_dorsiflexion", -40),
        ({"hips": turn(X, 35)}, "trunk_lean_forward", 35),
        ({"hips": turn(Z, -12)}, "trunk_lean_left", 12),
        ({"head": turn(X, 20)}, "neck_flexion", 20),
        ({"head": turn(Y, 50)}, "neck_rotation_left", 50),
        ({"neck": turn(Z, -15)}, "neck_bend_left", 15),
    ],
)
def test_bending_is_positive(turns: dict[str, Array], name: str, degrees: float) -> None:
    assert measured(set_bones(STANDING.copy(), **turns))[name] == pytest.approx(degrees, abs=0.1)


def test_angles_do_not_depend_on_where_the_person_faces() -> None:
    bones = random_pose(np.random.default_rng(0), 20)
    turned = bones.copy()
    turned[:, 0] = multiply(turn(Y, 130), bones[:, 0])
    for pose, other in zip(bones, turned, strict=True):
        assert measured(pose) == pytest.approx(measured(other), abs=0.01, nan_ok=True)


def test_a_mirror_swaps_left_and_right() -> None:
    bones = random_pose(np.random.default_rng(3), 1)
    points = landmarks(bones)[0]
    swap = [LANDMARKS.index(_other(name)) for name in LANDMARKS]
    mirrored = points[swap] * [-1, 1, 1]
    ones = np.ones((33, 1))
    here, there = joint_angles(np.hstack([points, ones])), joint_angles(np.hstack([mirrored, ones]))
    for index, name in enumerate(ANGLES):
        if name.startswith(("left_", "right_")):
            assert there[ANGLES.index(_other(name))] == pytest.approx(here[index], abs=0.01, nan_ok=True), name
        else:
            assert abs(there[index]) == pytest.approx(abs(here[index]), abs=0.01), name


def _other(name: str) -> str:
    return name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")


def test_a_missing_landmark_costs_only_the_angles_that_need_it() -> None:
    angles = measured(STANDING, hidden=("left_wrist", "right_heel"))
    missing = {name for name, angle in angles.items() if np.isnan(angle)}
    assert missing == {"left_elbow_flexion", "right_ankle_dorsiflexion"}


def test_nothing_is_nan_safe() -> None:
    world = np.full((33, 4), np.nan)
    assert np.isnan(joint_angles(world)).all()
    world = np.concatenate([landmarks(STANDING), np.ones((33, 1))], axis=-1)
    world[LANDMARKS.index("left_knee"), 1] = np.inf
    found = dict(zip(ANGLES, joint_angles(world), strict=True))
    assert np.isnan(found["left_knee_flexion"])
    assert found["right_knee_flexion"] == pytest.approx(0, abs=0.05)
    assert np.isnan(joint_angles(np.concatenate([np.zeros((33, 3)), np.ones((33, 1))], axis=-1))[:4]).all()


def test_an_arm_that_points_sideways_has_no_flexion() -> None:
    angles = measured(t_pose()[0])
    assert np.isnan(angles["left_shoulder_flexion"])
    assert angles["left_shoulder_abduction"] == pytest.approx(90, abs=0.05)


def _left(name: str, raised: Array, degrees: range) -> list[float]:
    """The left shoulder's angle of a hanging arm after each of the turns."""
    return [
        measured(set_bones(STANDING.copy(), leftUpperArm=multiply(turn(raised, angle), DOWN_LEFT)))[name]
        for angle in degrees
    ]


def test_an_arm_raised_forward_is_never_abducted_by_180_degrees() -> None:
    forward = range(0, -166, -5)
    np.testing.assert_allclose(_left("left_shoulder_flexion", -X, range(0, 181, 5)), range(0, 181, 5), atol=0.1)
    abduction = _left("left_shoulder_abduction", X, forward)
    np.testing.assert_allclose(abduction[:16], 0.0, atol=0.1)
    assert np.isnan(abduction[16:]).all()


def test_an_arm_raised_sideways_is_never_flexed_by_180_degrees() -> None:
    np.testing.assert_allclose(_left("left_shoulder_abduction", Z, range(0, 181, 5)), range(0, 181, 5), atol=0.1)
    flexion = _left("left_shoulder_flexion", Z, range(0, 166, 5))
    np.testing.assert_allclose(flexion[:16], 0.0, atol=0.1)
    assert np.isnan(flexion[16:]).all()


def test_an_arm_overhead_is_flexed_and_abducted() -> None:
    for axis in (-X, Z):
        assert _left("left_shoulder_flexion", axis, range(170, 181, 5)) == pytest.approx([175, 175, 180], abs=5.1)
        assert _left("left_shoulder_abduction", axis, range(170, 181, 5)) == pytest.approx([175, 175, 180], abs=5.1)


@pytest.mark.parametrize("flexion", range(-20, 130, 10))
def test_a_thigh_is_abducted_alike_however_far_it_is_flexed(flexion: int) -> None:
    """As in a deep squat, knees apart by ten degrees."""
    thigh = multiply(turn(X, -flexion), turn(Z, 10))
    angles = measured(set_bones(STANDING.copy(), leftUpperLeg=thigh))
    assert angles["left_hip_abduction"] == pytest.approx(10, abs=0.1)
    assert angles["left_hip_flexion"] == pytest.approx(flexion, abs=0.1)


@pytest.mark.parametrize("forward", range(0, 130, 10))
def test_a_trunk_leans_to_the_left_alike_however_far_it_is_bent(forward: int) -> None:
    upright = measured(set_bones(STANDING.copy(), spine=turn(Z, -10)))["trunk_lean_left"]
    angles = measured(set_bones(STANDING.copy(), spine=turn(Z, -10), hips=turn(X, forward)))
    assert angles["trunk_lean_forward"] == pytest.approx(forward, abs=0.1)
    assert 5 < angles["trunk_lean_left"] == pytest.approx(upright, abs=0.1)


def test_many_frames_at_once_are_the_frames_one_by_one() -> None:
    world = np.concatenate([landmarks(random_pose(np.random.default_rng(5), 12)), np.ones((12, 33, 1))], axis=-1)
    together = joint_angles(world.reshape(3, 4, 33, 4))
    assert together.shape == (3, 4, len(ANGLES))
    assert together.dtype == np.float32
    np.testing.assert_allclose(together.reshape(12, -1), [joint_angles(frame) for frame in world], rtol=1e-6)
