"""The humanoid that bones turn, and its forward kinematics; in the axes of the wire."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .quaternion import multiply, rotate


@dataclass(frozen=True, slots=True)
class BoneTree:
    """Bones with VRM 1.0 names, each parent's index (-1: none; parents come first) and rest offsets in metres.

    `rest` is each bone's offset from its parent in the T-pose facing +Z; of the hips from the floor.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    rest: tuple[tuple[float, float, float], ...]

    def forward(
        self, bones: ArrayLike, rest: ArrayLike | None = None, root: ArrayLike | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Forward kinematics: each bone's rotation in space (B x 4: x, y, z, w) and joint position (B x 3, metres).

        bones: B x 4 local rotations. rest: B x 3, by default those of this tree. root: where the hips are; by default
        where they rest.
        """
        local = np.asarray(bones, np.float64)
        offsets = np.asarray(self.rest if rest is None else rest, np.float64)
        rotations = np.empty((len(self.names), 4))
        positions = np.empty((len(self.names), 3))
        for bone, parent in enumerate(self.parents):
            if parent < 0:
                rotations[bone] = local[bone]
                positions[bone] = offsets[bone] if root is None else np.asarray(root, np.float64)
            else:
                rotations[bone] = multiply(rotations[parent], local[bone])
                positions[bone] = positions[parent] + rotate(rotations[parent], offsets[bone])
        return rotations, positions
