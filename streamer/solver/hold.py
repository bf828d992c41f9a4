"""Bones that aren't seen keep still, and come back without a jump.

A bone whose landmarks are hidden keeps its last rotation for HOLD_S and then eases to its pose at rest; after REST_S it
is there. In frames that aren't believed (doubt.py) all bones keep their last rotation. When a bone is seen again it
eases back to what is measured within RETURN_S.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES
from streamer.solver.frames import MARK, Z
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import IDENTITY, Array, about, slerp

Flags = NDArray[np.bool_]

HIDDEN: Final = 0.3
"""A bone is held when a landmark that it needs is less visible than this ..."""
VISIBLE: Final = 0.5
"""... until all are more visible than this."""
HOLD_S: Final = 0.5
REST_S: Final = 2.0
RETURN_S: Final = 0.25
_EASE_S: Final = (REST_S - HOLD_S) / 5  # five time constants are 99.3 per cent of the way

REST_POSE: Final[Array] = np.tile(IDENTITY, (len(BONES), 1))
"""(B, 4): the T-pose, but with arms that hang."""
REST_POSE[INDEX["leftUpperArm"]] = about(Z, np.array(math.radians(-75)))
REST_POSE[INDEX["rightUpperArm"]] = about(Z, np.array(math.radians(75)))


def _needs() -> NDArray[np.bool_]:
    """(B, 33): the landmarks that show a bone. Along a limb a bone needs what the bones above it need."""
    needs = np.zeros((len(BONES), len(MARK)), bool)

    def need(bone: str, *marks: str) -> None:
        needs[INDEX[bone], [MARK[mark] for mark in marks]] = True

    for bone in ("hips", "spine"):
        need(bone, "left_hip", "right_hip", "left_shoulder", "right_shoulder")
    need("chest", "left_shoulder", "right_shoulder")
    for bone in ("neck", "head"):
        need(bone, "left_shoulder", "right_shoulder", "nose", "left_eye", "right_eye")
    for side in ("left", "right"):
        arm = [f"{side}_{part}" for part in ("shoulder", "elbow", "wrist", "index", "pinky")]
        need(f"{side}Shoulder", "left_shoulder", "right_shoulder")
        for bone, count in (("UpperArm", 2), ("LowerArm", 3), ("Hand", 5)):
            need(side + bone, *arm[:count])
        leg = [f"{side}_{part}" for part in ("hip", "knee", "ankle", "heel", "foot_index")]
        for bone, count in (("UpperLeg", 2), ("LowerLeg", 3), ("Foot", 5)):
            need(side + bone, *leg[:count])
    return needs


_NEEDS: Final = _needs()


class Hold:
    """One person's held bones."""

    def __init__(self) -> None:
        self.held: Flags | None = None
        """(B,): which bones are held."""
        self._clear = True
        self._pose: Array = REST_POSE
        self._hidden_s = np.full(len(BONES), np.inf)
        self._back = np.zeros(len(BONES))  # 0 just seen again, 1 wholly back

    def look(self, visibility: Array, clear: bool = True) -> Flags:
        """(B,): which bones are seen, by the visibility (33,) of the landmarks. Call once a frame, before `apply`.

        clear: False where landmarks contradict each other, so that none of them can be trusted in this frame.
        """
        self._clear = clear
        hidden, unclear = (visibility < HIDDEN) @ _NEEDS.T, (visibility < VISIBLE) @ _NEEDS.T
        if self.held is None:
            self.held = unclear
            self._back[:] = 1.0
        else:
            self.held = hidden | (self.held & unclear)
        if not clear:
            self.held[:] = True
        return ~self.held

    def apply(self, bones: Array, dt_s: float) -> Array:
        """(B, 4): the measured rotations where bones are seen, held ones elsewhere, and ways between."""
        assert self.held is not None
        held = self.held
        if not held.any() and self._back.min() >= 1.0:
            self._pose = bones
            self._hidden_s[:] = 0.0
            return bones
        if self._clear:
            self._hidden_s = np.where(held, self._hidden_s + dt_s, 0.0)
        self._back = np.where(held, 0.0, np.minimum(self._back + dt_s / RETURN_S, 1.0))
        ease = np.where(self._hidden_s > HOLD_S, 1 - math.exp(-dt_s / _EASE_S), 0.0)
        target = np.where(held[:, None], REST_POSE, bones)
        self._pose = slerp(self._pose, target, np.where(held, ease, self._back)[:, None])
        return self._pose
