"""Joint angles as a clinician names them, in degrees: 0 is the anatomical position and bending is positive.

The neutral-zero method of the American Academy of Orthopaedic Surgeons, "Joint Motion: Method of Measuring and
Recording", 1965. protocol/SPEC.md has the table.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import ANGLES
from streamer.solver import frames
from streamer.solver.frames import MARK, Y
from streamer.solver.quaternion import Array, cross, dot, norm, unit

MIN_VISIBILITY: Final = 0.3
"""Below it a landmark counts as missing."""
MIN_SHARE: Final = 0.25
"""A limb seen from the side or the front has to appear at least this part of its length for its angle to be told."""
_OVERHEAD_DEG: Final = -100.0
"""No arm or leg goes back farther than this: what reads so has come round from the front."""

_ARM = ("shoulder", "elbow", "wrist")
_LEG = ("hip", "knee", "ankle")
_TRUNK = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
_FACE = ("nose", "left_eye", "right_eye")
_NEEDS: Final = {
    "elbow_flexion": _ARM,
    "knee_flexion": _LEG,
    "shoulder_flexion": ("shoulder", "elbow"),
    "shoulder_abduction": ("shoulder", "elbow"),
    "hip_flexion": ("hip", "knee"),
    "hip_abduction": ("hip", "knee"),
    "ankle_dorsiflexion": ("knee", "ankle", "heel", "foot_index"),
}


def _needs() -> NDArray[np.bool_]:
    """(A, 33): the landmarks that each angle needs."""
    needs = np.zeros((len(ANGLES), len(MARK)), bool)
    for index, angle in enumerate(ANGLES):
        side, _, name = angle.partition("_")
        if name in _NEEDS:
            marks = [f"{side}_{mark}" for mark in _NEEDS[name]]
            marks += _TRUNK if name.startswith(("shoulder", "hip")) else ()
        else:
            marks = [*_TRUNK, *(_FACE if side == "neck" else ())]
        needs[index, [MARK[mark] for mark in marks]] = True
    return needs


_REQUIRED: Final = _needs()
_STARTS: Final = np.array([MARK[f"{side}_{name}"] for name in (_ARM[0], _LEG[0]) for side in ("left", "right")])
_JOINTS: Final = np.array([MARK[f"{side}_{name}"] for name in (_ARM[1], _LEG[1]) for side in ("left", "right")])
_ENDS: Final = np.array([MARK[f"{side}_{name}"] for name in (_ARM[2], _LEG[2]) for side in ("left", "right")])
_OUTWARD: Final = np.array([1.0, -1.0, 1.0, -1.0])


def joint_angles(world: NDArray[np.floating[Any]], min_visibility: float = MIN_VISIBILITY) -> NDArray[np.float32]:
    """(..., A) float32 degrees in the order of protocol.ANGLES, NaN where an angle can't be told.

    world: (..., 33, 4) landmarks: x, y, z in metres (right-handed, +Y up, any origin) and visibility. An angle is NaN
    where a landmark that it needs isn't finite or is less visible than `min_visibility`, and where it isn't defined
    (the flexion of an arm that points sideways).
    """
    points = np.asarray(world[..., :3], np.float64)
    missing = ~np.isfinite(points).all(axis=-1) | ~(world[..., 3] >= min_visibility)
    points = np.where(np.isfinite(points), points, 0.0)
    return angles_of(points, frames.pelvis(points), frames.chest(points), frames.head(points), missing)


def angles_of(
    points: Array, pelvis: Array, chest: Array, head: Array, missing: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """As `joint_angles`, of points (..., 33, 3), the axes that frames.py finds in them, and which are missing."""
    found = np.empty((*points.shape[:-2], len(ANGLES)))
    joints = points[..., _JOINTS, :]
    upper, lower = joints - points[..., _STARTS, :], points[..., _ENDS, :] - joints
    bend = _between(upper, lower)  # left and right elbow, left and right knee
    found[..., 0:4] = bend
    parents = np.stack([chest, chest, pelvis, pelvis], axis=-3)
    local = (np.swapaxes(parents, -1, -2) @ upper[..., None])[..., 0]
    length = norm(upper)[..., 0]
    flexion = _seen_from(local[..., 2], -local[..., 1], length)
    abduction = _seen_from(local[..., 0] * _OUTWARD, -local[..., 1], length)
    found[..., 4:6], found[..., 6:8] = flexion[..., :2], abduction[..., :2]
    found[..., 8:10], found[..., 10:12] = flexion[..., 2:], abduction[..., 2:]
    sole = points[..., frames.TOES, :] - points[..., frames.HEELS, :]
    found[..., 12:14] = 90.0 - _between(sole, -lower[..., 2:, :])
    rise = frames.trunk(points)
    left = pelvis[..., 0] * [1.0, 0.0, 1.0]
    left = unit(left, frames.X)
    found[..., 14] = _degrees(dot(rise, cross(left, Y))[..., 0], rise[..., 1])
    found[..., 15] = _degrees(dot(rise, left)[..., 0], rise[..., 1])
    turn = np.swapaxes(chest, -1, -2) @ head  # about y (to the left), then x (chin down), then z (to the right)
    found[..., 16] = np.degrees(np.arcsin(np.clip(-turn[..., 1, 2], -1.0, 1.0)))
    found[..., 17] = -_degrees(turn[..., 1, 0], turn[..., 1, 1])
    found[..., 18] = _degrees(turn[..., 0, 2], turn[..., 2, 2])
    found[(missing[..., None, :] & _REQUIRED).any(axis=-1)] = np.nan
    return found.astype(np.float32)


def _degrees(y: Array, x: Array) -> Array:
    return np.degrees(np.arctan2(y, x))


def _between(a: Array, b: Array) -> Array:
    """Degrees between two vectors, NaN where one has no length."""
    angle = _degrees(norm(cross(a, b))[..., 0], dot(a, b)[..., 0])
    return np.where((norm(a) * norm(b))[..., 0] > 0.0, angle, np.nan)


def _seen_from(ahead: Array, down: Array, length: Array) -> Array:
    """Degrees from hanging, of a limb of that length seen along one axis; NaN where too little of it is seen."""
    angle = _degrees(ahead, down)
    angle = np.where(angle < _OVERHEAD_DEG, angle + 360.0, angle)
    return np.where(np.hypot(ahead, down) > MIN_SHARE * length, angle, np.nan)
