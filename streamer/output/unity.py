"""From our axes (right-handed, +Y up) to Unity's (left-handed, +Y up): x is mirrored."""

import math
from collections.abc import Sequence

from streamer.solver.single import Quaternion, Vector


def position(p: Sequence[float]) -> Vector:
    """A position or offset in metres."""
    return -p[0], p[1], p[2]


def rotation(q: Sequence[float]) -> Quaternion:
    """A rotation x, y, z, w."""
    return q[0], -q[1], -q[2], q[3]


def euler_degrees(q: Sequence[float]) -> Vector:
    """Angles about x, y and z in degrees of a rotation in Unity's axes, applied in the order z, x, y as Unity does.

    x is in [-90, 90]. There, where y and z turn about the same axis, all of it is given to y.
    """
    x, y, z, w = q
    sine = 2 * (w * x - y * z)
    if abs(sine) > 0.9999999:
        about_y = math.atan2(2 * (w * y - x * z), 1 - 2 * (y * y + z * z))
        return math.degrees(math.copysign(math.pi / 2, sine)), math.degrees(about_y), 0.0
    about_y = math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    about_z = math.atan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return math.degrees(math.asin(sine)), math.degrees(about_y), math.degrees(about_z)
