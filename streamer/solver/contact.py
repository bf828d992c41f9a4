"""Feet that stand don't slide: which foot stands, and a root and legs that leave it where it is.

A foot stands when it is below the hips, slow in the picture and not much higher than the other; with more room to go on
standing than to begin (hysteresis). The picture hides what moves along the line of sight: while the feet move against
each other in depth too, the one that is much the faster doesn't stand. While a foot stands its ankle stays where it
was: the root gives way first, what is left between two feet is taken by hips and knees. The anchor follows what is
measured at LEAK_M_S, so that errors of depth don't pile up.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from protocol.skeleton import REST
from streamer.solver.frames import HEELS, MARK, TOES
from streamer.solver.kinematics import INDEX
from streamer.solver.limits import KNEE
from streamer.solver.proportions import SOLE_M
from streamer.solver.quaternion import Array
from streamer.solver.single import (
    Places,
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
    share_of,
    times,
    unit,
)

SLOW_M_S: Final = 0.15
"""A foot whose heel and toe are slower than this may begin to stand ..."""
FAST_M_S: Final = 0.25
""" ... one of which either is faster than this doesn't stand any more."""
SPEED_TAU_S: Final = 0.08
"""Time constant of the low-pass on a foot's velocity."""
AGAINST_M_S: Final = 0.3
"""The feet move against each other when they do so faster than this, as measured from the hips ..."""
FASTER: Final = 2.0
"""... and one of them moves when it is this many times as fast as the other, the hips' own speed counted in."""
AGAINST_TAU_S: Final = 0.05
DEPTH_SHARE: Final = 0.5
"""Part of a speed along the line of sight that counts there: depth trembles more than the picture."""
LOW_M: Final = 0.05
"""Highest that a foot may be over the other to begin to stand ..."""
HIGH_M: Final = 0.09
""" ... and to go on."""
BELOW: Final = 0.3
"""Least that a sole is below the hips, in lengths of the leg: it isn't in a handstand, nor in who lies or sits down."""
BEGIN_S: Final = 0.07
"""How long it has to be slow and low before it stands."""
LEAK_M_S: Final = 0.01
BREAK_M: Final = 0.3
"""An anchor that is farther off than this is let go: the foot has moved unseen."""
EASE_S: Final = 0.12
"""Time constant with which a foot that was let go returns to what is measured ..."""
EASE_M_S: Final = 0.4
"""... but no faster than this; nor does the root."""
BACK_M: Final = 0.05
"""It doesn't stand again until it is as near as this: else it would stay there."""
DRIFT_S: Final = 1.0
"""Time constant with which the root returns, while no foot stands."""
FLOOR_S: Final = 0.3
SEEN: Final = 0.5
"""Visibility of a landmark that the floor has to be below."""
LEAST_PULL_M: Final = 1e-5
"""Legs aren't bent for less."""

_LEGS: Final = [[INDEX[side + bone] for bone in ("UpperLeg", "LowerLeg", "Foot")] for side in ("left", "right")]
_ZERO: Final[Vector] = (0.0, 0.0, 0.0)
_LEG_MARKS: Final = [[MARK[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle")] for side in ("left", "right")]
_ABOVE_FEET: Final = MARK["left_ankle"]
"""This many landmarks are knees or higher up."""
_HEELS_AND_TOES: Final = [HEELS[0], TOES[0], HEELS[1], TOES[1]]
"""Left heel, left toe, right heel, right toe."""


class FootLock:
    """One person's feet."""

    def __init__(self) -> None:
        self.contact = [False, False]
        self.floor: float | None = None
        """Height of the floor in metres, in the axes of the root; None until the first call."""
        self._before: tuple[list[Vector], list[Vector], Vector] | None = None
        # Velocities, depth counted less, of left heel, left toe, right heel and right toe ...
        self._in_plane: list[Vector] = [_ZERO] * 4  # ... in the picture ...
        self._from_hips: list[Vector] = [_ZERO] * 4  # ... and from the hips
        self._of_hips: Vector = _ZERO
        self._soles: list[float | None] = [None, None]  # lowest landmark of each foot that is seen, from the hips up
        self._lowest = math.inf  # and of all else
        self._slow_s = [0.0, 0.0]
        self._anchors: list[Vector | None] = [None, None]
        self._shift: Vector = _ZERO  # of the root
        self._pull: list[Vector] = [_ZERO] * 2  # of each foot, beside that
        self._lost = False  # an anchor broke and the root is on its way back

    def look(
        self,
        places: Places,
        visibility: Sequence[float],
        plane: Array,
        root: Vector,
        focal: float,
        seen: Sequence[bool],
        dt_s: float,
    ) -> None:
        """Note which foot stands. Call it or `look_away` once a frame, before `apply`.

        places, visibility: of the 33 landmarks, in metres from the hips. plane: (33, 2) where they are seen,
        in picture heights; focal: the camera's focal length in the same. root: the hips, metres from the camera. seen:
        whether left and right foot are. dt_s: seconds since the frame before.
        """
        feet = [_shallow(places[mark]) for mark in _HEELS_AND_TOES]
        seen_at = [(x, y, 0.0) for x, y in plane[_HEELS_AND_TOES].tolist()]
        self._note_velocities(seen_at, feet, _shallow(root), -root[2] / focal, dt_s)
        soles = [min(feet[0][1], feet[1][1]), min(feet[2][1], feet[3][1])]
        self._soles = [sole if shown else None for sole, shown in zip(soles, seen, strict=True)]
        others = zip(places[:_ABOVE_FEET], visibility, strict=False)
        self._lowest = min((place[1] for place, value in others if value > SEEN), default=math.inf)
        speeds = [max(_length(heel), _length(toe)) for heel, toe in (self._in_plane[:2], self._in_plane[2:])]
        moving = self._moving(soles)
        for foot, (hip, knee, ankle) in enumerate(_LEG_MARKS):
            leg = math.dist(places[hip], places[knee]) + math.dist(places[knee], places[ankle])
            may = seen[foot] and foot != moving and soles[foot] < -BELOW * leg
            height = soles[foot] - min(soles)
            if self.contact[foot]:
                self.contact[foot] = may and speeds[foot] < FAST_M_S and height < HIGH_M
                self._slow_s[foot] = 0.0
            else:
                slow = may and speeds[foot] < SLOW_M_S and height < LOW_M
                self._slow_s[foot] = self._slow_s[foot] + dt_s if slow else 0.0
                back = not self._lost and _length(self._pull[foot]) < BACK_M
                self.contact[foot] = back and self._slow_s[foot] >= BEGIN_S

    def _note_velocities(
        self, seen_at: list[Vector], feet: list[Vector], root: Vector, scale_m: float, dt_s: float
    ) -> None:
        """seen_at, feet: of heels and toes, in the picture and from the hips. scale_m: metres in a picture height."""
        if self._before is not None and dt_s:
            share, quick = share_of(dt_s, SPEED_TAU_S), share_of(dt_s, AGAINST_TAU_S)
            seen_before, feet_before, root_before = self._before
            self._in_plane = [
                blend(v, times(between_points(a, b), scale_m / dt_s), share)
                for v, a, b in zip(self._in_plane, seen_before, seen_at, strict=True)
            ]
            self._from_hips = [
                blend(v, times(between_points(a, b), 1 / dt_s), quick)
                for v, a, b in zip(self._from_hips, feet_before, feet, strict=True)
            ]
            self._of_hips = blend(self._of_hips, times(between_points(root_before, root), 1 / dt_s), quick)
        self._before = seen_at, feet, root

    def _moving(self, soles: Sequence[float]) -> int | None:
        """The foot that moves against one that may stand; how fast the hips are says which of the two it is."""
        left_heel, left_toe, right_heel, right_toe = self._from_hips
        if max(math.dist(left_heel, right_heel), math.dist(left_toe, right_toe)) <= AGAINST_M_S:
            return None
        heel, toe, other_heel, other_toe = (_length(plus(velocity, self._of_hips)) for velocity in self._from_hips)
        speeds = max(heel, toe), max(other_heel, other_toe)
        foot = int(speeds[1] > speeds[0])
        other = 1 - foot
        return foot if speeds[foot] > FASTER * speeds[other] and soles[other] < soles[foot] + HIGH_M else None

    def look_away(self) -> None:
        """Leave a frame out that isn't believed: who stood goes on standing."""
        self._before = None

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
        sole_m = offsets[_LEGS[0][2]][1] / REST[_LEGS[0][2]][1] * SOLE_M
        self._note_floor(root[1], [root[1] + ankle[1] - sole_m for ankle in ankles], dt_s)
        return bones, root

    def _hold_anchors(self, raw: Sequence[Vector], dt_s: float) -> None:
        """Move `_shift` and `_pull` so that the ankles, measured at `raw`, stay at their anchors."""
        moves: list[Vector | None] = [None, None]  # from where the foot is measured to its anchor
        broken: list[Vector | None] = [None, None]  # the same of an anchor that is let go
        before = [plus(self._shift, pull) for pull in self._pull]
        for foot in range(2):
            if self.contact[foot]:
                anchor = self._anchors[foot] or plus(raw[foot], before[foot])
                distance = math.dist(anchor, raw[foot])
                if distance > BREAK_M:
                    self.contact[foot] = False
                    broken[foot] = before[foot] = between_points(raw[foot], anchor)
                    continue
                if distance > 0.0:
                    anchor = blend(anchor, raw[foot], min(LEAK_M_S * dt_s / distance, 1.0))
                self._anchors[foot] = anchor
                moves[foot] = between_points(raw[foot], anchor)
        stand = any(self.contact)
        left, right = moves if stand else broken
        if left is not None and right is not None:
            self._shift = middle(left, right)
        else:
            self._shift = left or right or _ease(self._shift, EASE_S if self._lost else DRIFT_S, dt_s)
        self._lost = not stand and _length(self._shift) > BACK_M and (self._lost or any(broken))
        for foot, move in enumerate(moves):
            if move is not None:
                self._pull[foot] = between_points(self._shift, move)
            else:
                if self._anchors[foot] is not None:  # let go just now: it goes on from where it was
                    self._anchors[foot] = None
                    self._pull[foot] = between_points(self._shift, before[foot])
                self._pull[foot] = _ease(self._pull[foot], EASE_S, dt_s)

    def _note_floor(self, root_y: float, ankles: Sequence[float], dt_s: float) -> None:
        """root_y: height of the hips. ankles: heights that the soles have by the ankles."""
        standing = [height for height, stands in zip(ankles, self.contact, strict=True) if stands]
        # The foot of a leg that is up in the air isn't below its ankle.
        seen = [ankle if sole is None else root_y + sole for ankle, sole in zip(ankles, self._soles, strict=True)]
        level, lowest = min(standing or seen), root_y + self._lowest
        if self.floor is None:
            self.floor = level
        elif standing or level < self.floor:
            self.floor += share_of(dt_s, FLOOR_S) * (level - self.floor)
        self.floor = min(self.floor, lowest)


def _length(v: Vector) -> float:
    return math.sqrt(dot(v, v))


def _shallow(place: Sequence[float]) -> Vector:
    """A place whose depth counts less."""
    x, y, z = place
    return x, y, DEPTH_SHARE * z


def _ease(v: Vector, tau_s: float, dt_s: float) -> Vector:
    """What is left of a displacement in metres that shrinks to nothing."""
    length = _length(v)
    return times(v, max(math.exp(-dt_s / tau_s), 1 - EASE_M_S * dt_s / length)) if length > 0.0 else v


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
