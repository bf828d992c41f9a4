"""Frames that can't be: a trunk without breadth, or one that faces the other way from one frame to the next.

A network that takes a person's front for the back swaps left and right, and a filter that eases from the one to the
other lets them run through each other: for a few frames the lines between them point anywhere. None of such a frame is
believed, as every bone hangs on the trunk; but what goes on for too long is no accident.
"""

import math
from typing import Final

from streamer.solver.frames import HIPS, SHOULDERS
from streamer.solver.single import Places, Vector, between_points, dot

LEAST_BREADTH: Final = 0.45
"""Part of a person's breadth at hips and shoulders below which a frame isn't believed ..."""
NARROW_S: Final = 0.5
""" ... until it has been so for this long: another person, or a view from where a network sees no better."""
TURN: Final = math.radians(100.0)
"""A trunk that has turned by more than this since the last frame that was believed is another way round ..."""
TURN_RATE: Final = 20.0
""" ... unless so much time has passed: radians a second, faster than dancers and skaters turn."""
TURNED_S: Final = 1.0
"""A trunk that stays the other way round for this long is believed ..."""
AWAY_S: Final = 5.0
""" ... and believed at once when it turns back as suddenly within this time."""


class Doubt:
    """What was believed of one person's trunk."""

    def __init__(self) -> None:
        self._across: Vector | None = None
        self._before: Vector | None = None  # what was believed before it was the other way round
        self._away_s = self._doubted_s = 0.0

    def believe(self, places: Places, hips_m: float, shoulders_m: float, dt_s: float) -> bool:
        """Whether a frame can be. Call once a frame.

        places: the 33 landmarks. hips_m, shoulders_m: how far apart this person's hips and shoulders are, 0 where that
        isn't known yet. dt_s: seconds since the frame before.
        """
        hips, shoulders = (between_points(places[right], places[left]) for left, right in (HIPS, SHOULDERS))
        across = (hips[0] + shoulders[0], hips[1] + shoulders[1], hips[2] + shoulders[2])
        self._doubted_s += dt_s
        self._away_s += dt_s
        if self._away_s > AWAY_S:
            self._before = None
        turned = _turned(self._across, across, dt_s)
        back = turned and self._before is not None and not _turned(self._before, across, dt_s)
        if turned and not back:
            if self._doubted_s <= TURNED_S:
                return False
            self._before, self._away_s = self._across, 0.0
        elif _narrow(hips, hips_m) or _narrow(shoulders, shoulders_m):
            if self._doubted_s <= NARROW_S:
                return False
        else:
            self._doubted_s = 0.0
        if back:
            self._before = None
        self._across = across
        return True


def _turned(before: Vector | None, across: Vector, dt_s: float) -> bool:
    """Whether the line from right to left has turned by more than it can."""
    limit = max(TURN, TURN_RATE * dt_s)
    if before is None or limit >= math.pi:
        return False
    return dot(across, before) < math.sqrt(dot(across, across) * dot(before, before)) * math.cos(limit)


def _narrow(line: Vector, usual_m: float) -> bool:
    return dot(line, line) < (LEAST_BREADTH * usual_m) ** 2
