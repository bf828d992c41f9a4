import numpy as np
import pytest

from protocol import BONES
from streamer.solver import hold as module
from streamer.solver.frames import MARK
from streamer.solver.hold import HOLD_S, REST_S, RETURN_S, Hold
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import IDENTITY, about, angle_between

DT_S = 1 / 30
REST_POSE = np.array(module.REST_POSE)
X = np.array([1.0, 0.0, 0.0])
POSE = np.tile(about(X, np.array(0.8)), (len(BONES), 1))
SEEN = np.ones(33)


def hidden(*marks: str, visibility: float = 0.1) -> np.ndarray:
    found = SEEN.copy()
    found[[MARK[mark] for mark in marks]] = visibility
    return found


def step(hold: Hold, pose: np.ndarray, visibility: np.ndarray, dt_s: float = DT_S, clear: bool = True) -> np.ndarray:
    hold.look(visibility, dt_s, clear)
    return np.array([hold.settle(bone, tuple(turn)) for bone, turn in enumerate(pose.tolist())])


def held(hold: Hold) -> list[str]:
    return [bone for bone, seen in zip(BONES, hold.seen, strict=True) if not seen]


def off_rest(bones: np.ndarray, bone: str) -> float:
    return float(np.degrees(angle_between(bones, REST_POSE))[INDEX[bone]])


def test_what_is_seen_goes_through_as_it_is() -> None:
    hold = Hold()
    for _ in range(5):
        np.testing.assert_array_equal(step(hold, POSE, SEEN), POSE)
    assert held(hold) == []


def test_a_hidden_ankle_holds_shank_and_foot_alone() -> None:
    hold = Hold()
    step(hold, POSE, hidden("left_ankle"))
    assert held(hold) == ["leftLowerLeg", "leftFoot"]


def test_a_hidden_elbow_holds_the_arm_from_there_on() -> None:
    hold = Hold()
    step(hold, POSE, hidden("right_elbow"))
    assert held(hold) == ["rightUpperArm", "rightLowerArm", "rightHand"]


def test_a_bone_keeps_its_pose_and_then_eases_to_rest() -> None:
    hold = Hold()
    step(hold, POSE, SEEN)
    garbage = np.tile(about(X, np.array(-2.0)), (len(BONES), 1))
    frames = range(round((REST_S + 0.1) / DT_S))
    angles = [off_rest(step(hold, garbage, hidden("left_wrist")), "leftLowerArm") for _ in frames]
    kept = round(HOLD_S / DT_S) - 1
    assert angles[:kept] == pytest.approx([angles[0]] * kept, abs=1e-6)
    assert angles[-1] < 1.0
    assert max(np.diff(angles)) <= 1e-6  # never back, and no step larger than the way eased in a frame
    assert max(-np.diff(angles)) < 0.15 * angles[0]


def test_a_bone_that_comes_back_eases_in_and_arrives() -> None:
    hold = Hold()
    step(hold, POSE, SEEN)
    for _ in range(90):
        step(hold, POSE, hidden("left_wrist"))
    back = [step(hold, POSE, SEEN) for _ in range(round(RETURN_S / DT_S) + 2)]
    ways = [float(np.degrees(angle_between(bones, POSE))[INDEX["leftLowerArm"]]) for bones in back]
    assert ways[0] > 20.0
    assert max(-np.diff(ways)) < 20.0
    assert ways[-1] == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_array_equal(step(hold, POSE, SEEN), POSE)


def test_being_seen_and_hidden_have_room_between_them() -> None:
    hold = Hold()
    states = []
    for visibility in (0.9, 0.4, 0.35, 0.25, 0.35, 0.45, 0.6):
        step(hold, POSE, hidden("left_knee", visibility=visibility))
        states.append("leftUpperLeg" in held(hold))
    assert states == [False, False, False, True, True, True, False]


def test_who_never_was_seen_rests_with_hanging_arms() -> None:
    bones = step(Hold(), POSE, np.zeros(33))
    np.testing.assert_allclose(bones, REST_POSE)
    assert np.degrees(angle_between(bones, IDENTITY))[INDEX["leftUpperArm"]] == pytest.approx(75)


def test_frames_that_are_not_believed_keep_every_bone_where_it_is() -> None:
    hold = Hold()
    step(hold, POSE, SEEN)
    garbage = np.tile(about(X, np.array(-2.0)), (len(BONES), 1))
    for _ in range(round(2 * REST_S / DT_S)):
        np.testing.assert_allclose(step(hold, garbage, SEEN, clear=False), POSE, atol=1e-9)
        assert held(hold) == list(BONES)


def test_a_frame_that_is_not_believed_hides_nothing_for_the_next() -> None:
    hold = Hold()
    step(hold, POSE, SEEN)
    dim = hidden("left_wrist", visibility=0.4)  # between the thresholds: still seen
    step(hold, POSE, dim)
    step(hold, POSE, dim, clear=False)
    step(hold, POSE, dim)
    assert held(hold) == []


def test_a_bone_may_ease_to_another_rest() -> None:
    hold, goal = Hold(), (0.6, 0.0, 0.0, 0.8)
    step(hold, POSE, SEEN)
    for _ in range(round((REST_S + 1) / DT_S)):
        hold.look(hidden("left_hip"), DT_S)
        found = hold.settle(0, (0.0, 1.0, 0.0, 0.0), goal)
    assert found == pytest.approx(goal, abs=1e-3)
