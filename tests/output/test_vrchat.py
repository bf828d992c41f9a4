import numpy as np
import pytest

from protocol import BONES, REST
from streamer.body import Body, Person
from streamer.engine.base import Detection
from streamer.hub.outgoing import Estimate
from streamer.output.vrchat import VRChat
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import IDENTITY, about

NOWHERE = Detection(np.zeros((33, 4), np.float32), np.zeros((33, 4), np.float32), 1.0)


def sent(bones: np.ndarray) -> dict[str, list[float]]:
    root = np.array([0.5, -0.25, -3], np.float32)
    body = Body(bones.astype(np.float32), root, -1.15, np.array(REST, np.float32), (), (True, True))
    packets = VRChat().build(Estimate("cam", 1, 1, (1, 1), [Person(1, NOWHERE, body)], frozenset({"bones"})))
    return {item.address: item.params for packet in packets for item in packet}


T_POSE = np.tile(IDENTITY, (len(BONES), 1))


def test_trackers_of_the_t_pose() -> None:
    found = sent(T_POSE)
    places = {
        "1": (0, 0.9, 0),
        "2": (0, 1.13, 0),
        "3": (-0.1, 0.07, 0),
        "4": (0.1, 0.07, 0),
        "5": (-0.1, 0.48, 0),
        "6": (0.1, 0.48, 0),
        "7": (-0.45, 1.39, 0),
        "8": (0.45, 1.39, 0),
        "head": (0, 1.5, 0),
    }
    for tracker, place in places.items():
        assert found[f"/tracking/trackers/{tracker}/position"] == pytest.approx(place, abs=1e-5)
        if tracker != "head":
            assert found[f"/tracking/trackers/{tracker}/rotation"] == pytest.approx((0, 0, 0), abs=1e-4)
    assert len(found) == 17


def test_rotations_are_those_in_space() -> None:
    bones = T_POSE.copy()
    bones[0] = about(np.array([0.0, 1.0, 0.0]), np.array(np.radians(40)))
    bones[INDEX["leftUpperLeg"]] = about(np.array([1.0, 0.0, 0.0]), np.array(np.radians(-20)))
    bones[INDEX["leftLowerLeg"]] = about(np.array([1.0, 0.0, 0.0]), np.array(np.radians(50)))
    found = sent(bones)
    assert found["/tracking/trackers/1/rotation"] == pytest.approx((0, -40, 0), abs=1e-3)
    assert found["/tracking/trackers/5/rotation"] == pytest.approx((-20, -40, 0), abs=1e-3)  # with the thigh
    assert found["/tracking/trackers/3/rotation"] == pytest.approx((30, -40, 0), abs=1e-3)


def test_nobody_sends_nothing() -> None:
    assert VRChat().build(Estimate("cam", 1, 1, (1, 1), [], frozenset({"bones"}))) == []
