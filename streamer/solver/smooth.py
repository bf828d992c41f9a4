"""One Euro filters for rotations and for a position.

G. Casiez, N. Roussel, D. Vogel, "1 Euro Filter", CHI 2012: a low-pass whose cut-off rises with speed. On the sphere of
unit quaternions the difference of two samples is the rotation between them, and the step toward a sample goes along the
great circle.
"""

import math
from typing import Final

import numpy as np

from protocol.skeleton import BONES
from streamer.filter import smoothing_factor
from streamer.solver.quaternion import Array, difference, from_vector, multiply, norm, to_vector
from streamer.solver.single import Vector

_ENDS: Final = np.array([[bone.endswith(("LowerArm", "Hand", "Foot"))] for bone in BONES])
ROTATION_MIN_CUTOFF_HZ: Final[Array] = np.where(_ENDS, 1.5, 2.0)
ROTATION_BETA: Final[Array] = np.where(_ENDS, 0.6, 1.5)
"""(B, 1): rise of the cut-off in Hz for a radian a second. How forearms, hands and feet turn shows in landmarks close
together, so they tremble most."""
SIDEWAYS_MIN_CUTOFF_HZ: Final = 0.7
SIDEWAYS_BETA: Final = 12.0
"""Rise of the cut-off in Hz for a radian a second, as the camera sees it."""
DEPTH_MIN_CUTOFF_HZ: Final = 0.3
DEPTH_BETA: Final = 2.0
"""Rise of the cut-off in Hz for a doubling (nearly: e-fold) of the distance in a second."""
SPEED_CUTOFF_HZ: Final = 2.0
"""Of the speed's own low-pass."""


class RotationFilter:
    """Smooths (B, 4) rotations, each on its own. The result's signs are continuous from call to call."""

    def __init__(self) -> None:
        self._before: Array | None = None
        """(2, B, 4) the last rotations, as they came and smoothed."""
        self._speed: Array = np.zeros(3)

    def update(self, rotations: Array, dt_s: float) -> Array:
        """The smoothed rotations `dt_s` seconds after the call before; the first call returns them as they are."""
        if self._before is None:
            self._before = np.array([rotations, rotations])
            return rotations
        steps = to_vector(difference(self._before, rotations))
        self._speed = self._speed + smoothing_factor(SPEED_CUTOFF_HZ, dt_s) * (steps[0] / dt_s - self._speed)
        alpha = smoothing_factor(ROTATION_MIN_CUTOFF_HZ + ROTATION_BETA * norm(self._speed), dt_s)
        # A step of less than half a turn has a positive w, so the sign never changes.
        smooth = multiply(self._before[1], from_vector(alpha * steps[1]))
        smooth /= norm(smooth)
        self._before = np.array([rotations, smooth])
        return smooth


class PositionFilter:
    """Smooths a position in metres before a camera at the origin that looks along -z.

    One camera sees far better where somebody is than how far away, so the direction and the logarithm of the distance
    are smoothed each on its own: direction lightly, distance much.
    """

    def __init__(self) -> None:
        self._sideways = _Line(SIDEWAYS_MIN_CUTOFF_HZ, SIDEWAYS_BETA)
        self._upward = _Line(SIDEWAYS_MIN_CUTOFF_HZ, SIDEWAYS_BETA)
        self._depth = _Line(DEPTH_MIN_CUTOFF_HZ, DEPTH_BETA)

    def update(self, position: Vector, dt_s: float) -> Vector:
        """The smoothed position `dt_s` seconds after the call before; the first call returns it as it is. z < 0."""
        x, y, z = position
        depth = math.exp(self._depth.update(math.log(-z), dt_s))
        return depth * self._sideways.update(-x / z, dt_s), depth * self._upward.update(-y / z, dt_s), -depth


class _Line:
    """Smooths a number."""

    def __init__(self, min_cutoff_hz: float, beta: float) -> None:
        self._min_cutoff_hz, self._beta = min_cutoff_hz, beta
        self._raw: float | None = None
        self._smooth = self._speed = 0.0

    def update(self, value: float, dt_s: float) -> float:
        if self._raw is None:
            self._raw = self._smooth = value
            return value
        self._speed += smoothing_factor(SPEED_CUTOFF_HZ, dt_s) * ((value - self._raw) / dt_s - self._speed)
        cutoff_hz = self._min_cutoff_hz + self._beta * abs(self._speed)
        self._raw = value
        self._smooth += smoothing_factor(cutoff_hz, dt_s) * (value - self._smooth)
        return self._smooth
