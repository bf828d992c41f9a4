"""What landmarks say of the axes of the body: pelvis, chest, head, hands and feet, each from several points.

Points are (..., 33, 3) in metres, axes of `world`. Axes are rotations as matrices (..., 3, 3) whose columns are where
the bone's own x, y and z point: in the T-pose facing +Z the identity. +X is the person's left.
"""

from typing import Final, NamedTuple

import numpy as np

from protocol.skeleton import LANDMARKS
from streamer.solver.quaternion import Array, cross, unit

MARK: Final = {name: index for index, name in enumerate(LANDMARKS)}
"""Index of each landmark by name."""

X: Final[Array] = np.array([1.0, 0.0, 0.0])
Y: Final[Array] = np.array([0.0, 1.0, 0.0])
Z: Final[Array] = np.array([0.0, 0.0, 1.0])

HIPS: Final = [MARK["left_hip"], MARK["right_hip"]]
SHOULDERS: Final = [MARK["left_shoulder"], MARK["right_shoulder"]]
EARS: Final = [MARK["left_ear"], MARK["right_ear"]]
WRISTS: Final = [MARK["left_wrist"], MARK["right_wrist"]]
INDEXES: Final = [MARK["left_index"], MARK["right_index"]]
PINKIES: Final = [MARK["left_pinky"], MARK["right_pinky"]]
ANKLES: Final = [MARK["left_ankle"], MARK["right_ankle"]]
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
_FACE_CENTRED: Final = FACE - FACE.mean(axis=0)
_SIDES: Final[Array] = np.array([1.0, -1.0])[:, None]
_MAIN: Final[Array] = np.array([X, X, X, X, Z, Z])
_NORMAL: Final[Array] = np.array([-Z, -Z, Y, Y, X, X])


def middle(points: Array, pair: list[int]) -> Array:
    """Midway between two landmarks."""
    return np.asarray((points[..., pair[0], :] + points[..., pair[1], :]) / 2)


def across(points: Array, pair: list[int]) -> Array:
    """From a right landmark to its left twin."""
    return np.asarray(points[..., pair[0], :] - points[..., pair[1], :])


def trunk(points: Array) -> Array:
    """From midway between the hips to midway between the shoulders."""
    return middle(points, SHOULDERS) - middle(points, HIPS)


class Axes(NamedTuple):
    """The axes of a body: (..., 3, 3) each, and (..., 2, 3, 3) of hands and feet, left before right."""

    pelvis: Array
    """x along the line of the hips, y toward the shoulders."""
    chest: Array
    """x along the line of the shoulders, y away from the hips."""
    head: Array
    """The rotation that fits the face best."""
    hands: Array
    """x along the hand as along the arm, z from the little finger to the index."""
    feet: Array
    """z from heel to toe, x across the plane of heel, ankle and toe."""


def axes(points: Array) -> Axes:
    """All axes at once."""
    wrist, index, pinky = points[..., WRISTS, :], points[..., INDEXES, :], points[..., PINKIES, :]
    ankle, heel, toe = points[..., ANKLES, :], points[..., HEELS, :], points[..., TOES, :]
    main, other = np.empty((2, *points.shape[:-2], 6, 3))
    main[..., 0, :], main[..., 1, :] = across(points, HIPS), across(points, SHOULDERS)
    other[..., :2, :] = trunk(points)[..., None, :]
    main[..., 2:4, :] = ((index + pinky) / 2 - wrist) * _SIDES
    other[..., 2:4, :] = index - pinky
    main[..., 4:, :], other[..., 4:, :] = toe - heel, ankle - heel
    main = unit(main, _MAIN)
    normal = unit(cross(other, main), _NORMAL)
    third = cross(main, normal)
    found = np.empty((*main.shape, 3))
    found[..., :2, :, 0], found[..., :2, :, 1], found[..., :2, :, 2] = (
        main[..., :2, :],
        third[..., :2, :],
        -normal[..., :2, :],
    )
    found[..., 2:4, :, 0], found[..., 2:4, :, 1], found[..., 2:4, :, 2] = (
        main[..., 2:4, :],
        normal[..., 2:4, :],
        third[..., 2:4, :],
    )
    found[..., 4:, :, 0], found[..., 4:, :, 1], found[..., 4:, :, 2] = (
        normal[..., 4:, :],
        third[..., 4:, :],
        main[..., 4:, :],
    )
    pelvis, chest = found[..., 0, :, :], found[..., 1, :, :]
    return Axes(pelvis, chest, head(points), found[..., 2:4, :, :], found[..., 4:, :, :])


def head(points: Array) -> Array:
    """The rotation that fits the face best, all eleven points of it.

    W. Kabsch, "A solution for the best rotation to relate two sets of vectors", Acta Crystallographica A32 (1976).
    """
    # The template is centred, so where the face is doesn't matter.
    u, _, vt = np.linalg.svd(np.swapaxes(points[..., : len(FACE), :], -1, -2) @ _FACE_CENTRED)
    flip = np.ones(u.shape[:-1])
    flip[..., 2] = np.linalg.det(u @ vt)
    return np.asarray((u * flip[..., None, :]) @ vt)
