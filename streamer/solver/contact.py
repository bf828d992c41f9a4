"""Feet that stand don't slide: which foot stands, and a root and legs that leave it where it is.

A foot stands when it is slow in the picture and not much higher than the other; with more room to go on standing than
to begin (hysteresis). While it stands its ankle stays where it was: the root gives way first, what is left between two
feet is taken by hips and knees. The anchor follows what is measured at LEAK_M_S, so that errors of depth don't pile up.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from protocol.skeleton import REST
from streamer.solver.frames import HEELS, TOES
from streamer.solver.kinematics import INDEX
from streamer.solver.limits import KNEE
from streamer.solver.proportions import SOLE_M
from streamer.solver.quaternion import Array
from streamer.solver.single import (
    Quaternion,
    Vector,
    about,
    between,
    between_points,
    blend,
    clamp,
    difference,
    dot,
    middle,
    multiply,
    plus,
    rotate,
    times,
    unit,
)

SLOW_M_S: Final = 0.15
"""A foot whose heel and toe are slower than this may begin to stand ..."""
FAST_M_S: Final = 0.25
""" ... one of which either is faster than this doesn't stand any more."""
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
LEAST_PULL_M: Final = 1e-5
"""Legs aren't bent for less."""

_LEGS: Final = [[INDEX[side + bone] for bone in ("UpperLeg", "LowerLeg", "Foot")] for side in ("left", "right")]
_SOLES: Final = np.array([HEELS, TOES]).T


class FootLock:
    """One person's feet."""

    def __init__(self) -> None:
        self.contact = [False, False]
        self.floor: float | None = None
        """Height of the floor in metres, in the axes of the root; None until the first call."""
        self._seen_at: list[float] | None = None
        self._velocity = [0.0] * 8  # x and y of left heel, left toe, right heel, right toe, as in `_seen_at`
        self._slow_s = [0.0, 0.0]
        self._anchors: list[Vector | None] = [None, None]
        self._shift: Vector = (0.0, 0.0, 0.0)  # of the root
        self._pull: list[Vector] = [(0.0, 0.0, 0.0)] * 2  # of each foot, beside that

    def look(self, points: Array, plane: Array, scale_m: float, seen: list[bool], dt_s: float) -> None:
        """Note which foot stands. Call it or `look_away` once a frame, before `apply`.

        points: (33, 3) landmarks in metres. plane: (33, 2) where they are seen, in picture heights. scale_m: metres in
        a picture height at the distance of the hips. seen: whether left and right foot are. dt_s: seconds since the
        frame before.
        """
        at = plane[_SOLES].ravel().tolist()
        if self._seen_at is not None and dt_s:
            blend, scale = 1 - math.exp(-dt_s / SPEED_TAU_S), scale_m / dt_s
            self._velocity = [
                v + blend * (scale * (now - before) - v)
                for v, now, before in zip(self._velocity, at, self._seen_at, strict=True)
            ]
        self._seen_at = at
        soles = [min(heel, toe) for heel, toe in points[_SOLES, 1].tolist()]
        for foot in range(2):
            heel_x, heel_y, toe_x, toe_y = self._velocity[4 * foot : 4 * foot + 4]
            speed, height = max(math.hypot(heel_x, heel_y), math.hypot(toe_x, toe_y)), soles[foot] - min(soles)
            if self.contact[foot]:
                stands = seen[foot] and speed < FAST_M_S and height < HIGH_M
                self._slow_s[foot] = 0.0
            else:
                slow = seen[foot] and speed < SLOW_M_S and height < LOW_M
                self._slow_s[foot] = self._slow_s[foot] + dt_s if slow else 0.0
                stands = self._slow_s[foot] >= BEGIN_S
                if stands:
                    self._anchors[foot] = None  # set where the foot is now
            self.contact[foot] = stands

    def look_away(self) -> None:
        """Leave a frame out that isn't believed: who stood goes on standing."""
        self._seen_at = None

    def apply(self, bones: Array, root: Vector, rest: Array, dt_s: float) -> tuple[Array, Vector]:
        """Bones (B, 4) and root with standing feet where they stood; rest: (B, 3) offsets."""
        turns, offsets = bones.tolist(), rest.tolist()
        legs = [
            _Leg(
                turns[0],
                offsets[thigh],
                -offsets[shank][1],
                -offsets[foot][1],
                [turns[thigh], turns[shank], turns[foot]],
            )
            for thigh, shank, foot in _LEGS
        ]
        ankles = [leg.ankle for leg in legs]
        self._hold_anchors([plus(root, ankle) for ankle in ankles], dt_s)
        if any(abs(part) > LEAST_PULL_M for pull in self._pull for part in pull):
            for side, (thigh, shank, foot) in enumerate(_LEGS):
                goal = plus(ankles[side], self._pull[side])
                ankles[side], turns[thigh], turns[shank], turns[foot] = legs[side].bend_to(goal)
            bones = np.array(turns)
        root = plus(root, self._shift)
        self._note_floor(
            [root[1] + ankle[1] for ankle in ankles], offsets[_LEGS[0][2]][1] / REST[_LEGS[0][2]][1] * SOLE_M, dt_s
        )
        return bones, root

    def _hold_anchors(self, raw: Sequence[Vector], dt_s: float) -> None:
        """Move `_shift` and `_pull` so that the ankles, measured at `raw`, stay at their anchors."""
        moves: list[Vector | None] = [None, None]  # from where the foot is measured to its anchor
        for foot in range(2):
            if self.contact[foot]:
                anchor = self._anchors[foot] or plus(plus(raw[foot], self._shift), self._pull[foot])
                away = between_points(anchor, raw[foot])
                distance = math.sqrt(dot(away, away))
                if distance > BREAK_M:
                    self.contact[foot] = False
                    continue
                if distance > 0.0:
                    anchor = blend(anchor, raw[foot], min(LEAK_M_S * dt_s / distance, 1.0))
                self._anchors[foot] = anchor
                moves[foot] = between_points(raw[foot], anchor)
        left, right = moves
        if left is not None and right is not None:
            self._shift = middle(left, right)
        else:
            self._shift = left or right or times(self._shift, math.exp(-dt_s / DRIFT_S))
        for foot, move in enumerate(moves):
            if move is not None:
                self._pull[foot] = between_points(self._shift, move)
            else:
                self._pull[foot] = times(self._pull[foot], math.exp(-dt_s / EASE_S))

    def _note_floor(self, ankle_heights: Sequence[float], sole_m: float, dt_s: float) -> None:
        standing = [height for height, stands in zip(ankle_heights, self.contact, strict=True) if stands]
        level = min(standing or ankle_heights) - sole_m
        if self.floor is None:
            self.floor = level
        elif standing or level < self.floor:
            self.floor += (1 - math.exp(-dt_s / FLOOR_S)) * (level - self.floor)


class _Leg:
    """A leg from the hips down, in the axes of the root; plain numbers (single.py)."""

    def __init__(self, hips: Quaternion, hip: Vector, thigh: float, shank: float, bones: Sequence[Quaternion]) -> None:
        self._hips, self._joint, self._thigh, self._shank = hips, rotate(hips, hip), thigh, shank
        self._upper = multiply(hips, bones[0])
        self._lower = multiply(self._upper, bones[1])
        self._foot = multiply(self._lower, bones[2])
        knee, ankle = rotate(self._upper, (0.0, -thigh, 0.0)), rotate(self._lower, (0.0, -shank, 0.0))
        x, y, z = self._joint
        self.ankle: Vector = (x + knee[0] + ankle[0], y + knee[1] + ankle[1], z + knee[2] + ankle[2])
        """Metres from the hips."""

    def bend_to(self, target: Vector) -> tuple[Vector, Quaternion, Quaternion, Quaternion]:
        """Where the ankle is when it goes to `target` as far as the leg reaches, and the leg's local rotations then.

        The knee opens or closes until hip and ankle are as far apart as wanted, the thigh turns along the shortest arc;
        the foot keeps its rotation in space.
        """
        way = between_points(self._joint, target)
        thigh, shank = self._thigh, self._shank
        least = math.sqrt(thigh**2 + shank**2 + 2 * thigh * shank * math.cos(KNEE))
        # A leg that is straighter than that already may stay so: it isn't bent at once by being pulled a little.
        straight = max((thigh + shank) * 0.99999, math.dist(self._joint, self.ankle))
        reach = clamp(math.sqrt(dot(way, way)), least, straight)
        cosine = (reach**2 - thigh**2 - shank**2) / (2 * thigh * shank)
        bend = math.acos(clamp(cosine, -1.0, 1.0))
        # In the axes of the thigh the ankle is behind and below.
        now = rotate(self._upper, (0.0, -thigh - shank * math.cos(bend), -shank * math.sin(bend)))
        way = unit(way, (0.0, -1.0, 0.0))
        upper = multiply(between(unit(now, way), way), self._upper)
        knee = about((1.0, 0.0, 0.0), bend)
        foot = difference(multiply(upper, knee), self._foot)
        x, y, z = self._joint
        ankle = (x + way[0] * reach, y + way[1] * reach, z + way[2] * reach)
        return ankle, difference(self._hips, upper), knee, foot
