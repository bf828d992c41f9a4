"""The last step to a body: feet that stand don't slide, and signs are continuous."""

from typing import Final

import numpy as np

from protocol.skeleton import BONES
from streamer.body import Body
from streamer.solver.contact import FootLock
from streamer.solver.kinematics import INDEX
from streamer.solver.measure import Measured
from streamer.solver.quaternion import IDENTITY, Array
from streamer.solver.single import Vector

_NO_TURNS: Final = np.tile(IDENTITY, (len(BONES), 1)).astype(np.float32)
_FEET: Final = [INDEX["leftFoot"], INDEX["rightFoot"]]


class Stander:
    """Of one person."""

    def __init__(self) -> None:
        self._feet = FootLock()
        self._turns = _NO_TURNS

    def stand(self, measured: Measured, bones: Array, root: Vector, rest: Array) -> Body:
        """The body of the next frame.

        measured: what the frame says. bones, root, rest: (B, 4), the hips' place, (B, 3): the rotations, place and
        bone lengths to go by, smoothed or not.
        """
        if measured.clear:
            shown = [measured.seen[foot] for foot in _FEET]
            self._feet.look(
                measured.places, measured.visibility, measured.plane, root, measured.focal, shown, measured.dt_s
            )
        else:
            self._feet.look_away()
        bones, root = self._feet.apply(bones, root, rest, measured.dt_s)
        assert self._feet.floor is not None
        turns = bones.astype(np.float32)
        turns[np.einsum("bi,bi->b", turns, self._turns) < 0] *= -1
        self._turns = turns
        return Body(
            turns,
            np.array(root, np.float32),
            self._feet.floor,
            rest.astype(np.float32),
            tuple(bone for bone, is_seen in enumerate(measured.seen) if not is_seen),
            (self._feet.contact[0], self._feet.contact[1]),
        )
