"""How far joints turn. A measured rotation beyond that is noise and is brought back to the limit.

Ranges: American Academy of Orthopaedic Surgeons, "Joint Motion: Method of Measuring and Recording", 1965. Each is
widened by MARGIN_DEG (supple people, and rotations counted in the axes of the T-pose instead of a joint's own), what a
spine or neck has in all is shared by its two bones.

A rotation is limited as a rotation vector, axis by axis, in the bone's T-pose axes. Upper arms and legs, which turn
farthest, are limited as swing (the shortest arc) and twist (about the bone); elbows, knees and forearms by one angle.
"""

import math
from typing import Final, TypeAlias

import numpy as np

from protocol.skeleton import BONES
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import Array, from_vector, to_vector

Range: TypeAlias = tuple[float, float]
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


def _boxes() -> Array:
    boxes = np.empty((2, len(BONES), 3))
    boxes[0], boxes[1] = -np.pi, np.pi
    for bone, index in INDEX.items():
        side, name = ("right", bone[5:]) if bone.startswith("right") else ("left", bone.removeprefix("left"))
        if name in _RANGES_DEG:
            box = np.array(_RANGES_DEG[name]).T
            box = np.radians(np.where(box == 0.0, 0.0, box + np.array([[-MARGIN_DEG], [MARGIN_DEG]])))
            # Mirrored at the plane between left and right, turns about y and z change their sense.
            boxes[:, index] = box if side == "left" else np.stack([box[1], box[0]]) * [[-1], [-1]]
            if side == "right":
                boxes[:, index, 0] = box[:, 0]
    return boxes


_LOW, _HIGH = _boxes()
_BOXED: Final = [INDEX[n] for n in ("spine", "chest", "neck", "head", "leftHand", "rightHand", "leftFoot", "rightFoot")]
_LOW_BOXED, _HIGH_BOXED = _LOW[_BOXED], _HIGH[_BOXED]


def twist(bone: str) -> Range:
    """The range in radians of an upper arm, upper leg or forearm about the direction that it has in the T-pose."""
    name = bone.removeprefix("left").removeprefix("right")
    low, high = _TWISTS_DEG[name]
    low, high = math.radians(low - MARGIN_DEG), math.radians(high + MARGIN_DEG)
    return (-high, -low) if bone.startswith("right") else (low, high)


def swing(bone: str) -> tuple[Range, Range, Range]:
    """The ranges in radians of the swing of an upper arm or upper leg about x, y and z."""
    low, high = _LOW[INDEX[bone]].tolist(), _HIGH[INDEX[bone]].tolist()
    return (low[0], high[0]), (low[1], high[1]), (low[2], high[2])


def limit_bones(bones: Array) -> Array:
    """(B, 4) local rotations; those of spine, chest, neck, head, hands and feet are brought within their range."""
    vectors = to_vector(bones[_BOXED])
    limited = np.minimum(np.maximum(vectors, _LOW_BOXED), _HIGH_BOXED)
    if (limited != vectors).any():
        bones[_BOXED] = from_vector(limited)
    return bones
