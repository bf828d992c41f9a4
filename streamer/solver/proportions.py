"""How long a person's bones are: a running robust estimate, left and right alike.

Each segment is the median of what was measured over the last samples. What is in use stays as it is, so that the body
has bones of constant length, until the median has gone over CHANGE away from it; then it glides there. In the first
SETTLE_S of a person it follows the median all the time.
"""

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Final

import numpy as np

from protocol.skeleton import REST
from streamer.solver.frames import HIPS, MARK, SHOULDERS
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import Array
from streamer.solver.single import Places, clamp, middle, share_of

SAMPLES: Final = 60
SAMPLE_S: Final = 0.1
"""Time between two samples once settled, so that the window is six seconds."""
SETTLE_S: Final = 1.0
CHANGE: Final = 0.04
GLIDE_S: Final = 0.3
TRUSTED: Final = 0.5
"""A segment is measured only when both its ends are more visible than this."""
SHORTEST_M: Final = 0.02
LONGEST_M: Final = 2.0

SEGMENTS: Final = {  # pairs of landmarks, measured alike
    "hips": [HIPS],
    "shoulders": [SHOULDERS],
    "upper arm": [[MARK[f"{side}_shoulder"], MARK[f"{side}_elbow"]] for side in ("left", "right")],
    "forearm": [[MARK[f"{side}_elbow"], MARK[f"{side}_wrist"]] for side in ("left", "right")],
    "thigh": [[MARK[f"{side}_hip"], MARK[f"{side}_knee"]] for side in ("left", "right")],
    "shank": [[MARK[f"{side}_knee"], MARK[f"{side}_ankle"]] for side in ("left", "right")],
}
_HIPS, _SHOULDERS, _UPPER_ARM, _FOREARM, _THIGH, _SHANK = range(len(SEGMENTS))
_TRUNK: Final = len(SEGMENTS)
"""Of the lengths the last: from midway between the hips to midway between the shoulders."""
_SCALED_BY: Final = {
    "UpperLeg": _HIPS,
    "UpperArm": _SHOULDERS,
    "LowerArm": _UPPER_ARM,
    "Hand": _FOREARM,
    "LowerLeg": _THIGH,
    "Foot": _SHANK,
}
"""The segment by which a bone's offset is scaled; those of all others by the trunk."""
_OWNERS: Final = [_SCALED_BY.get(bone.removeprefix("left").removeprefix("right"), _TRUNK) for bone in INDEX]
_REST: Final[Array] = np.array(REST)


def _template() -> list[float]:
    lengths = [2 * _REST[INDEX["leftUpperLeg"], 0]]
    lengths.append(2 * (_REST[INDEX["leftShoulder"], 0] + _REST[INDEX["leftUpperArm"], 0]))
    lengths += [np.abs(_REST[INDEX[bone]]).sum() for bone in ("leftLowerArm", "leftHand", "leftLowerLeg", "leftFoot")]
    lengths.append(sum(_REST[INDEX[bone], 1] for bone in ("spine", "chest", "leftShoulder")))
    return [float(length) for length in lengths]


TEMPLATE: Final = _template()
"""Metres in the T-pose of skeleton.json, of the segments and the trunk."""
SOLE_M: Final = float(_REST[0, 1] + _REST[INDEX["leftLowerLeg"], 1] + _REST[INDEX["leftFoot"], 1])
"""From the ankle down to the floor, of the leg of skeleton.json."""


class Proportions:
    """One person's bone lengths."""

    def __init__(self) -> None:
        self.rest: Array = _REST
        """(B, 3): offset of each bone from its parent in the T-pose, metres."""
        self._windows = [_Window() for _ in TEMPLATE]
        self._first = True
        self._age_s = self._since_s = 0.0
        self._lengths = [0.0] * len(TEMPLATE)  # nobody yet
        self._goal = TEMPLATE
        self._gliding = False

    @property
    def hips_m(self) -> float:
        """How far the hips are apart, 0 before the first frame."""
        return self._lengths[_HIPS]

    @property
    def shoulders_m(self) -> float:
        """How far the shoulders are apart, 0 before the first frame."""
        return self._lengths[_SHOULDERS]

    def update(self, places: Places, visibility: Sequence[float], dt_s: float) -> Array:
        """`rest` after another frame: the 33 landmarks in metres and their visibility."""
        self._age_s += dt_s
        self._since_s += dt_s
        first, self._first = self._first, False
        if first or self._age_s < SETTLE_S or self._since_s >= SAMPLE_S:
            self._since_s = 0.0
            self._add(places, visibility)
        if self._gliding:
            blend = 1.0 if first else share_of(dt_s, GLIDE_S)
            self._lengths = [a + blend * (goal - a) for a, goal in zip(self._lengths, self._goal, strict=True)]
            if self._age_s >= SETTLE_S and all(
                abs(a - goal) < CHANGE / 40 * goal for a, goal in zip(self._lengths, self._goal, strict=True)
            ):
                self._lengths, self._gliding = self._goal, False
            self.rest = self._offsets()
        return self.rest

    def _add(self, places: Places, visibility: Sequence[float]) -> None:
        trusted = [value > TRUSTED for value in visibility]
        for window, pairs in zip(self._windows, SEGMENTS.values(), strict=False):
            found = [math.dist(places[a], places[b]) for a, b in pairs if trusted[a] and trusted[b]]
            window.add(sum(found) / len(found) if found else None)
        (hip, other_hip), (shoulder, other_shoulder) = ([places[mark] for mark in pair] for pair in (HIPS, SHOULDERS))
        trunk = math.dist(middle(hip, other_hip), middle(shoulder, other_shoulder))
        self._windows[_TRUNK].add(trunk if all(trusted[mark] for mark in (*HIPS, *SHOULDERS)) else None)
        lengths = [window.median() for window in self._windows]
        # Nobody is measured yet where a segment was never seen: it keeps the proportion of the book to the others.
        ratios = [length / usual for length, usual in zip(lengths, TEMPLATE, strict=True) if length is not None]
        scale = median(ratios) if ratios else 1.0
        goal = [
            clamp(usual * scale if length is None else length, SHORTEST_M, LONGEST_M)
            for length, usual in zip(lengths, TEMPLATE, strict=True)
        ]
        if self._age_s < SETTLE_S or any(
            abs(new - length) > CHANGE * length for new, length in zip(goal, self._lengths, strict=True)
        ):
            self._goal, self._gliding = goal, True

    def _offsets(self) -> Array:
        scale = np.array(self._lengths) / TEMPLATE
        rest = _REST * scale[_OWNERS][:, None]
        rest[0, 1] = self._lengths[_THIGH] + self._lengths[_SHANK] + SOLE_M * scale[_SHANK]
        return rest


class _Window:
    """The last samples of one length, those where it wasn't seen among them; kept in order too, for the median."""

    def __init__(self) -> None:
        self._samples: deque[float | None] = deque()
        self._ordered: list[float] = []

    def add(self, sample: float | None) -> None:
        self._samples.append(sample)
        if sample is not None:
            insort(self._ordered, sample)
        if len(self._samples) > SAMPLES:
            oldest = self._samples.popleft()
            if oldest is not None:
                del self._ordered[bisect_left(self._ordered, oldest)]

    def median(self) -> float | None:
        """None where it wasn't seen at all."""
        count = len(self._ordered)
        return (self._ordered[(count - 1) // 2] + self._ordered[count // 2]) / 2 if count else None
