"""Feet that stand don't slide: which foot stands, and a root and legs that leave it where it is.

A foot stands when it is slow in the picture and not much higher than the other; with more room to go on standing than
to begin (hysteresis). While it stands its ankle stays where it was: the root gives way first, what is left between two
feet is taken by hips and knees. The anchor follows what is measured at LEAK_M_S, so that errors of depth don't pile up.
"""

import math
from typing import Final

import numpy as np

from protocol.skeleton import PARENTS
from streamer.solver.frames import ANKLES, HEELS, TOES, X
from streamer.solver.kinematics import INDEX
from streamer.solver.limits import HINGES
from streamer.solver.proportions import SOLE_M
from streamer.solver.quaternion import Array, about, between, conjugate, matrix, multiply, norm

SLOW_M_S: Final = 0.15
"""A foot slower than this may begin to stand ..."""
FAST_M_S: Final = 0.35
""" ... one faster than this doesn't stand any more."""
SPEED_TAU_S: Final = 0.08
"""Time constant of the low-pass on a foot's velocity."""
LOW_M: Final = 0.05
"""Highest that a foot may be over the other to begin to stand ..."""
HIGH_M: Final = 0.09
""" ... and to go on."""
BEGIN_S: Final = 0.07
"""How long it has to be slow and low before it stands."""
LEAK_M_S: Final = 0.01
BREAK_M: Final = 0.3
"""An anchor that is farther off than this is let go: the foot has moved unseen."""
EASE_S: Final = 0.12
"""Time constant with which a foot that was let go returns to what is measured."""
DRIFT_S: Final = 1.0
"""Time constant with which the root does, while no foot stands."""
FLOOR_S: Final = 0.3

_LEGS: Final = [[INDEX["leftUpperLeg"], INDEX["rightUpperLeg"]], [INDEX["leftLowerLeg"], INDEX["rightLowerLeg"]]]
_FEET: Final = [INDEX["leftFoot"], INDEX["rightFoot"]]
assert all(PARENTS[foot] == knee for foot, knee in zip(_FEET, _LEGS[1], strict=True))


class FootLock:
    """One person's feet."""

    def __init__(self) -> None:
        self.contact = [False, False]
        self.floor: float | None = None
        """Height of the floor in metres, in the axes of the root; None until the first call."""
        self._seen_at: Array | None = None
        self._velocity: Array = np.zeros((2, 2))
        self._slow_s = [0.0, 0.0]
        self._anchors: Array = np.zeros((2, 3))
        self._shift: Array = np.zeros(3)  # of the root
        self._pull: Array = np.zeros((2, 3))  # of each foot, beside that

    def look(self, points: Array, plane: Array, scale_m: float, seen: list[bool], dt_s: float) -> None:
        """Note which foot stands. Call once a frame, before `apply`.

        points: (33, 3) landmarks in metres. plane: (33, 2) where they are seen, in picture heights. scale_m: metres in
        a picture height at the distance of the hips. seen: whether left and right foot are. dt_s: seconds since the
        frame before.
        """
        at = (plane[ANKLES] + plane[HEELS] + plane[TOES]) / 3
        if self._seen_at is not None and dt_s:
            blend = 1 - math.exp(-dt_s / SPEED_TAU_S)
            self._velocity = self._velocity + blend * (scale_m * (at - self._seen_at) / dt_s - self._velocity)
        self._seen_at = at
        speeds = norm(self._velocity)[:, 0]
        soles = np.minimum(points[HEELS, 1], points[TOES, 1])
        heights = soles - soles.min()
        for foot in range(2):
            speed, height = float(speeds[foot]), float(heights[foot])
            if self.contact[foot]:
                stands = seen[foot] and speed < FAST_M_S and height < HIGH_M
                self._slow_s[foot] = 0.0
            else:
                slow = seen[foot] and speed < SLOW_M_S and height < LOW_M
                self._slow_s[foot] = self._slow_s[foot] + dt_s if slow else 0.0
                stands = self._slow_s[foot] >= BEGIN_S
                if stands:
                    self._anchors[foot] = np.nan  # set where the foot is now
            self.contact[foot] = stands

    def apply(self, bones: Array, root: Array, rest: Array, dt_s: float) -> tuple[Array, Array]:
        """Bones (B, 4) and root (3,) with standing feet where they stood; rest: (B, 3) offsets."""
        legs = _Legs(bones, rest)
        raw = root + legs.ankles
        self._hold_anchors(raw, dt_s)
        bones, reached = legs.bend_to(raw + self._shift + self._pull - root - self._shift, bones)
        self._note_floor(reached + root + self._shift, rest, dt_s)
        return bones, root + self._shift

    def _hold_anchors(self, raw: Array, dt_s: float) -> None:
        """Move `_shift` and `_pull` so that the ankles, measured at `raw` (2, 3), stay at their anchors."""
        now = raw + self._shift + self._pull
        for foot in range(2):
            if self.contact[foot]:
                if np.isnan(self._anchors[foot, 0]):
                    self._anchors[foot] = now[foot]
                away = raw[foot] - self._anchors[foot]
                distance = math.sqrt(float(away @ away))
                if distance > BREAK_M:
                    self.contact[foot] = False
                elif distance > 0.0:
                    self._anchors[foot] += away * min(LEAK_M_S * dt_s / distance, 1.0)
        standing = [foot for foot in range(2) if self.contact[foot]]
        if standing:
            self._shift = (self._anchors[standing] - raw[standing]).mean(axis=0)
        else:
            self._shift = self._shift * math.exp(-dt_s / DRIFT_S)
        for foot in range(2):
            if foot in standing:
                self._pull[foot] = self._anchors[foot] - raw[foot] - self._shift
            else:
                self._pull[foot] *= math.exp(-dt_s / EASE_S)

    def _note_floor(self, ankles: Array, rest: Array, dt_s: float) -> None:
        sole = SOLE_M * float(rest[_FEET[0], 1]) / _REST_SHANK
        standing = [foot for foot in range(2) if self.contact[foot]]
        level = float(ankles[standing or [0, 1], 1].min()) - sole
        if self.floor is None:
            self.floor = level
        elif standing or level < self.floor:
            self.floor += (1 - math.exp(-dt_s / FLOOR_S)) * (level - self.floor)


_REST_SHANK: Final = -0.41


class _Legs:
    """Both legs from the hips down, in the axes of the root."""

    def __init__(self, bones: Array, rest: Array) -> None:
        self._hips = bones[0]
        hips = matrix(bones[0])
        self._joints = rest[_LEGS[0]] @ hips.T
        self._upper = multiply(bones[0], bones[_LEGS[0]])
        self._lower = multiply(self._upper, bones[_LEGS[1]])
        self._feet = multiply(self._lower, bones[_FEET])
        self._thigh, self._shank = -float(rest[_LEGS[1][0], 1]), -float(rest[_FEET[0], 1])
        thighs, shanks = matrix(self._upper)[..., 1] * -self._thigh, matrix(self._lower)[..., 1] * -self._shank
        self.ankles = self._joints + thighs + shanks
        """(2, 3) metres from the hips."""

    def bend_to(self, targets: Array, bones: Array) -> tuple[Array, Array]:
        """Bones with the ankles at `targets` (2, 3), as far as legs reach, and where they are then.

        The knee opens or closes until hip and ankle are as far apart as wanted, the thigh turns along the shortest arc;
        feet keep their rotation in space.
        """
        away = targets - self.ankles
        if float(np.abs(away).max()) < 1e-5:
            return bones, self.ankles
        ways = targets - self._joints
        most = self._thigh + self._shank
        least = math.sqrt(self._thigh**2 + self._shank**2 + 2 * self._thigh * self._shank * math.cos(float(HINGES[2])))
        reach = norm(ways)[:, 0].clip(least, most * 0.99999)
        cosine = (reach**2 - self._thigh**2 - self._shank**2) / (2 * self._thigh * self._shank)
        knees = about(X, np.arccos(cosine.clip(-1.0, 1.0)))
        lower = multiply(self._upper, knees)
        now = -(matrix(self._upper)[..., 1] * self._thigh + matrix(lower)[..., 1] * self._shank)
        turn = between(now / norm(now), ways / norm(ways))
        upper, lower = multiply(turn, self._upper), multiply(turn, lower)
        bones = bones.copy()
        bones[_LEGS[0]] = multiply(conjugate(self._hips), upper)
        bones[_LEGS[1]] = knees
        bones[_FEET] = multiply(conjugate(lower), self._feet)
        return bones, self._joints + ways / norm(ways) * reach[:, None]
