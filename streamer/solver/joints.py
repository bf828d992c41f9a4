"""Local rotations of all bones from the landmarks of one frame.

Spine and chest share the turn and the side bend between pelvis and shoulders in equal parts, neck and head that
between shoulders and face. How far a back is bent forward can't be seen from hips and shoulders alone: the pelvis leans
with the trunk. One landmark a shoulder doesn't show how the shoulder bone turns: it stays at rest.

An arm or leg swings along the shortest arc from its direction in the T-pose, in its parent's axes, and is then twisted
about itself until the elbow or knee bends the way it does. A forearm is twisted as far as the hand shows; what is left
is the hand's own swing.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES, REST
from streamer.solver import frames, limits
from streamer.solver.frames import MARK, X, Y, Z
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import (
    IDENTITY,
    Array,
    about,
    between,
    conjugate,
    from_axes,
    multiply,
    rotate,
    slerp,
    unit,
)

Flags = NDArray[np.bool_]

UPPER: Final = [INDEX[n] for n in ("leftUpperArm", "rightUpperArm", "leftUpperLeg", "rightUpperLeg")]
LOWER: Final = [INDEX[n] for n in ("leftLowerArm", "rightLowerArm", "leftLowerLeg", "rightLowerLeg")]
ENDS: Final = [INDEX[n] for n in ("leftHand", "rightHand", "leftFoot", "rightFoot")]

ALONG: Final[Array] = np.array([X, -X, -Y, -Y])
"""Where the four limbs (left arm, right arm, left leg, right leg) point in the T-pose."""
BENDS: Final[Array] = np.array([Z, Z, -Z, -Z])
"""Where forearm and shank go when elbow and knee bend, in the T-pose."""
HINGE_AXES: Final[Array] = np.cross(ALONG, BENDS)

STRAIGHT: Final = math.radians(10.0)
"""A limb bent by less says nothing of its twist ..."""
BENT: Final = math.radians(30.0)
""" ... one bent by more says all. Between the two it counts in part, so that nothing flips."""
EASE_S: Final = 0.5
"""Time constant with which the held twist of a straight limb follows the hand or foot."""
SLACK: Final[Array] = np.radians([80.0, 80.0, 15.0, 15.0])
"""How far hand and foot may be turned against a straight limb before they turn it along: the forearm gives way, a
straight knee hardly does."""
MAX_TWIST_RATE: Final = 20.0
"""Radians a second that a twist follows at most."""

_POINTS: Final = np.array(
    [
        [MARK[f"{side}_{name}"] for name in names]
        for names in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
        for side in ("left", "right")
    ]
)
_SPINE, _CHEST, _TO_SHOULDERS = (np.array(REST[INDEX[n]]) for n in ("spine", "chest", "leftShoulder"))
_TO_SHOULDERS[0] = 0.0  # the middle of the line of the shoulders, seen from the chest


class Joints:
    """One person's joints: remembers only the twists of the limbs."""

    def __init__(self) -> None:
        self._twists: Array | None = None  # (6,): upper arms, upper legs, forearms

    def solve(self, points: Array, seen: Flags, dt_s: float) -> Array:
        """(B, 4) local rotations within the limits of limits.py.

        points: (33, 3) landmarks in metres, axes of `world`. seen: (B,) bones whose landmarks can be trusted. dt_s:
        seconds since the frame before, 0 at the first.
        """
        bones = np.tile(IDENTITY, (len(BONES), 1))
        axes = np.concatenate([frames.head(points)[None], frames.hands(points), frames.feet(points)])
        ends = from_axes(axes)
        hips, bend = _trunk(points, bool(seen[INDEX["hips"]]))
        chest = multiply(hips, multiply(bend, bend))
        nod = slerp(IDENTITY, multiply(conjugate(chest), ends[0]), 0.5)
        bones[INDEX["hips"]] = hips
        bones[[INDEX["spine"], INDEX["chest"]]] = bend
        bones[[INDEX["neck"], INDEX["head"]]] = nod
        self._limbs(bones, points, np.array([chest, chest, hips, hips]), ends[1:], seen, dt_s)
        return limits.limit_bones(bones)

    def _limbs(self, bones: Array, points: Array, parents: Array, ends: Array, seen: Flags, dt_s: float) -> None:
        up = conjugate(parents)
        start, joint, end = points[_POINTS[:, 0]], points[_POINTS[:, 1]], points[_POINTS[:, 2]]
        swing = limits.limit_swing(between(ALONG, unit(rotate(up, joint - start), ALONG)))
        up = multiply(conjugate(swing), up)  # from here in the axes of the limb, swung but not twisted
        lower = rotate(up, unit(end - joint, ALONG))
        ahead, aside = np.einsum("ij,ij->i", lower, BENDS), np.einsum("ij,ij->i", lower, HINGE_AXES)
        on = np.einsum("ij,ij->i", lower, ALONG)
        turned = multiply(up, ends)
        twists = self._update_upper(np.hypot(ahead, aside), on, np.arctan2(aside, ahead), turned, seen, dt_s)
        flexion = np.arctan2(ahead * np.cos(twists) + aside * np.sin(twists), on)
        hinge = about(HINGE_AXES, np.where(flexion < -np.pi / 2, limits.HINGES, flexion.clip(0.0, limits.HINGES)))
        bones[UPPER] = multiply(swing, about(ALONG, twists))
        left = multiply(conjugate(multiply(about(ALONG, twists), hinge)), turned)
        pronation = self._update_forearms(left[:2], seen, dt_s)
        bones[LOWER] = hinge
        bones[LOWER[:2]] = multiply(hinge[:2], pronation)
        bones[ENDS[:2]] = multiply(conjugate(pronation), left[:2])
        bones[ENDS[2:]] = left[2:]

    def _update_upper(
        self, sine: Array, cosine: Array, measured: Array, ends: Array, seen: Flags, dt_s: float
    ) -> Array:
        """(4,) twists of upper arms and legs."""
        low, high = limits.TWIST_RANGES[:4].T
        bend = np.arctan2(sine, cosine)
        # The hand's index side lies where the elbow bends to, toes point away from where the knee does.
        shown = rotate(ends, Z) * _AHEAD
        hint = np.arctan2(np.einsum("ij,ij->i", shown, HINGE_AXES), np.einsum("ij,ij->i", shown, BENDS))
        if self._twists is None:
            start = np.where(seen[LOWER] & (bend > STRAIGHT), measured, 0.0)
            self._twists = np.concatenate([start.clip(low, high), [0.0, 0.0]])
        old = self._twists[:4]
        trust = np.where(seen[LOWER], ((bend - STRAIGHT) / (BENT - STRAIGHT)).clip(0.0, 1.0), 0.0)
        beyond = _wrap(hint - old)
        beyond = beyond - beyond.clip(-SLACK, SLACK)
        ease = np.where(seen[ENDS], 1 - math.exp(-dt_s / EASE_S), 0.0)
        step = trust * _wrap(measured - old) + (1 - trust) * ease * beyond
        new = (old + step.clip(-MAX_TWIST_RATE * dt_s, MAX_TWIST_RATE * dt_s) if dt_s else old).clip(low, high)
        self._twists[:4] = new
        return new

    def _update_forearms(self, left: Array, seen: Flags, dt_s: float) -> Array:
        """(2, 4) rotations of the forearms about themselves, of what elbow and hand leave between them."""
        assert self._twists is not None
        low, high = limits.TWIST_RANGES[4:].T
        along = ALONG[:2]
        measured = 2 * np.arctan2(np.einsum("ij,ij->i", left[:, :3], along), left[:, 3])
        old = self._twists[4:]
        step = np.where(seen[ENDS[:2]], _wrap(measured - old), 0.0)
        if dt_s:
            step = step.clip(-MAX_TWIST_RATE * dt_s, MAX_TWIST_RATE * dt_s)
        self._twists[4:] = (old + step).clip(low, high)
        return about(along, self._twists[4:])


_AHEAD: Final[Array] = np.array([[1.0], [1.0], [-1.0], [-1.0]])


def _wrap(angle: Array) -> Array:
    """The same angle in [-pi, pi)."""
    return (angle + np.pi) % (2 * np.pi) - np.pi


def _trunk(points: Array, hips_seen: bool) -> tuple[Array, Array]:
    """Rotations of the hips, and of spine and of chest, which are the same.

    The line of the hips and the line of the shoulders are met exactly; leaning is left to the hips. Where the hips
    aren't seen, they stand upright under the shoulders.
    """
    shoulders = frames.across(points, frames.SHOULDERS)
    if not hips_seen:
        level = unit(shoulders * [1.0, 0.0, 1.0], X)
        return from_axes(np.stack([level, Y, np.cross(level, Y)], axis=-1)), IDENTITY
    axes = frames.pelvis(points)
    line = unit(shoulders, X)
    for _ in range(2):  # side bend and turn together lean the trunk a little; the second round leaves below 0.1 degree
        bend = slerp(IDENTITY, between(X, axes.T @ line), 0.5)
        shape = _SPINE + rotate(bend, _CHEST + rotate(bend, _TO_SHOULDERS))
        axes = frames.pelvis(points) @ _about_x(-math.atan2(shape[2], shape[1]))
    return from_axes(axes), bend


def _about_x(angle: float) -> Array:
    sine, cosine = math.sin(angle), math.cos(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, cosine, -sine], [0.0, sine, cosine]])
