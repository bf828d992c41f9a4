"""Frames that can't be: a trunk without breadth, or one that is suddenly the other way round.

A network that takes a person's front for the back swaps left and right, and a filter that eases from the one to the
other lets them run through each other: for a few frames the lines between them point anywhere. None of such a frame is
believed, as every bone hangs on the trunk; but what goes on for too long is no accident.
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

from streamer.solver.frames import HIPS, SHOULDERS
from streamer.solver.hold import HIDDEN
from streamer.solver.single import Places, Vector, between_points, dot, plus, unit

LEAST_BREADTH: Final = 0.45
"""Part of a person's breadth at hips and shoulders below which a frame isn't believed ..."""
NARROW_S: Final = 0.5
""" ... until it has been so for this long: another person, or a view from where a network sees no better."""
TURN_RATE: Final = 4 * math.pi
"""Radians a second that a trunk turns at most: twice round, a dancer's pirouette ..."""
SLACK: Final = math.radians(30.0)
""" ... and beyond that, for noise."""
MEMORY_S: Final = 0.2
"""How far back a trunk's turn is looked at: one that a filter eases is none too fast from frame to frame."""
TURNED_S: Final = 1.0
"""A trunk that is the other way round is believed when it was so for this much longer than it was not. So the side that
a network sees more often wins, and stays."""


class Doubt:
    """What was believed of one person's trunk."""

    def __init__(self) -> None:
        self._believed: deque[tuple[float, Vector]] = deque()  # seconds of belief, and the line from right to left
        self._clock_s = 0.0
        self._trust_s = 0.0
        self._narrow_s = 0.0

    def believe(
        self, places: Places, visibility: Sequence[float], hips_m: float, shoulders_m: float, dt_s: float
    ) -> bool:
        """Whether a frame can be. Call once a frame.

        places, visibility: of the 33 landmarks; hidden ones say nothing here. hips_m, shoulders_m: how far apart this
        person's hips and shoulders are, 0 where that isn't known yet. dt_s: seconds since the frame before.
        """
        hips, shoulders = (_line(places, visibility, pair) for pair in (HIPS, SHOULDERS))
        if hips is None and shoulders is None:
            return True
        if _narrow(hips, hips_m) or _narrow(shoulders, shoulders_m):
            self._narrow_s += dt_s
            if self._narrow_s <= NARROW_S:
                return False
        else:
            self._narrow_s = 0.0
        across = unit(plus(hips or (0.0, 0.0, 0.0), shoulders or (0.0, 0.0, 0.0)), (1.0, 0.0, 0.0))
        now_s = self._clock_s + dt_s  # time stands still while nothing is believed
        if any(dot(across, line) < _least_cosine(now_s - seen_s) for seen_s, line in self._believed):
            self._trust_s -= dt_s
            if self._trust_s > 0.0:
                return False
            self._believed.clear()
            self._trust_s = TURNED_S
        else:
            self._trust_s = min(self._trust_s + dt_s, TURNED_S)
        self._clock_s = now_s
        self._believed.append((now_s, across))
        while now_s - self._believed[0][0] > MEMORY_S:
            self._believed.popleft()
        return True


def _least_cosine(age_s: float) -> float:
    """Of the angle by which the line may have turned in that time."""
    return math.cos(min(SLACK + TURN_RATE * age_s, math.pi)) - 1e-9


def _line(places: Places, visibility: Sequence[float], pair: Sequence[int]) -> Vector | None:
    """From the right landmark of a pair to the left one, where both are seen."""
    left, right = pair
    return between_points(places[right], places[left]) if min(visibility[left], visibility[right]) >= HIDDEN else None


def _narrow(line: Vector | None, usual_m: float) -> bool:
    return line is not None and dot(line, line) < (LEAST_BREADTH * usual_m) ** 2
