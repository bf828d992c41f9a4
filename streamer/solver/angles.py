"""Joint angles as a clinician names them, in degrees: 0 is the anatomical position and bending is positive.

The neutral-zero method of the American Academy of Orthopaedic Surgeons, "Joint Motion: Method of Measuring and
Recording", 1965. protocol/SPEC.md has the table.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import ANGLES
from streamer.solver import frames
from streamer.solver.frames import HIPS, MARK, SHOULDERS, X
from streamer.solver.quaternion import Array, cross, dot, matrix, norm, unit

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


def _differences() -> Array:
    """(15, 33): the vectors below from the landmarks, as a matrix."""
    sides = ("left", "right")
    spans = [(f"right_{name}", f"left_{name}") for name in ("shoulder", "hip")]
    spans += [(f"{side}_{start}", f"{side}_{joint}") for start, joint, _ in (_ARM, _LEG) for side in sides]
    spans += [(f"{side}_heel", f"{side}_foot_index") for side in sides]
    spans += [(f"{side}_{joint}", f"{side}_{end}") for _, joint, end in (_ARM, _LEG) for side in sides]
    spans += [(f"{side}_ankle", f"{side}_knee") for side in sides]
    differences = np.zeros((len(spans) + 1, len(MARK)))
    for row, (start, end) in zip(differences, spans, strict=False):
        row[MARK[start]], row[MARK[end]] = -1.0, 1.0
    differences[-1, HIPS], differences[-1, SHOULDERS] = -0.5, 0.5
    return differences


_REQUIRED: Final = _needs().T
_DIFFERENCES: Final = _differences()
_LINES: Final = slice(0, 2)
"""Of shoulders and hips, from right to left."""
_UPPER: Final = slice(2, 6)
_UPPER_AND_SOLES: Final = slice(2, 8)
_LOWER_AND_SHANKS: Final = slice(8, 14)
"""Parts of left arm, right arm, left leg, right leg, then of left and right foot; shanks go up."""
_RISE: Final = slice(14, 15)
"""From midway between the hips to midway between the shoulders."""
_OUTWARD: Final = np.array([[1.0, 1.0], [1.0, -1.0]])
"""Signs of (flexion, abduction) x (left, right)."""
_SWINGS: Final = slice(4, 12)
"""Where in ANGLES (shoulders, hips) x (flexion, abduction) x (left, right) are."""
_ARMS: Final = slice(4, 8)
_OTHER_PLANE: Final = [6, 7, 4, 5]
"""For each angle of a shoulder the one in the other plane."""
_HIP_ABDUCTION: Final = slice(10, 12)


def joint_angles(world: NDArray[np.floating[Any]], min_visibility: float = MIN_VISIBILITY) -> NDArray[np.float32]:
    """(..., A) float32 degrees in the order of protocol.ANGLES, NaN where an angle can't be told.

    world: (..., 33, 4) landmarks: x, y, z in metres (right-handed, +Y up, any origin) and visibility. An angle is NaN
    where a landmark that it needs isn't finite or is less visible than `min_visibility`, and where it isn't defined
    (the flexion of an arm that points sideways, the abduction of one that is raised forward).
    """
    points = np.asarray(world[..., :3], np.float64)
    finite = np.isfinite(points)
    missing = ~(finite.all(axis=-1) & (world[..., 3] >= min_visibility))
    points = np.where(finite, points, 0.0)
    vectors = _DIFFERENCES @ points
    rise = vectors[..., _RISE, :]
    axes = frames.axes(vectors[..., _LINES, :], rise)
    batch = points.shape[:-2]
    sine, cosine = np.empty((2, *batch, len(ANGLES)))
    # Elbows and knees: between the two parts of the limb. Ankles: what is missing to a right angle, so cosine and sine
    # of the angle between sole and shank are swapped.
    one, other = vectors[..., _UPPER_AND_SOLES, :], vectors[..., _LOWER_AND_SHANKS, :]
    apart, along = norm(cross(one, other))[..., 0], dot(one, other)[..., 0]
    sine[..., :4], cosine[..., :4] = apart[..., :4], along[..., :4]
    sine[..., 12:14], cosine[..., 12:14] = along[..., 4:], apart[..., 4:]
    # Shoulders and hips: where the limb points in the axes of chest or pelvis, seen from the side and from the front.
    upper = vectors[..., _UPPER, :]
    local = upper.reshape(*batch, 2, 2, 3) @ axes
    sine[..., _SWINGS] = (np.swapaxes(local[..., ::-2], -1, -2) * _OUTWARD).reshape(*batch, 8)
    cosine[..., _SWINGS] = _for_both(-local[..., 1])
    # A thigh is abducted out of the plane in which it flexes, however far it does: seen from the front one that points
    # ahead would tell nothing.
    cosine[..., _HIP_ABDUCTION] = np.hypot(local[..., 1, :, 1], local[..., 1, :, 2])
    # The trunk: how far it rises ahead and to the left, as the hips face.
    left = unit(axes[..., 1, ::2, 0], X[::2])
    left_x, left_z, rise_x, rise_z = left[..., 0], left[..., 1], rise[..., 0, 0], rise[..., 0, 2]
    sine[..., 14], sine[..., 15] = left_x * rise_z - left_z * rise_x, left_x * rise_x + left_z * rise_z
    cosine[..., 14], cosine[..., 15] = rise[..., 0, 1], np.hypot(rise[..., 0, 1], sine[..., 14])
    # The head on the chest: turned about y (to the left), then x (chin down), then z (to the right).
    turn = np.swapaxes(axes[..., 0, :, :], -1, -2) @ matrix(frames.head(points))
    sine[..., 16], cosine[..., 16] = -turn[..., 1, 2], np.hypot(turn[..., 0, 2], turn[..., 2, 2])
    sine[..., 17], cosine[..., 17] = -turn[..., 1, 0], turn[..., 1, 1]
    sine[..., 18], cosine[..., 18] = turn[..., 0, 2], turn[..., 2, 2]
    found = np.degrees(np.arctan2(sine, cosine))
    found[..., _SWINGS] += 360.0 * (found[..., _SWINGS] < _OVERHEAD_DEG)
    size = np.hypot(sine, cosine)
    least = _for_both(MIN_SHARE * norm(upper).reshape(*batch, 2, 2))
    size[..., _SWINGS] -= least
    # Above the horizontal any arm looks raised, from the side and from the front: only the plane that it is nearer to
    # counts, but straight overhead both motions end.
    inside, across = sine[..., _ARMS], sine[..., _OTHER_PLANE]
    astray = (cosine[..., _ARMS] < 0.0) & (np.abs(across) > np.abs(inside))
    size[..., _ARMS][astray & (np.hypot(inside, across) > least[..., :4])] = 0.0
    found[(size <= 0.0) | (missing @ _REQUIRED)] = np.nan
    result: NDArray[np.float32] = found.astype(np.float32)
    return result


def _for_both(limbs: Array) -> Array:
    """(..., 8) flexion and abduction of (..., 2, 2): (arm, leg) x (left, right)."""
    return np.repeat(limbs, 2, axis=-2).reshape(*limbs.shape[:-2], 8)
