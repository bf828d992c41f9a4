"""Local rotations of all bones from the landmarks of one frame.

Spine and chest share the turn and the side bend between pelvis and shoulders in equal parts, neck and head that
between shoulders and face. How far a back is bent forward can't be seen from hips and shoulders alone: the pelvis leans
with the trunk. One landmark a shoulder doesn't show how the shoulder bone turns: it stays at rest.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES, REST
from streamer.solver import frames, limits
from streamer.solver.frames import MARK, SHOULDERS, Axes, X, Y
from streamer.solver.kinematics import INDEX
from streamer.solver.limb import Limb
from streamer.solver.quaternion import Array, from_axes, unit
from streamer.solver.single import IDENTITY, Quaternion, about, between, between_points, conjugate, multiply, rotate

Flags = NDArray[np.bool_]

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
_ARM_SLACK: Final = math.radians(80.0)
_LEG_SLACK: Final = math.radians(15.0)
_SPINE, _CHEST, _TO_SHOULDERS = (REST[INDEX[n]][1] for n in ("spine", "chest", "leftShoulder"))


def _limbs() -> list[Limb]:
    limbs = []
    for sign, side in ((1.0, "left"), (-1.0, "right")):
        ranges = (limits.swing(f"{side}UpperArm"), limits.twist(f"{side}UpperArm"), limits.ELBOW)
        roll = limits.twist(f"{side}LowerArm")
        limbs.append(Limb((sign, 0.0, 0.0), (0.0, 0.0, 1.0), *ranges, roll, _ARM_SLACK, ahead=1.0))
    for side in ("left", "right"):
        ranges = (limits.swing(f"{side}UpperLeg"), limits.twist(f"{side}UpperLeg"), limits.KNEE)
        limbs.append(Limb((0.0, -1.0, 0.0), (0.0, 0.0, -1.0), *ranges, None, _LEG_SLACK, ahead=-1.0))
    return limbs


class Joints:
    """One person's joints; only the limbs remember something from frame to frame."""

    def __init__(self) -> None:
        self._limbs = _limbs()

    def solve(self, points: Array, axes: Axes, seen: Flags, dt_s: float) -> Array:
        """(B, 4) local rotations within the limits of limits.py.

        points: (33, 3) landmarks in metres, axes of `world`. axes: what frames.py finds in them. seen: (B,) bones whose
        landmarks can be trusted. dt_s: seconds since the frame before, 0 at the first.
        """
        shoulders = frames.across(points, SHOULDERS)
        pelvis = axes.pelvis if seen[0] else _upright(shoulders)
        lean, bend = _trunk(*(unit(shoulders, X) @ pelvis).tolist()) if seen[0] else (0.0, IDENTITY)
        trunk, head, *ends = (
            tuple(q) for q in from_axes(np.concatenate([pelvis[None], axes.head[None], axes.hands, axes.feet])).tolist()
        )
        hips = multiply(trunk, about((1.0, 0.0, 0.0), lean))
        chest = multiply(hips, multiply(bend, bend))
        nod = _half(multiply(conjugate(chest), head))
        rotations = [IDENTITY] * len(BONES)
        rotations[0] = hips
        rotations[INDEX["spine"]] = rotations[INDEX["chest"]] = bend
        rotations[INDEX["neck"]] = rotations[INDEX["head"]] = nod
        places, trusted = points.tolist(), seen.tolist()
        parents = (chest, chest, hips, hips)
        for limb, parent, bones, (start, joint, end), last in zip(
            self._limbs, parents, _BONES, _MARKS, ends, strict=True
        ):
            rotations[bones[0]], rotations[bones[1]], rotations[bones[2]] = limb.solve(
                parent,
                between_points(places[start], places[joint]),
                between_points(places[joint], places[end]),
                last,
                trusted[bones[1]],
                trusted[bones[2]],
                dt_s,
            )
        return limits.limit_bones(np.array(rotations))


def _upright(shoulders: Array) -> Array:
    """Axes of hips that aren't seen: upright under the shoulders."""
    level = unit(shoulders * [1.0, 0.0, 1.0], X)
    return np.stack([level, Y, np.cross(level, Y)], axis=-1)


def _half(q: Quaternion) -> Quaternion:
    """The rotation that done twice is `q`, along the shorter arc."""
    x, y, z, w = q if q[3] >= 0.0 else (-q[0], -q[1], -q[2], -q[3])
    length = math.sqrt(x * x + y * y + z * z + (w + 1.0) ** 2)
    return x / length, y / length, z / length, (w + 1.0) / length


def _trunk(x: float, y: float, z: float) -> tuple[float, Quaternion]:
    """How far the hips lean beside their measured axes, in radians, and the rotation of spine and of chest, the same.

    (x, y, z): unit vector along the shoulders in the axes of the pelvis. The lines of hips and shoulders are met
    exactly. Side bend and turn together tilt the trunk a little toward front or back; so much the hips lean the other
    way. Two rounds leave below half a degree.
    """
    lean, bend = 0.0, IDENTITY
    for _ in range(2):
        sine, cosine = math.sin(lean), math.cos(lean)
        bend = _half(between((1.0, 0.0, 0.0), (x, cosine * y + sine * z, cosine * z - sine * y)))
        side, up, front = rotate(bend, (0.0, _TO_SHOULDERS, 0.0))
        side, up, front = rotate(bend, (side, up + _CHEST, front))
        lean = -math.atan2(front, up + _SPINE)
    return lean, bend
