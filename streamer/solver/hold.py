"""Bones that aren't seen keep still, and come back without a jump.

A bone whose landmarks are hidden keeps its last rotation for HOLD_S and then eases to its pose at rest; after REST_S it
is there. In frames that aren't believed (doubt.py) all bones keep their last rotation. When a bone is seen again it
eases back to what is measured within RETURN_S.

Bones are settled from the hips outward, each before what hangs on it is solved: so a hand goes on pointing where it was
measured while the hips below it are held.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES
from streamer.solver.frames import MARK
from streamer.solver.kinematics import INDEX
from streamer.solver.quaternion import Array
from streamer.solver.single import IDENTITY, Quaternion, about, share_of, slerp

HIDDEN: Final = 0.3
"""A bone is held when a landmark that it needs is less visible than this ..."""
VISIBLE: Final = 0.5
"""... until all are more visible than this."""
HOLD_S: Final = 0.5
REST_S: Final = 2.0
RETURN_S: Final = 0.25
_EASE_S: Final = (REST_S - HOLD_S) / 5  # five time constants are 99.3 per cent of the way

REST_POSE: Final[list[Quaternion]] = [IDENTITY] * len(BONES)
"""Of all bones: the T-pose, but with arms that hang."""
REST_POSE[INDEX["leftUpperArm"]] = about((0.0, 0.0, 1.0), math.radians(-75))
REST_POSE[INDEX["rightUpperArm"]] = about((0.0, 0.0, 1.0), math.radians(75))


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
        self.seen = [False] * len(BONES)
        """Which bones are measured in this frame."""
        self._hidden: NDArray[np.bool_] | None = None
        self._clear = True
        self._dt_s = 0.0
        self._pose = list(REST_POSE)
        self._hidden_s = [math.inf] * len(BONES)  # never seen yet
        self._back = [1.0] * len(BONES)  # 0 just seen again, 1 wholly back

    def look(self, visibility: Array, dt_s: float, clear: bool = True) -> None:
        """Note which bones are seen, by the visibility (33,) of the landmarks. Call once a frame, before `settle`.

        dt_s: seconds since the frame before. clear: False where landmarks contradict each other, so that none of them
        can be trusted in this frame.
        """
        unclear = (visibility < VISIBLE) @ _NEEDS.T
        self._hidden = unclear if self._hidden is None else (visibility < HIDDEN) @ _NEEDS.T | (self._hidden & unclear)
        self._clear, self._dt_s = clear, dt_s
        self.seen = (~self._hidden).tolist() if clear else [False] * len(BONES)

    def settle(self, bone: int, measured: Quaternion, rest: Quaternion | None = None) -> Quaternion:
        """The rotation of a bone in this frame: `measured` where it is seen, else the one it keeps or eases to.

        rest: what it eases to instead of its pose at rest.
        """
        if self.seen[bone]:
            self._hidden_s[bone] = 0.0
            if self._back[bone] < 1.0:
                self._back[bone] = share = min(self._back[bone] + self._dt_s / RETURN_S, 1.0)
                measured = slerp(self._pose[bone], measured, share)
            self._pose[bone] = measured
            return measured
        self._back[bone] = 0.0
        assert self._hidden is not None
        if self._clear and self._hidden[bone]:
            self._hidden_s[bone] += self._dt_s
            if self._hidden_s[bone] > HOLD_S:
                share = share_of(self._dt_s, _EASE_S) if self._hidden_s[bone] < math.inf else 1.0
                self._pose[bone] = slerp(self._pose[bone], REST_POSE[bone] if rest is None else rest, share)
        return self._pose[bone]
