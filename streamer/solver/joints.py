"""Local rotations of all bones from the landmarks of one frame.

Spine and chest share the turn and the side bend between pelvis and shoulders in equal parts, neck and head that
between shoulders and face. How far a back is bent forward can't be seen from hips and shoulders alone: the pelvis leans
with the trunk. One landmark a shoulder doesn't show how the shoulder bone turns: it stays at rest.
"""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES, REST
from streamer.solver import limits
from streamer.solver.frames import HIPS, MARK, SHOULDERS, head
from streamer.solver.kinematics import INDEX
from streamer.solver.limb import Limb
from streamer.solver.quaternion import Array
from streamer.solver.single import (
    IDENTITY,
    Places,
    Quaternion,
    Vector,
    about,
    between,
    between_points,
    conjugate,
    cross,
    difference,
    from_columns,
    middle,
    multiply,
    rotate,
    unit,
)

Flags: TypeAlias = NDArray[np.bool_]

_BONES: Final = [
    [INDEX[side + name] for name in names]
    for names in (("UpperArm", "LowerArm", "Hand"), ("UpperLeg", "LowerLeg", "Foot"))
    for side in ("left", "right")
]
"""Upper bone, lower bone and end of left arm, right arm, left leg, right leg."""
_MARKS: Final = [
    [MARK[f"{side}_{name}"] for name in names]
    for names in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
    for side in ("left", "right")
]
_HANDS: Final = [[MARK[f"{side}_{name}"] for name in ("wrist", "index", "pinky")] for side in ("left", "right")]
_FEET: Final = [[MARK[f"{side}_{name}"] for name in ("ankle", "heel", "foot_index")] for side in ("left", "right")]
_BOXES: Final = {
    INDEX[name]: limits.box(name)
    for name in ("spine", "chest", "neck", "head", "leftHand", "rightHand", "leftFoot", "rightFoot")
}
_X: Final[Vector] = (1.0, 0.0, 0.0)
_Y: Final[Vector] = (0.0, 1.0, 0.0)
_Z: Final[Vector] = (0.0, 0.0, 1.0)
_ARM_SLACK: Final = math.radians(80.0)
_LEG_SLACK: Final = math.radians(15.0)
_SPINE, _CHEST, _TO_SHOULDERS = (REST[INDEX[n]][1] for n in ("spine", "chest", "leftShoulder"))


def _limbs() -> list[Limb]:
    limbs = []
    for sign, side in ((1.0, "left"), (-1.0, "right")):
        ranges = (limits.box(f"{side}UpperArm"), limits.twist(f"{side}UpperArm"), limits.ELBOW)
        roll = limits.twist(f"{side}LowerArm")
        limbs.append(Limb((sign, 0.0, 0.0), (0.0, 0.0, 1.0), *ranges, roll, _ARM_SLACK, ahead=1.0))
    for side in ("left", "right"):
        ranges = (limits.box(f"{side}UpperLeg"), limits.twist(f"{side}UpperLeg"), limits.KNEE)
        limbs.append(Limb((0.0, -1.0, 0.0), (0.0, 0.0, -1.0), *ranges, None, _LEG_SLACK, ahead=-1.0))
    return limbs


class Joints:
    """One person's joints; only the limbs remember something from frame to frame."""

    def __init__(self) -> None:
        self._limbs = _limbs()

    def solve(self, points: Array, seen: Flags, dt_s: float) -> Array:
        """(B, 4) local rotations within the limits of limits.py.

        points: (33, 3) landmarks in metres, axes of `world`. seen: (B,) bones whose landmarks can be trusted. dt_s:
        seconds since the frame before, 0 at the first.
        """
        places, trusted = points.tolist(), seen.tolist()
        hips, bend = _trunk(places) if trusted[0] else (_upright(places), IDENTITY)
        chest = multiply(hips, multiply(bend, bend))
        nod = _half(difference(chest, head(points).tolist()))
        rotations = [IDENTITY] * len(BONES)
        rotations[0] = hips
        rotations[INDEX["spine"]] = rotations[INDEX["chest"]] = bend
        rotations[INDEX["neck"]] = rotations[INDEX["head"]] = nod
        ends = (_hand(places, _HANDS[0], 1.0), _hand(places, _HANDS[1], -1.0), *(_foot(places, feet) for feet in _FEET))
        parents = (chest, chest, hips, hips)
        for limb, parent, bones, (start, joint, last), end in zip(
            self._limbs, parents, _BONES, _MARKS, ends, strict=True
        ):
            rotations[bones[0]], rotations[bones[1]], rotations[bones[2]] = limb.solve(
                parent,
                between_points(places[start], places[joint]),
                between_points(places[joint], places[last]),
                end,
                trusted[bones[1]],
                trusted[bones[2]],
                dt_s,
            )
        for bone, box in _BOXES.items():
            rotations[bone] = limits.limit(rotations[bone], box)
        return np.array(rotations)


def _hand(places: Places, marks: Sequence[int], side: float) -> Quaternion:
    """A hand's rotation in space: x along it as along the arm, z from the little finger to the index."""
    wrist, index, pinky = (places[mark] for mark in marks)
    along, across, depth = between_points(wrist, middle(index, pinky))
    x = unit((side * along, side * across, side * depth), _X)
    y = unit(cross(between_points(pinky, index), x), _Y)
    return from_columns(x, y, cross(x, y))


def _foot(places: Places, marks: Sequence[int]) -> Quaternion:
    """A foot's rotation in space: z from heel to toe, x across the plane of heel, ankle and toe."""
    ankle, heel, toe = (places[mark] for mark in marks)
    z = unit(between_points(heel, toe), _Z)
    x = unit(cross(between_points(heel, ankle), z), _X)
    return from_columns(x, cross(z, x), z)


def _upright(places: Places) -> Quaternion:
    """Hips that aren't seen stand upright under the shoulders."""
    x, _, z = between_points(places[SHOULDERS[1]], places[SHOULDERS[0]])
    return about(_Y, math.atan2(-z, x))


def _half(q: Quaternion) -> Quaternion:
    """The rotation that done twice is `q`, along the shorter arc."""
    x, y, z, w = q if q[3] >= 0.0 else (-q[0], -q[1], -q[2], -q[3])
    length = math.sqrt(x * x + y * y + z * z + (w + 1.0) ** 2)
    return x / length, y / length, z / length, (w + 1.0) / length


def _trunk(places: Places) -> tuple[Quaternion, Quaternion]:
    """The rotation of the hips, and that of spine and of chest, which is the same.

    The lines of hips and shoulders are met exactly. Side bend and turn together tilt the trunk a little toward front or
    back; so much the hips lean the other way. Two rounds leave below half a degree.
    """
    (hip, other_hip), (shoulder, other_shoulder) = ([places[mark] for mark in pair] for pair in (HIPS, SHOULDERS))
    rise = between_points(middle(hip, other_hip), middle(shoulder, other_shoulder))
    across = unit(between_points(other_hip, hip), _X)
    front = unit(cross(across, rise), _Z)
    pelvis = from_columns(across, cross(front, across), front)
    x, y, z = rotate(conjugate(pelvis), unit(between_points(other_shoulder, shoulder), _X))
    lean, bend = 0.0, IDENTITY
    for _ in range(2):
        sine, cosine = math.sin(lean), math.cos(lean)
        bend = _half(between(_X, (x, cosine * y + sine * z, cosine * z - sine * y)))
        aside, up, ahead = rotate(bend, (0.0, _TO_SHOULDERS, 0.0))
        _, up, ahead = rotate(bend, (aside, up + _CHEST, ahead))
        lean = -math.atan2(ahead, up + _SPINE)
    return multiply(pelvis, about(_X, lean)), bend
