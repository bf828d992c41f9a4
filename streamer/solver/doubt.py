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
"""A trunk that stays the other way round for this long is believed."""


class Doubt:
    """What was believed of one person's trunk."""

    def __init__(self) -> None:
        self._across: Vector | None = None
        self._doubted_s = 0.0

    def believe(self, places: Places, hips_m: float, shoulders_m: float, dt_s: float) -> bool:
        """Whether a frame can be. Call once a frame.

        places: the 33 landmarks. hips_m, shoulders_m: how far apart this person's hips and shoulders are, 0 where that
        isn't known yet. dt_s: seconds since the frame before.
        """
        hips, shoulders = (between_points(places[right], places[left]) for left, right in (HIPS, SHOULDERS))
        across = (hips[0] + shoulders[0], hips[1] + shoulders[1], hips[2] + shoulders[2])
        self._doubted_s += dt_s
        if self._turned(across, dt_s):
            if self._doubted_s <= TURNED_S:
                return False
        elif _narrow(hips, hips_m) or _narrow(shoulders, shoulders_m):
            if self._doubted_s <= NARROW_S:
                return False
        else:
            self._doubted_s = 0.0
        self._across = across
        return True

    def _turned(self, across: Vector, dt_s: float) -> bool:
        if self._across is None:
            return False
        lengths = math.sqrt(dot(across, across) * dot(self._across, self._across))
        limit = max(TURN, TURN_RATE * dt_s)
        return limit < math.pi and dot(across, self._across) < lengths * math.cos(limit)


def _narrow(line: Vector, usual_m: float) -> bool:
    return dot(line, line) < (LEAST_BREADTH * usual_m) ** 2
