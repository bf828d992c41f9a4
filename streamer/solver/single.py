"""One rotation at a time, in plain numbers: on single vectors these are several times faster than arrays of three.

Vectors are tuples of x, y, z; quaternions of x, y, z, w, with the same meaning as in quaternion.py.
"""

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

Vector: TypeAlias = tuple[float, float, float]
Quaternion: TypeAlias = tuple[float, float, float, float]
Places: TypeAlias = list[list[float]]
"""The 33 landmarks."""

IDENTITY: Final[Quaternion] = (0.0, 0.0, 0.0, 1.0)
TINY: Final = 1e-12


def plus(a: Vector, b: Vector) -> Vector:
    """The sum."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def times(v: Vector, factor: float) -> Vector:
    """The vector made longer by a factor."""
    return v[0] * factor, v[1] * factor, v[2] * factor


def blend(a: Vector, b: Vector, share: float) -> Vector:
    """From `a` a share of the way to `b`."""
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])


def dot(a: Vector, b: Vector) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """The cross product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def between_points(start: Sequence[float], end: Sequence[float]) -> Vector:
    """From one point to another."""
    return end[0] - start[0], end[1] - start[1], end[2] - start[2]


def middle(a: Sequence[float], b: Sequence[float]) -> Vector:
    """Midway between two points."""
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2


def unit(v: Vector, otherwise: Vector) -> Vector:
    """`v` at length 1; `otherwise` where it has none."""
    length = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    return (v[0] / length, v[1] / length, v[2] / length) if length > TINY else otherwise


def conjugate(q: Quaternion) -> Quaternion:
    """The inverse rotation."""
    return -q[0], -q[1], -q[2], q[3]


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """The rotation `b` followed by `a`."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def difference(a: Quaternion, b: Quaternion) -> Quaternion:
    """The rotation that takes `a` to `b`, in the axes of `a`."""
    ax, ay, az, aw = a
    bx, by, bz, bw = b
    return (
        aw * bx - ax * bw - ay * bz + az * by,
        aw * by + ax * bz - ay * bw - az * bx,
        aw * bz - ax * by + ay * bx - az * bw,
        aw * bw + ax * bx + ay * by + az * bz,
    )


def rotate(q: Quaternion, v: Vector) -> Vector:
    """The vector `v` turned by `q`."""
    qx, qy, qz, qw = q
    x, y, z = v
    tx, ty, tz = 2 * (qy * z - qz * y), 2 * (qz * x - qx * z), 2 * (qx * y - qy * x)
    return x + qw * tx + qy * tz - qz * ty, y + qw * ty + qz * tx - qx * tz, z + qw * tz + qx * ty - qy * tx


def about(axis: Vector, angle: float) -> Quaternion:
    """The rotation about a unit axis by an angle in radians."""
    sine = math.sin(angle / 2)
    return axis[0] * sine, axis[1] * sine, axis[2] * sine, math.cos(angle / 2)


def between(a: Vector, b: Vector) -> Quaternion:
    """The shortest arc from unit vector `a` to unit vector `b`; for opposite ones, of which all are, one of them."""
    ax, ay, az = a
    bx, by, bz = b
    x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    w = 1.0 + ax * bx + ay * by + az * bz
    if w < 1e-9:
        x, y, z = cross(a, (1.0, 0.0, 0.0) if abs(a[0]) < 0.9 else (0.0, 1.0, 0.0))
        w = 0.0
    length = math.sqrt(x * x + y * y + z * z + w * w)
    return x / length, y / length, z / length, w / length


def from_columns(x: Vector, y: Vector, z: Vector) -> Quaternion:
    """The rotation that takes the axes to `x`, `y` and `z`, which are unit vectors at right angles.

    S. W. Shepperd, "Quaternion from rotation matrix", Journal of Guidance and Control 1 (1978).
    """
    xx, yy, zz = x[0], y[1], z[2]
    trace = xx + yy + zz
    if trace >= xx and trace >= yy and trace >= zz:
        q = (y[2] - z[1], z[0] - x[2], x[1] - y[0], 1 + trace)
    elif xx >= yy and xx >= zz:
        q = (1 + xx - yy - zz, y[0] + x[1], z[0] + x[2], y[2] - z[1])
    elif yy >= zz:
        q = (y[0] + x[1], 1 - xx + yy - zz, z[1] + y[2], z[0] - x[2])
    else:
        q = (z[0] + x[2], z[1] + y[2], 1 - xx - yy + zz, x[1] - y[0])
    length = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return q[0] / length, q[1] / length, q[2] / length, q[3] / length


def to_vector(q: Quaternion) -> Vector:
    """The rotation vector: axis times angle in radians, the angle in [0, pi]."""
    x, y, z, w = q
    if w < 0.0:
        x, y, z, w = -x, -y, -z, -w
    sine = math.sqrt(x * x + y * y + z * z)
    scale = 2 * math.atan2(sine, w) / sine if sine > TINY else 2.0
    return x * scale, y * scale, z * scale


def from_vector(v: Vector) -> Quaternion:
    """The rotation of a rotation vector."""
    angle = math.sqrt(dot(v, v))
    scale = math.sin(angle / 2) / angle if angle > TINY else 0.5
    return v[0] * scale, v[1] * scale, v[2] * scale, math.cos(angle / 2)


def slerp(a: Quaternion, b: Quaternion, share: float) -> Quaternion:
    """From `a` (share 0) to `b` (share 1) along the shorter arc."""
    x, y, z = to_vector(difference(a, b))
    return multiply(a, from_vector((share * x, share * y, share * z)))


def share_of(dt_s: float, tau_s: float) -> float:
    """How far a low-pass of that time constant goes toward its input in a time step."""
    return 1 - math.exp(-dt_s / tau_s) if tau_s > 1e-6 else 1.0


def clamp(value: float, low: float, high: float) -> float:
    """The number in [low, high] that is nearest."""
    return low if value < low else high if value > high else value


def wrap(angle: float) -> float:
    """The same angle in [-pi, pi)."""
    return (angle + math.pi) % (2 * math.pi) - math.pi
