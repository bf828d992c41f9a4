"""An arm or a leg: a swing, a twist, a hinge, and what hangs at its end.

The upper bone swings along the shortest arc from its direction in the T-pose, in its parent's axes, and is then twisted
about itself until elbow or knee bends the way it does. A forearm is twisted as far as the hand shows; what is left is
the hand's own swing. A foot keeps all that is left.
"""

import math
from typing import Final

from streamer.solver.limits import Box, Range, limit
from streamer.solver.single import (
    IDENTITY,
    Quaternion,
    Vector,
    about,
    between,
    clamp,
    conjugate,
    cross,
    difference,
    dot,
    multiply,
    rotate,
    share_of,
    unit,
    wrap,
)

STRAIGHT: Final = math.radians(10.0)
"""A limb bent by less says nothing of its twist ..."""
BENT: Final = math.radians(30.0)
""" ... one bent by more is trusted. Between the two it counts in part, so that nothing flips."""
BEND_TAU_S: Final = 0.15
"""Time constant of the low-pass on the bend by which that is judged: of a straight limb noise makes a bent one, but in
another direction each time."""
TWIST_TAU_S: Final = 0.02
"""Time constant of the twist of a limb bent by 45 degrees. The noise of a twist goes with 1 / sin(bend), so the time it
takes to average it down goes with the square of that; it goes to 0 at a right angle."""
CLEAR: Final = 0.5
"""Shortest that the low-passed direction of a hand or foot may be, of 1, to turn a straight limb."""
EASE_S: Final = 0.5
"""Time constant with which the held twist of a straight limb follows the hand or foot."""
MAX_TWIST_RATE: Final = 20.0
"""Radians a second that a twist follows at most."""
_AHEAD: Final[Vector] = (0.0, 0.0, 1.0)


class Limb:
    """One limb; it remembers its twists.

    along: where it points in the T-pose. bends: where its lower part goes when its hinge bends. swing, twist, hinge,
    lower_twist: ranges in radians (limits.py), of `swing` about x, y and z; without `lower_twist` the lower part is a
    hinge alone. slack: how far, in radians, what hangs at its end may be turned against a straight limb before it turns
    the limb along: a forearm gives way, a straight knee hardly does. ahead: 1 where +z of what hangs at its end lies
    where the hinge bends to, -1 where it lies away from there.
    """

    def __init__(
        self,
        along: Vector,
        bends: Vector,
        swing: Box,
        twist: Range,
        hinge: float,
        lower_twist: Range | None,
        slack: float,
        ahead: float,
    ) -> None:
        self._along, self._bends, self._axis = along, bends, cross(along, bends)
        self._swing, self._twist, self._hinge, self._lower_twist = swing, twist, hinge, lower_twist
        self._slack, self._ahead = slack, ahead
        self._upper: float | None = None
        self._lower = 0.0
        self._bend = self._shown = (0.0, 0.0)
        self._toward, self._turned = along, IDENTITY

    def solve(
        self,
        parent: Quaternion,
        upper: Vector,
        lower: Vector,
        end: Quaternion,
        lower_seen: bool,
        end_seen: bool,
        dt_s: float,
    ) -> list[Quaternion]:
        """Local rotations of the upper bone, the lower bone and what hangs at its end.

        parent, end: rotations in space. upper, lower: from joint to joint, of any length. lower_seen, end_seen: whether
        the lower bone and the end can be trusted. dt_s: seconds since the frame before, 0 at the first.
        """
        up = conjugate(parent)
        toward = unit(rotate(up, upper), self._along)
        swing = between(self._along, toward)
        up = difference(swing, up)  # from here in the axes of the bone swung, but not twisted
        way, end = unit(rotate(up, lower), self._along), multiply(up, end)
        on, ahead, aside = dot(way, self._along), dot(way, self._bends), dot(way, self._axis)
        moved = self._moved(toward)
        angle = self._follow(ahead, aside, on, moved, end, lower_seen, end_seen, dt_s)
        flexion = math.atan2(ahead * math.cos(angle) + aside * math.sin(angle), on)
        # Bent backwards is straight, but folded up past the limit it is at the limit.
        hinge = about(self._axis, self._hinge if flexion < -math.pi / 2 else clamp(flexion, 0.0, self._hinge))
        twist = about(self._along, angle)
        self._toward, self._turned = toward, multiply(swing, twist)
        rest = difference(multiply(twist, hinge), end)
        # A limb swung too far is brought back as a whole: its bends are those measured.
        upper_bone = multiply(limit(swing, self._swing), twist)
        if self._lower_twist is None:
            return [upper_bone, hinge, rest]
        roll = self._roll(2 * math.atan2(dot(rest[:3], self._along), rest[3]), end_seen, dt_s)
        return [upper_bone, multiply(hinge, roll), difference(roll, rest)]

    def _moved(self, toward: Vector) -> float:
        """How far the twist changes when the bone goes from where it was to `toward` without turning about itself.

        Twist is counted from the shortest arc from the T-pose; between two other directions the shortest arc has some.
        """
        if self._upper is None:
            return 0.0
        carried = multiply(between(self._toward, toward), self._turned)
        return wrap(2 * math.atan2(dot(carried[:3], self._along), carried[3]) - self._upper)

    def _follow(
        self,
        ahead: float,
        aside: float,
        on: float,
        moved: float,
        end: Quaternion,
        lower_seen: bool,
        end_seen: bool,
        dt_s: float,
    ) -> float:
        """The twist of the upper bone: as the limb bends where it is bent, the last good one where it isn't.

        ahead, aside, on: direction of the lower part, in the axes of the upper one swung but not twisted. moved: what
        `_moved` gave. end: rotation in the axes of `ahead`.
        """
        shown = rotate(end, _AHEAD)
        facing = (dot(shown, self._bends), dot(shown, self._axis))
        if self._upper is None:
            self._bend, self._shown = (ahead, aside), facing
            # In one frame noise can't be told from a bend; a little bent limb shows its twist in the next ones.
            bent = lower_seen and math.atan2(math.hypot(ahead, aside), on) > BENT
            self._upper = _nearest(math.atan2(aside, ahead), self._twist) if bent else 0.0
            return self._upper
        bend = 0.0
        if lower_seen:
            blend = share_of(dt_s, BEND_TAU_S)
            x, y = self._bend
            self._bend = x, y = x + blend * (ahead - x), y + blend * (aside - y)
            bend = math.atan2(math.hypot(x, y), on)
        trust = _trust(bend)
        # A bent limb moves on without turning about itself until it shows otherwise. A straight one shows nothing: were
        # it to move on so, it would come back from a circle turned by as much as the circle is wide.
        step = clamp(2 * bend / STRAIGHT - 1, 0.0, 1.0) * moved
        if trust > 0.0:
            tau_s = TWIST_TAU_S / math.tan(bend) ** 2 if bend < math.pi / 2 else 0.0
            goal = _nearest(math.atan2(aside, ahead), self._twist)
            step += trust * share_of(dt_s, tau_s) * (goal - self._upper - step)
        if end_seen:
            blend = share_of(dt_s, BEND_TAU_S)
            x, y = self._shown
            self._shown = x, y = x + blend * (facing[0] - x), y + blend * (facing[1] - y)
            if trust < 1.0 and x * x + y * y > CLEAR**2:
                step += (1 - trust) * share_of(dt_s, EASE_S) * self._over(self._upper)
        most = MAX_TWIST_RATE * dt_s
        self._upper = clamp(self._upper + clamp(step, -most, most), *self._twist)
        return self._upper

    def _over(self, twist: float) -> float:
        """How far hand or foot are turned against a limb of that twist beyond what gives way."""
        x, y = self._shown
        off = _nearest(math.atan2(self._ahead * y, self._ahead * x), self._twist) - twist
        return off - clamp(off, -self._slack, self._slack)

    def _roll(self, measured: float, end_seen: bool, dt_s: float) -> Quaternion:
        """The rotation of the lower bone about itself."""
        assert self._lower_twist is not None
        if end_seen:
            step = _nearest(wrap(measured), self._lower_twist) - self._lower
            most = MAX_TWIST_RATE * dt_s if dt_s else math.pi
            self._lower = clamp(self._lower + clamp(step, -most, most), *self._lower_twist)
        return about(self._along, self._lower)


def _nearest(angle: float, limits: Range) -> float:
    """The angle in [-pi, pi) brought within limits, to the nearer one round the circle.

    A joint doesn't turn through the gap between its limits: the way to an angle beyond it leads back.
    """
    low, high = limits
    if low <= angle <= high:
        return angle
    return low if abs(wrap(angle - low)) < abs(wrap(angle - high)) else high


def _trust(bend: float) -> float:
    return clamp((bend - STRAIGHT) / (BENT - STRAIGHT), 0.0, 1.0)
