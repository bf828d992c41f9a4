import numpy as np
import pytest

from benchmarks import humanoid
from benchmarks.humanoid import LEG_M, OWN_REST, X, Z, landmarks
from protocol import LANDMARKS
from streamer.solver.contact import BREAK_M, LEAK_M_S, FootLock
from streamer.solver.kinematics import INDEX, forward
from streamer.solver.quaternion import about, angle_between

DT_S = 1 / humanoid.FPS
FEET = [INDEX["leftFoot"], INDEX["rightFoot"]]


class Walker:
    """A foot lock fed with a motion, its root disturbed by `noise_m` in depth, as a camera's is."""

    def __init__(self, bones: np.ndarray, root: np.ndarray, noise_m: float = 0.0) -> None:
        self.feet = FootLock()
        self.contact: list[list[bool]] = []
        self.ankles: list[np.ndarray] = []
        self.raw: list[np.ndarray] = []
        self.bones: list[np.ndarray] = []
        rng = np.random.default_rng(0)
        for pose, place in zip(bones, root, strict=True):
            points = landmarks(pose, place)
            wrong = place + np.array([0.0, 0.0, rng.normal(0.0, noise_m)])
            self.feet.look(
                (points - place).tolist(), [1.0] * 33, points[:, :2], tuple(wrong), -wrong[2], [True, True], DT_S
            )
            turned, moved = self.feet.apply(pose, wrong, OWN_REST, DT_S)
            self.contact.append(list(self.feet.contact))
            self.raw.append(forward(pose, wrong, OWN_REST)[0][FEET])
            self.ankles.append(forward(turned, moved, OWN_REST)[0][FEET])
            self.bones.append(turned)

    def slide_m_s(self, ankles: list[np.ndarray]) -> float:
        """Mean speed of the feet that stand."""
        standing = np.array(self.contact[1:]) & np.array(self.contact[:-1])
        return float((np.linalg.norm(np.diff(ankles, axis=0), axis=-1) / DT_S)[standing].mean())


def test_who_stands_has_both_feet_on_the_floor() -> None:
    walker = Walker(*humanoid.hold_t_pose())
    assert walker.contact[-1] == [True, True]
    assert walker.feet.floor == pytest.approx(-humanoid.CAMERA_HEIGHT_M, abs=0.01)


def test_standing_feet_stay_although_the_root_trembles() -> None:
    walker = Walker(*humanoid.squat(), noise_m=0.05)
    assert walker.slide_m_s(walker.raw) > 0.5
    assert walker.slide_m_s(walker.ankles) <= LEAK_M_S + 1e-6


def test_feet_that_walk_stand_in_turn() -> None:
    walker = Walker(*humanoid.walk())
    contact = np.array(walker.contact[30:])
    assert 0.25 < contact[:, 0].mean() < 0.75
    assert 0.25 < contact[:, 1].mean() < 0.75
    assert (contact[:, 0] != contact[:, 1]).mean() > 0.5
    assert walker.slide_m_s(walker.ankles) <= LEAK_M_S + 1e-6


def test_a_lifted_foot_is_not_taken_for_one_that_stands() -> None:
    bones, root = humanoid.hold_t_pose()
    bones = humanoid.set_bones(bones, leftUpperLeg=np.array([-0.6, 0, 0, 0.8]), leftLowerLeg=np.array([0.6, 0, 0, 0.8]))
    assert Walker(bones, root).contact[-1] == [False, True]


def look(feet: FootLock, points: np.ndarray, seen: list[bool], visible: np.ndarray | None = None) -> None:
    """A frame of somebody three metres away, before a camera that has everything at that distance."""
    shown = [1.0] * 33 if visible is None else visible.tolist()
    feet.look(points.tolist(), shown, points[:, :2], (0.0, 0.0, -3.0), 3.0, seen, DT_S)


UPRIGHT = landmarks(humanoid.hold_t_pose()[0][0])


def test_hidden_feet_stand_nowhere() -> None:
    feet = FootLock()
    for _ in range(30):
        look(feet, UPRIGHT, [False, True])
    assert feet.contact == [False, True]


@pytest.mark.parametrize("axis", [X, Z])
@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_feet_that_are_not_below_the_hips_stand_nowhere(axis: np.ndarray, degrees: float) -> None:
    bones, _ = humanoid.hold_t_pose()
    bones[:, 0] = about(axis, np.full(len(bones), np.radians(degrees)))
    feet = FootLock()
    for pose in bones:
        look(feet, landmarks(pose), [True, True])
    assert feet.contact == [False, False]


def floor_under(points: np.ndarray, bones: np.ndarray, visible: np.ndarray | None = None) -> float:
    """Height of the hips over the floor."""
    feet = FootLock()
    look(feet, points, [True, True], visible)
    _, root = feet.apply(bones, (0.0, 0.4, -3.0), OWN_REST, DT_S)
    assert feet.floor is not None
    return root[1] - feet.floor


def test_the_floor_is_not_above_hands_that_are_seen() -> None:
    bones = humanoid.hold_t_pose()[0][0]
    points = UPRIGHT.copy()
    hand, standing = LANDMARKS.index("left_index"), LEG_M + 0.07
    assert floor_under(points, bones) == pytest.approx(standing, abs=0.01)
    points[hand, 1] = -standing - 0.2
    assert floor_under(points, bones) == pytest.approx(standing + 0.2, abs=1e-6)
    visible = np.ones(33)
    visible[hand] = 0.1
    assert floor_under(points, bones, visible) == pytest.approx(standing, abs=0.01)


def test_a_foot_that_moves_in_depth_against_the_other_does_not_stand() -> None:
    feet, points = FootLock(), UPRIGHT.copy()
    for _ in range(30):
        look(feet, points, [True, True])
    assert feet.contact == [True, True]
    for _ in range(10):
        points[[27, 29, 31], 2] += 1.0 * DT_S  # to the camera, so nothing of it is seen in the picture
        look(feet, points, [True, True])
    assert feet.contact == [False, True]


def test_a_foot_that_was_moved_unseen_is_let_go() -> None:
    bones, root = humanoid.hold_t_pose()
    root[30:, 2] += BREAK_M + 0.1
    walker = Walker(bones, root)
    assert walker.contact[29] == [True, True]
    assert walker.contact[30] == [False, False]
    np.testing.assert_allclose(walker.ankles[-1], walker.raw[-1], atol=0.06)
    assert np.linalg.norm(np.diff(walker.ankles, axis=0), axis=-1).max() < 0.03


def test_nothing_jumps_when_a_foot_leaves_the_floor() -> None:
    walker = Walker(*humanoid.walk(), noise_m=0.02)
    steps = np.linalg.norm(np.diff(walker.ankles, axis=0), axis=-1)
    own = np.linalg.norm(
        np.diff([landmarks(b, r)[27:29] for b, r in zip(*humanoid.walk(), strict=True)], axis=0), axis=-1
    )
    assert steps.max() < own.max() + 0.06


def test_feet_keep_their_rotation_in_space() -> None:
    bones, root = humanoid.squat()
    walker = Walker(bones, root, noise_m=0.05)
    before = forward(bones, root, OWN_REST)[1][:, FEET]
    after = forward(np.array(walker.bones), root, OWN_REST)[1][:, FEET]
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_straight_leg_that_is_pulled_by_nothing_to_speak_of_stays_straight() -> None:
    bones, root = humanoid.hold_t_pose()
    root[40:, 2] += 2e-5  # just enough to be pulled back
    walker = Walker(bones, root)
    assert walker.contact[-1] == [True, True]
    turned = angle_between(np.array(walker.bones), bones)
    assert np.degrees(turned).max() < 0.1


def test_a_frame_that_is_not_believed_changes_nothing() -> None:
    feet, points = FootLock(), UPRIGHT.copy()
    for _ in range(30):
        look(feet, points, [True, True])
    for _ in range(5):
        feet.look_away()
    assert feet.contact == [True, True]
    points[:, :2] += 0.05
    look(feet, points, [True, True])  # what moved unseen has no speed
    assert feet.contact == [True, True]
