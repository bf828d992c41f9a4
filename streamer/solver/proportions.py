"""How long a person's bones are: a running robust estimate, left and right alike.

Each segment is the median of what was measured over the last samples. What is in use stays as it is, so that the body
has bones of constant length, until the median has gone over CHANGE away from it; then it glides there. In the first
SETTLE_S of a person it follows the median all the time.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import REST
from streamer.solver.frames import HIPS, MARK, SHOULDERS, across, middle
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import Array

SAMPLES: Final = 60
SAMPLE_S: Final = 0.1
"""Time between two samples once settled, so that the window is six seconds."""
SETTLE_S: Final = 1.0
CHANGE: Final = 0.04
GLIDE_S: Final = 0.3
LEAST_BREADTH: Final = 0.45
"""Part of a person's breadth at hips and shoulders below which a frame isn't believed."""
DOUBT_S: Final = 0.5
"""What goes on for longer than this is no such accident, but another person or another view."""
TRUSTED: Final = 0.5
"""A segment is measured only when both its ends are more visible than this."""

_SEGMENTS: Final = {  # name: pairs of landmarks, measured alike
    "hips": (("left_hip", "right_hip"),),
    "shoulders": (("left_shoulder", "right_shoulder"),),
    "upper arm": (("left_shoulder", "left_elbow"), ("right_shoulder", "right_elbow")),
    "forearm": (("left_elbow", "left_wrist"), ("right_elbow", "right_wrist")),
    "thigh": (("left_hip", "left_knee"), ("right_hip", "right_knee")),
    "shank": (("left_knee", "left_ankle"), ("right_knee", "right_ankle")),
}
PAIRS: Final = np.array([[MARK[a], MARK[b]] for pairs in _SEGMENTS.values() for a, b in pairs])
_OWNER: Final = np.array([n for n, pairs in enumerate(_SEGMENTS.values()) for _ in pairs])
_TRUNK: Final = len(_SEGMENTS)
_COUNT: Final = len(_SEGMENTS) + 1

_REST: Final[Array] = np.array(REST)


def _template() -> tuple[Array, NDArray[np.intp]]:
    """(7,) lengths in the T-pose of skeleton.json, and the segment (B,) by which each bone's offset is scaled."""
    ends = {"upper arm": "leftLowerArm", "forearm": "leftHand", "thigh": "leftLowerLeg", "shank": "leftFoot"}
    lengths = [2 * _REST[INDEX["leftUpperLeg"], 0]]
    lengths.append(2 * (_REST[INDEX["leftShoulder"], 0] + _REST[INDEX["leftUpperArm"], 0]))
    lengths += [float(np.abs(_REST[INDEX[bone]]).sum()) for bone in ends.values()]
    lengths.append(float(sum(_REST[INDEX[bone], 1] for bone in ("spine", "chest", "leftShoulder"))))
    owner = np.full(len(_REST), _TRUNK)
    names = list(_SEGMENTS)
    for bone, index in INDEX.items():
        part = bone.removeprefix("left").removeprefix("right")
        segment = {
            "UpperLeg": "hips",
            "UpperArm": "shoulders",
            "LowerArm": "upper arm",
            "Hand": "forearm",
            "LowerLeg": "thigh",
            "Foot": "shank",
        }.get(part)
        if segment is not None:
            owner[index] = names.index(segment)
    return np.array(lengths), owner


TEMPLATE, _BONE_OWNER = _template()
SOLE_M: Final = float(_REST[0, 1] + _REST[INDEX["leftLowerLeg"], 1] + _REST[INDEX["leftFoot"], 1])
"""From the ankle down to the floor, of the leg of skeleton.json."""


class Proportions:
    """One person's bone lengths."""

    def __init__(self) -> None:
        self.rest: Array = _REST
        """(B, 3): offset of each bone from its parent in the T-pose, metres."""
        self._samples = np.full((SAMPLES, _COUNT), np.nan)
        self._next = 0
        self._age_s = self._since_s = 0.0
        self._lengths: Array = np.zeros(_COUNT)  # nobody yet, so any will do
        self._goal: Array = TEMPLATE
        self._gliding = False
        self._doubted_s = 0.0

    def plausible(self, points: Array, dt_s: float) -> bool:
        """Whether hips and shoulders are as far apart as this person's can be, or have not been for DOUBT_S.

        A network that takes a person's back for its front, and a filter that eases from the one to the other, let left
        and right run through each other: for a few frames the lines between them point anywhere.
        """
        hips, shoulders = across(points, HIPS), across(points, SHOULDERS)
        least = LEAST_BREADTH**2 * self._lengths[:2] ** 2
        if hips @ hips >= least[0] and shoulders @ shoulders >= least[1]:
            self._doubted_s = 0.0
            return True
        self._doubted_s += dt_s
        return self._doubted_s > DOUBT_S

    def update(self, points: Array, visibility: Array, dt_s: float) -> Array:
        """`rest` after another frame: points (33, 3) in metres and their visibility (33,)."""
        self._age_s += dt_s
        self._since_s += dt_s
        first = self._next == 0
        if first or self._age_s < SETTLE_S or self._since_s >= SAMPLE_S:
            self._since_s = 0.0
            self._add(points, visibility)
        if self._gliding:
            blend = 1.0 if first else 1 - math.exp(-dt_s / GLIDE_S)
            self._lengths = self._lengths + blend * (self._goal - self._lengths)
            if self._age_s >= SETTLE_S and bool(np.all(np.abs(self._lengths - self._goal) < CHANGE / 40 * self._goal)):
                self._lengths, self._gliding = self._goal, False
            self.rest = self._offsets()
        return self.rest

    def _add(self, points: Array, visibility: Array) -> None:
        spans = points[PAIRS[:, 0]] - points[PAIRS[:, 1]]
        weights = np.where(visibility[PAIRS].min(axis=1) > TRUSTED, 1.0, 0.0)
        lengths = np.sqrt(np.einsum("ij,ij->i", spans, spans)) * weights
        sample = self._samples[self._next % SAMPLES]
        count = np.bincount(_OWNER, weights, _COUNT)
        sample[:] = np.where(count > 0, np.bincount(_OWNER, lengths, _COUNT) / np.maximum(count, 1), np.nan)
        spine = middle(points, SHOULDERS) - middle(points, HIPS)
        if visibility[[*SHOULDERS, *HIPS]].min() > TRUSTED:
            sample[_TRUNK] = math.sqrt(float(spine @ spine))
        self._next += 1
        median = _median(self._samples[: min(self._next, SAMPLES)])
        # Nobody is measured yet where a segment was never seen: it keeps the proportion of the book to the trunk.
        known = np.isfinite(median)
        scale = float(np.nanmedian(median / TEMPLATE)) if known.any() else 1.0
        median = np.where(known, median, TEMPLATE * scale).clip(0.02, 2.0)
        if self._age_s < SETTLE_S or bool(np.any(np.abs(median - self._lengths) > CHANGE * self._lengths)):
            self._goal, self._gliding = median, True

    def _offsets(self) -> Array:
        scale = self._lengths / TEMPLATE
        rest = _REST * scale[_BONE_OWNER][:, None]
        thigh, shank = self._lengths[list(_SEGMENTS).index("thigh")], self._lengths[list(_SEGMENTS).index("shank")]
        rest[0, 1] = thigh + shank + SOLE_M * scale[list(_SEGMENTS).index("shank")]
        return rest


def _median(samples: Array) -> Array:
    """The median of each column, NaN where it holds nothing else. np.nanmedian takes five times as long."""
    ordered = np.sort(samples, axis=0)  # NaN last
    count = np.isfinite(samples).sum(axis=0)
    columns = np.arange(samples.shape[1])
    low, high = (
        ordered[np.maximum(count - 1, 0) // 2, columns],
        ordered[np.minimum(count // 2, len(samples) - 1), columns],
    )
    return np.where(count > 0, (low + high) / 2, np.nan)
