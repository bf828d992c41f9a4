import math

import pytest

from streamer.solver import limits
from streamer.solver.single import from_vector, to_vector


def limited(bone: str, **degrees: float) -> dict[str, float]:
    """What is left of a rotation vector of that many degrees about x, y and z."""
    x, y, z = (math.radians(degrees.get(axis, 0.0)) for axis in "xyz")
    left = to_vector(limits.limit(from_vector((x, y, z)), limits.box(bone)))
    return {axis: round(math.degrees(value), 3) for axis, value in zip("xyz", left, strict=True) if abs(value) > 1e-8}


@pytest.mark.parametrize(
    ("bone", "turn", "left"),
    [
        ("head", {"x": 30.0}, {"x": 30.0}),
        ("head", {"x": 80.0}, {"x": 37.5}),  # half of 45, and 15 more
        ("leftFoot", {"x": -60.0}, {"x": -35.0}),  # toes up 20, and 15 more
        ("leftHand", {"z": -90.0}, {"z": -90.0}),  # toward the palm 80, and 15 more
        ("leftHand", {"z": 120.0}, {"z": 85.0}),
        ("rightHand", {"z": 120.0}, {"z": 95.0}),  # the right hand is the left one in a mirror
        ("rightHand", {"z": -120.0}, {"z": -85.0}),
        ("leftFoot", {"z": 40.0}, {"z": 30.0}),
        ("rightFoot", {"z": 40.0}, {"z": 40.0}),
        ("leftHand", {"x": 40.0}, {}),  # a hand's twist is the forearm's
    ],
)
def test_rotations_end_at_their_limit(bone: str, turn: dict[str, float], left: dict[str, float]) -> None:
    assert limited(bone, **turn) == left


@pytest.mark.parametrize("bone", ["UpperArm", "UpperLeg", "LowerArm"])
def test_left_and_right_twist_alike(bone: str) -> None:
    low, high = limits.twist(f"left{bone}")
    assert limits.twist(f"right{bone}") == (-high, -low)


def test_left_and_right_swing_alike() -> None:
    for bone in ("UpperArm", "UpperLeg"):
        left, right = limits.box(f"left{bone}"), limits.box(f"right{bone}")
        assert left[0] == right[0]
        for axis in (1, 2):
            assert right[axis] == (-left[axis][1], -left[axis][0])


def test_a_thigh_goes_forward_farther_than_back() -> None:
    (low, high), (_, inward), (out, _) = limits.box("rightUpperLeg")
    assert (round(math.degrees(low)), round(math.degrees(high))) == (-135, 45)
    assert inward == 0.0
    assert round(math.degrees(out)) == -60
