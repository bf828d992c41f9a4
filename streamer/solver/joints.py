"""Local rotations of all bones from the landmarks of one frame.

Spine and chest share the turn and the side bend between pelvis and shoulders in equal parts, neck and head that
between shoulders and face. How far a back is bent forward can't be seen from hips and shoulders alone: the pelvis leans
with the trunk. One landmark a shoulder doesn't show how the shoulder bone turns: it stays at rest.

Each bone is settled (hold.py) before what hangs on it is solved, in the rotation that it is shown in: so what is seen
points where it was measured whatever is held below it.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from protocol.skeleton import BONES, REST
from streamer.solver import limits
from streamer.solver.frames import HIPS, MARK, SHOULDERS, head
from streamer.solver.hold import Hold
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
_SPINE, _CHEST, _NECK, _HEAD = (INDEX[name] for name in ("spine", "chest", "neck", "head"))
_TO_SPINE, _TO_CHEST, _TO_SHOULDERS = (REST[INDEX[n]][1] for n in ("spine", "chest", "leftShoulder"))


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

    def solve(self, points: Array, hold: Hold, dt_s: float) -> Array:
        """(B, 4) local rotations within the limits of limits.py, held where `hold` has them held.

        points: (33, 3) landmarks in metres, axes of `world`. hold: after its `look` at this frame. dt_s: seconds since
        the frame before, 0 at the first.
        """
        places, seen = points.tolist(), hold.seen
        rotations = [IDENTITY] * len(BONES)
        hips, bend = _trunk(places) if seen[0] else _upright(places)
        bend = limits.limit(bend, _BOXES[_SPINE])
        # Hips that are hidden come to stand under the shoulders, where these are seen.
        rest = (hips, bend) if seen[_CHEST] else (None, None)
        rotations[0] = hold.settle(0, hips, rest[0])
        rotations[_SPINE] = hold.settle(_SPINE, bend, rest[1])
        spine = multiply(rotations[0], rotations[_SPINE])
        # The chest does what is left to meet the line of the shoulders: where nothing is held as much as the spine.
        line = rotate(conjugate(spine), _shoulders(places))
        rotations[_CHEST] = hold.settle(_CHEST, limits.limit(between(_X, line), _BOXES[_CHEST]))
        chest = multiply(spine, rotations[_CHEST])
        face: Quaternion = tuple(head(points).tolist())
        rotations[_NECK] = hold.settle(_NECK, limits.limit(_half(difference(chest, face)), _BOXES[_NECK]))
        nod = difference(multiply(chest, rotations[_NECK]), face)
        rotations[_HEAD] = hold.settle(_HEAD, limits.limit(nod, _BOXES[_HEAD]))
        ends = (_hand(places, _HANDS[0], 1.0), _hand(places, _HANDS[1], -1.0), *(_foot(places, feet) for feet in _FEET))
        parents = (chest, chest, rotations[0], rotations[0])
        for limb, parent, bones, (start, joint, last), end in zip(
            self._limbs, parents, _BONES, _MARKS, ends, strict=True
        ):
            turns = [IDENTITY] * len(bones)
            if seen[bones[0]]:  # else nothing of the limb is
                turns = limb.solve(
                    parent,
                    between_points(places[start], places[joint]),
                    between_points(places[joint], places[last]),
                    end,
                    seen[bones[1]],
                    seen[bones[2]],
                    dt_s,
                )
                turns[2] = limits.limit(turns[2], _BOXES[bones[2]])
            for bone, turn in zip(bones, turns, strict=True):
                rotations[bone] = hold.settle(bone, turn)
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


def _shoulders(places: Places) -> Vector:
    """The direction from the right shoulder to the left one."""
    left, right = SHOULDERS
    return unit(between_points(places[right], places[left]), _X)


def _upright(places: Places) -> tuple[Quaternion, Quaternion]:
    """As `_trunk`, of a body whose shoulders alone are seen: upright under them, which way they face and tilt."""
    line = _shoulders(places)
    hips = about(_Y, math.atan2(-line[2], line[0]))
    return hips, _half(between(_X, rotate(conjugate(hips), line)))


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
    x, y, z = rotate(conjugate(pelvis), _shoulders(places))
    lean, bend = 0.0, IDENTITY
    for _ in range(2):
        sine, cosine = math.sin(lean), math.cos(lean)
        bend = _half(between(_X, (x, cosine * y + sine * z, cosine * z - sine * y)))
        aside, up, ahead = rotate(bend, (0.0, _TO_SHOULDERS, 0.0))
        _, up, ahead = rotate(bend, (aside, up + _TO_CHEST, ahead))
        lean = -math.atan2(ahead, up + _TO_SPINE)
    return multiply(pelvis, about(_X, lean)), bend
