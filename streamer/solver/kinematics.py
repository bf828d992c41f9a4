"""Forward kinematics of the humanoid of protocol/skeleton.json."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES, PARENTS
from streamer.solver.quaternion import Array, matrix

INDEX: Final = {name: index for index, name in enumerate(BONES)}
"""Index of each bone by name."""


def _levels() -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """(bones, their parents) by depth: a level at a time costs as much as a bone at a time."""
    depth = [0] * len(BONES)
    for bone, parent in enumerate(PARENTS):
        depth[bone] = depth[parent] + 1 if parent >= 0 else 0
    levels = []
    for level in range(1, max(depth) + 1):
        bones = [bone for bone in range(len(BONES)) if depth[bone] == level]
        levels.append((np.array(bones), np.array([PARENTS[bone] for bone in bones])))
    return levels


LEVELS: Final = _levels()


def forward(bones: Array, root: Array, rest: Array) -> tuple[Array, Array]:
    """Positions (..., B, 3) of the joints in metres and rotations (..., B, 3, 3) of the bones, in the axes of `root`.

    bones: (..., B, 4) local rotations. root: (..., 3) position of the hips. rest: (..., B, 3) rest offsets.
    """
    rotations = matrix(bones)
    positions = np.empty((*bones.shape[:-1], 3))
    positions[..., 0, :] = root
    for level, parents in LEVELS:
        above = rotations[..., parents, :, :]
        positions[..., level, :] = positions[..., parents, :] + (above @ rest[..., level, :, None])[..., 0]
        rotations[..., level, :, :] = above @ rotations[..., level, :, :]
    return positions, rotations
