"""How far joints turn. A measured rotation beyond that is noise and is brought back to the limit.

Ranges: American Academy of Orthopaedic Surgeons, "Joint Motion: Method of Measuring and Recording", 1965. Each is
widened by MARGIN_DEG (supple people, and rotations counted in the axes of the T-pose instead of a joint's own), what a
spine or neck has in all is shared by its two bones.

A rotation is limited as a rotation vector, axis by axis, in the bone's T-pose axes. Upper arms and legs, which turn
farthest, are limited as swing (the shortest arc) and twist (about the bone); elbows, knees and forearms by one angle.
"""

import math
from typing import Final, TypeAlias

from streamer.solver.single import Quaternion, clamp, from_vector, to_vector

Range: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[Range, Range, Range]
MARGIN_DEG: Final = 15.0
ELBOW: Final = math.radians(150.0 + 5.0)
KNEE: Final = math.radians(135.0 + 20.0)  # a deep squat bends it by over 150
"""Hinges bend from 0, straight, to this and never backwards. Flesh is in the way of more."""

_RANGES_DEG: Final = {  # of the left side where there are two: (low, high) about x, y, z
    "spine": ((-12.5, 40.0), (-22.5, 22.5), (-17.5, 17.5)),  # half of: back 25, forward 80; turn 45; side 35
    "chest": ((-12.5, 40.0), (-22.5, 22.5), (-17.5, 17.5)),
    "neck": ((-22.5, 22.5), (-30.0, 30.0), (-22.5, 22.5)),  # half of: 45 each way, turn 60
    "head": ((-22.5, 22.5), (-30.0, 30.0), (-22.5, 22.5)),
    "Hand": ((0.0, 0.0), (-20.0, 30.0), (-80.0, 70.0)),  # to the thumb 20, the other way 30; palm 80, back 70
    "Foot": ((-20.0, 50.0), (-30.0, 30.0), (-35.0, 15.0)),  # toes up 20, down 50; turned; sole in 35, out 15
    "UpperArm": ((0.0, 0.0), (-135.0, 60.0), (-135.0, 90.0)),  # swing: across 135, back 60; down, and 45 across, up
    "UpperLeg": ((-120.0, 30.0), (0.0, 0.0), (-30.0, 45.0)),  # swing: forward 120, back 30; in 30, out 45
}
_TWISTS_DEG: Final = {
    # Inward 70, outward 90, of an arm held out sideways. Counted from the shortest arc the same rotation reads up to 40
    # more elsewhere (Codman's paradox), as for a hand behind the head or the back.
    "UpperArm": (-90.0 - 40.0, 70.0 + 40.0),
    "UpperLeg": (-45.0, 45.0),
    "LowerArm": (-80.0, 80.0),  # palm turned up and down; the T-pose is midway
}


def _widened(low: float, high: float) -> Range:
    """In radians; no room is made about axes about which a bone doesn't turn at all."""
    return math.radians(low - MARGIN_DEG if low else 0.0), math.radians(high + MARGIN_DEG if high else 0.0)


def _mirrored(limits: Range) -> Range:
    return -limits[1], -limits[0]


def twist(bone: str) -> Range:
    """The range in radians of an upper arm, upper leg or forearm about the direction that it has in the T-pose."""
    limits = _widened(*_TWISTS_DEG[bone.removeprefix("left").removeprefix("right")])
    return _mirrored(limits) if bone.startswith("right") else limits


def box(bone: str) -> Box:
    """The ranges in radians about x, y and z of a bone, or of the swing of an upper arm or upper leg."""
    x, y, z = (_widened(*limits) for limits in _RANGES_DEG[bone.removeprefix("left").removeprefix("right")])
    # Mirrored at the plane between left and right, turns about y and z change their sense.
    return (x, _mirrored(y), _mirrored(z)) if bone.startswith("right") else (x, y, z)


def limit(rotation: Quaternion, box: Box) -> Quaternion:
    """The rotation brought within its range."""
    x, y, z = to_vector(rotation)
    (x_low, x_high), (y_low, y_high), (z_low, z_high) = box
    if x_low <= x <= x_high and y_low <= y <= y_high and z_low <= z <= z_high:
        return rotation
    return from_vector((clamp(x, x_low, x_high), clamp(y, y_low, y_high), clamp(z, z_low, z_high)))
