"""Rotations as quaternions x, y, z, w, in arrays (..., 4) that broadcast."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def multiply(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """The rotation `b` and then `a`."""
    ax, ay, az, aw = np.moveaxis(np.asarray(a, np.float64), -1, 0)
    bx, by, bz, bw = np.moveaxis(np.asarray(b, np.float64), -1, 0)
    return np.stack(
        (
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ),
        axis=-1,
    )


def inverse(q: ArrayLike) -> NDArray[np.float64]:
    """The rotation back, of unit quaternions."""
    q = np.asarray(q, np.float64)
    return np.concatenate((-q[..., :3], q[..., 3:]), axis=-1)


def rotate(q: ArrayLike, v: ArrayLike) -> NDArray[np.float64]:
    """Vectors (..., 3) turned by unit quaternions."""
    q, v = np.asarray(q, np.float64), np.asarray(v, np.float64)
    axis, w = q[..., :3], q[..., 3:]
    across = 2 * np.cross(axis, v)
    turned: NDArray[np.float64] = v + w * across + np.cross(axis, across)
    return turned


def nlerp(a: ArrayLike, b: ArrayLike, share: float) -> NDArray[np.float64]:
    """From `a` (share 0) to `b` (share 1), normalized; `a` where the two cancel out."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    sign = np.where((a * b).sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
    mixed = a + (sign * b - a) * share
    norm = np.sqrt((mixed * mixed).sum(axis=-1, keepdims=True))
    return np.where(norm > 1e-6, mixed / np.maximum(norm, 1e-6), a)
