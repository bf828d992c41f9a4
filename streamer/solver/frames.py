"""What landmarks say of the axes of pelvis, chest and head, each from several points, of any number of people at once.

Points are (..., 33, 3) in metres, axes of `world`. Axes are rotations, in the T-pose facing +Z the identity; +X is the
person's left. Matrices (..., 3, 3) have in their columns where the bone's own x, y and z point.
"""

from typing import Final

import numpy as np

from protocol.skeleton import LANDMARKS
from streamer.solver.quaternion import QUADRATIC, Array, cross, unit

MARK: Final = {name: index for index, name in enumerate(LANDMARKS)}
"""Index of each landmark by name."""

X: Final[Array] = np.array([1.0, 0.0, 0.0])
Z: Final[Array] = np.array([0.0, 0.0, 1.0])

HIPS: Final = [MARK["left_hip"], MARK["right_hip"]]
SHOULDERS: Final = [MARK["left_shoulder"], MARK["right_shoulder"]]
HEELS: Final = [MARK["left_heel"], MARK["right_heel"]]
TOES: Final = [MARK["left_foot_index"], MARK["right_foot_index"]]

FACE: Final[Array] = np.array(
    [
        [0.0, -0.015, 0.12],  # nose
        [0.016, 0.02, 0.08],  # left eye: inner corner, pupil, outer corner
        [0.032, 0.02, 0.078],
        [0.045, 0.02, 0.068],
        [-0.016, 0.02, 0.08],
        [-0.032, 0.02, 0.078],
        [-0.045, 0.02, 0.068],
        [0.0725, 0.0, 0.0],  # ears: the tragi, the origin midway
        [-0.0725, 0.0, 0.0],
        [0.025, -0.055, 0.095],  # corners of the mouth
        [-0.025, -0.055, 0.095],
    ]
)
"""The face of an adult, metres, Frankfurt plane level: breadths as in C. Gordon et al., "2012 Anthropometric Survey of
U.S. Army Personnel" (ANSUR II, 2014): bitragion 145 mm, between the pupils 64 mm; depths are typical."""
# The sum of scalar products of points and turned face as a quadratic form of the quaternion: a matrix (4, 4), linear in
# the points. The face is centred, so where the points are doesn't matter.
_FIT: Final[Array] = np.einsum("qab,pb->paq", QUADRATIC.reshape(16, 3, 3), FACE - FACE.mean(axis=0)).reshape(-1, 16)


def axes(line: Array, up: Array) -> Array:
    """(..., 3, 3) x along the line from right to left, y toward `up`, which broadcasts."""
    found = np.empty((*line.shape, 3))
    found[..., 0] = x = unit(line, X)
    found[..., 2] = z = unit(cross(x, up), Z)
    found[..., 1] = cross(z, x)
    return found


def head(points: Array) -> Array:
    """(..., 4) the rotation that fits the face best, all eleven points of it: with the least squared distances.

    B. K. P. Horn, "Closed-form solution of absolute orientation using unit quaternions", JOSA A 4 (1987): it is the
    eigenvector of the greatest eigenvalue of a matrix (4, 4) that is linear in the points.
    """
    face = points[..., : len(FACE), :]
    fit = (face.reshape(*face.shape[:-2], FACE.size) @ _FIT).reshape(*face.shape[:-2], 4, 4)
    return np.asarray(np.linalg.eigh(fit).eigenvectors[..., -1])
