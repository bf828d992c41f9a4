"""Joint angles as a clinician names them, in degrees: 0 is the anatomical position and bending is positive.

The neutral-zero method of the American Academy of Orthopaedic Surgeons, "Joint Motion: Method of Measuring and
Recording", 1965. protocol/SPEC.md has the table.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import ANGLES
from streamer.solver import frames
from streamer.solver.frames import HEELS, MARK, TOES, X, Y
from streamer.solver.quaternion import cross, dot, matrix, norm, unit

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
_FLEXIONS: Final = [4, 5, 8, 9]
_ABDUCTIONS: Final = [6, 7, 10, 11]
"""Where in ANGLES those of shoulders and hips are, left before right."""


def joint_angles(world: NDArray[np.floating[Any]], min_visibility: float = MIN_VISIBILITY) -> NDArray[np.float32]:
    """(..., A) float32 degrees in the order of protocol.ANGLES, NaN where an angle can't be told.

    world: (..., 33, 4) landmarks: x, y, z in metres (right-handed, +Y up, any origin) and visibility. An angle is NaN
    where a landmark that it needs isn't finite or is less visible than `min_visibility`, and where it isn't defined
    (the flexion of an arm that points sideways).
    """
    points = np.asarray(world[..., :3], np.float64)
    missing = ~np.isfinite(points).all(axis=-1) | ~(world[..., 3] >= min_visibility)
    points = np.where(np.isfinite(points), points, 0.0)
    chest, pelvis = frames.chest(points), frames.pelvis(points)
    sine, cosine = np.empty((2, *points.shape[:-2], len(ANGLES)))
    joints = points[..., _JOINTS, :]
    upper, lower = joints - points[..., _STARTS, :], points[..., _ENDS, :] - joints
    # Elbows and knees: between the two parts of the limb. Ankles: what is missing to a right angle, so cosine and sine
    # of the angle between sole and shank are swapped.
    one, other = np.empty((2, *points.shape[:-2], 6, 3))
    one[..., :4, :], other[..., :4, :] = upper, lower
    one[..., 4:, :], other[..., 4:, :] = points[..., TOES, :] - points[..., HEELS, :], -lower[..., 2:, :]
    apart, along = norm(cross(one, other))[..., 0], dot(one, other)[..., 0]
    sine[..., :4], cosine[..., :4] = apart[..., :4], along[..., :4]
    sine[..., 12:14], cosine[..., 12:14] = along[..., 4:], apart[..., 4:]
    parents = np.stack([chest, chest, pelvis, pelvis], axis=-3)
    local = (upper[..., None, :] @ parents)[..., 0, :]
    out = local[..., 0] * _OUTWARD
    sine[..., _FLEXIONS], sine[..., _ABDUCTIONS] = local[..., 2], out
    cosine[..., _FLEXIONS] = cosine[..., _ABDUCTIONS] = -local[..., 1]
    rise = frames.trunk(points)
    left = unit(pelvis[..., 0] * [1.0, 0.0, 1.0], X)
    sine[..., 14], sine[..., 15] = dot(rise, cross(left, Y))[..., 0], dot(rise, left)[..., 0]
    cosine[..., 14:16] = rise[..., 1:2]
    # The head on the chest: turned about y (to the left), then x (chin down), then z (to the right).
    turn = np.swapaxes(chest, -1, -2) @ matrix(frames.head(points))
    sine[..., 16], cosine[..., 16] = -turn[..., 1, 2], np.hypot(turn[..., 0, 2], turn[..., 2, 2])
    sine[..., 17], cosine[..., 17] = -turn[..., 1, 0], turn[..., 1, 1]
    sine[..., 18], cosine[..., 18] = turn[..., 0, 2], turn[..., 2, 2]
    found = np.degrees(np.arctan2(sine, cosine))
    seen_from = found[..., 4:12]
    seen_from[seen_from < _OVERHEAD_DEG] += 360.0
    size = np.hypot(sine, cosine)
    least = MIN_SHARE * norm(upper)[..., 0]
    size[..., _FLEXIONS] -= least
    size[..., _ABDUCTIONS] -= least
    found[(size <= 0.0) | (missing[..., None, :] & _REQUIRED).any(axis=-1)] = np.nan
    result: NDArray[np.float32] = found.astype(np.float32)
    return result
