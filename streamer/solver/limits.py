"""How far joints turn. A measured rotation beyond that is noise and is brought back to the limit.

Ranges: American Academy of Orthopaedic Surgeons, "Joint Motion: Method of Measuring and Recording", 1965. Each is
widened by MARGIN_DEG (supple people, and rotations counted in the axes of the T-pose instead of a joint's own), what a
spine or neck has in all is shared by its two bones.

A rotation is limited as a rotation vector, axis by axis, in the bone's T-pose axes. Upper arms and legs, which turn
farthest, are limited as swing (the shortest arc) and twist (about the bone); elbows, knees and forearms by one angle.
"""

import math
from typing import Final

import numpy as np

from protocol.skeleton import BONES
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import Array, from_vector, to_vector

MARGIN_DEG: Final = 15.0
ELBOW_DEG: Final = 150.0 + 5.0
KNEE_DEG: Final = 135.0 + 20.0  # a deep squat bends it by over 150
"""Hinges bend from 0, straight, to this and never backwards. Neither gets the whole margin: flesh is in the way."""

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
_UPPER: Final = [INDEX[name] for name in ("leftUpperArm", "rightUpperArm", "leftUpperLeg", "rightUpperLeg")]
_BOXED: Final = [INDEX[n] for n in ("spine", "chest", "neck", "head", "leftHand", "rightHand", "leftFoot", "rightFoot")]


def _twist(name: str, mirrored: bool) -> tuple[float, float]:
    low, high = _TWISTS_DEG[name]
    low, high = math.radians(low - MARGIN_DEG), math.radians(high + MARGIN_DEG)
    return (-high, -low) if mirrored else (low, high)


TWIST_RANGES: Final[Array] = np.array(
    [
        _twist("UpperArm", False),
        _twist("UpperArm", True),
        _twist("UpperLeg", False),
        _twist("UpperLeg", True),
        _twist("LowerArm", False),
        _twist("LowerArm", True),
    ]
)
"""(6, 2) radians: upper arms, upper legs, forearms, left before right."""
HINGES: Final[Array] = np.radians([ELBOW_DEG, ELBOW_DEG, KNEE_DEG, KNEE_DEG])
"""(4,) radians: elbows and knees bend from 0 to this."""


def limit_swing(swing: Array) -> Array:
    """(4, 4) swings of upper arms and legs, left before right, brought within their range."""
    return from_vector(np.clip(to_vector(swing), _LOW[_UPPER], _HIGH[_UPPER]))


def limit_bones(bones: Array) -> Array:
    """(B, 4) local rotations; spine, chest, neck, head, hands and feet are brought within their range."""
    limited: Array = bones.copy()
    limited[_BOXED] = from_vector(np.clip(to_vector(bones[_BOXED]), _LOW[_BOXED], _HIGH[_BOXED]))
    return limited
