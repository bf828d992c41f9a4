"""Unit quaternions as arrays (..., 4) of x, y, z, w; vectors as (..., 3). All functions broadcast and are float64."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

IDENTITY: Final[Array] = np.array([0.0, 0.0, 0.0, 1.0])
_ONES: Final[Array] = np.ones((4, 1))
TINY: Final = 1e-12
_NOT_ZERO: Final = 1e-300
"""Added to a length before something is divided by it that is 0 wherever the length is."""


def _tables() -> tuple[Array, Array, Array]:
    """Products as matrices: on the few bones of a body numpy's cost is calls, and a matrix product is one call."""
    i, j, k, w = range(4)
    hamilton = np.zeros((4, 4, 4))  # (a, row, column): the matrix of multiplying from the left by the unit a
    for a, b, result, sign in (
        (i, w, i, 1), (i, j, k, 1), (i, k, j, -1), (i, i, w, -1),
        (j, w, j, 1), (j, k, i, 1), (j, i, k, -1), (j, j, w, -1),
        (k, w, k, 1), (k, i, j, 1), (k, j, i, -1), (k, k, w, -1),
        (w, w, w, 1), (w, i, i, 1), (w, j, j, 1), (w, k, k, 1),
    ):  # fmt: skip
        hamilton[a, result, b] = sign
    levi_civita = np.zeros((3, 3, 3))
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        levi_civita[a, c, b], levi_civita[b, c, a] = 1, -1
    quadratic = np.zeros((4, 4, 3, 3))
    for a in range(3):
        b, c = (a + 1) % 3, (a + 2) % 3
        quadratic[w, w, a, a] = quadratic[a, a, a, a] = 1
        quadratic[b, b, a, a] = quadratic[c, c, a, a] = -1
        quadratic[a, b, a, b] = quadratic[a, b, b, a] = quadratic[b, a, a, b] = quadratic[b, a, b, a] = 1
        quadratic[c, w, a, b] = quadratic[w, c, a, b] = -1
        quadratic[c, w, b, a] = quadratic[w, c, b, a] = 1
    return hamilton.reshape(4, 16), levi_civita.reshape(3, 9), quadratic.reshape(16, 9)


_HAMILTON, _LEVI_CIVITA, QUADRATIC = _tables()
"""QUADRATIC, (16, 9): a rotation's matrix, row by row, from the products of any two parts of its quaternion."""
_HAMILTON_OF_INVERSE: Final[Array] = np.array([[-1.0], [-1.0], [-1.0], [1.0]]) * _HAMILTON


def multiply(a: Array, b: Array) -> Array:
    """The rotation `b` followed by `a`."""
    left = (a @ _HAMILTON).reshape(*a.shape[:-1], 4, 4)
    return np.asarray((left @ b[..., None])[..., 0])


def difference(a: Array, b: Array) -> Array:
    """The rotation that takes `a` to `b`, in the axes of `a`."""
    left = (a @ _HAMILTON_OF_INVERSE).reshape(*a.shape[:-1], 4, 4)
    return np.asarray((left @ b[..., None])[..., 0])


def cross(a: Array, b: Array) -> Array:
    """The cross product."""
    skew = (a @ _LEVI_CIVITA).reshape(*a.shape[:-1], 3, 3)
    return np.asarray((skew @ b[..., None])[..., 0])


def matrix(q: Array) -> Array:
    """The rotation as a matrix (..., 3, 3)."""
    pairs = (q[..., :, None] * q[..., None, :]).reshape(*q.shape[:-1], 16)
    return np.asarray((pairs @ QUADRATIC).reshape(*q.shape[:-1], 3, 3))


def dot(a: Array, b: Array) -> Array:
    """The scalar product along the last axis, which is kept with length 1."""
    return np.asarray((a * b) @ _ONES[: b.shape[-1]])


def norm(v: Array) -> Array:
    """Length along the last axis, which is kept with length 1."""
    return np.sqrt(dot(v, v))


def unit(v: Array, otherwise: Array) -> Array:
    """`v` at length 1; `otherwise` where it has none."""
    length = norm(v)
    if length.size and length.min() > TINY:
        return np.asarray(v / length)
    return np.where(length > TINY, v / np.maximum(length, TINY), otherwise)


def about(axis: Array, angle: Array) -> Array:
    """The rotation about a unit axis (..., 3) by an angle (...) in radians."""
    half_angle = np.asarray(angle)[..., None] / 2
    q = np.empty((*np.broadcast_shapes(axis.shape[:-1], half_angle.shape[:-1]), 4))
    q[..., :3] = axis * np.sin(half_angle)
    q[..., 3:] = np.cos(half_angle)
    return q


def to_vector(q: Array) -> Array:
    """The rotation vector: axis times angle in radians, the angle in [0, pi]."""
    vector, w = q[..., :3], q[..., 3:]
    sine = norm(vector)
    # `-q` is the same rotation; the angle is that of the one of the two whose w isn't negative.
    angle = np.copysign(2 * np.arctan2(sine, np.abs(w)), w)
    return np.asarray(vector * (angle / (sine + _NOT_ZERO)))


def from_vector(v: Array) -> Array:
    """The rotation of a rotation vector."""
    angle = norm(v)
    half_angle = angle / 2
    q = np.empty((*v.shape[:-1], 4))
    q[..., :3] = v * (np.sin(half_angle) / (angle + _NOT_ZERO))
    q[..., 3:] = np.cos(half_angle)
    return q


def angle_between(a: Array, b: Array) -> Array:
    """The angle in radians, in [0, pi], of the rotation that takes `a` to `b`."""
    return norm(to_vector(difference(a, b)))[..., 0]
