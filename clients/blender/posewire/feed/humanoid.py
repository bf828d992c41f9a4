"""The humanoid that bones turn: forward kinematics, and its mirror image. All in the axes of the wire."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .quaternion import multiply, rotate

if TYPE_CHECKING:
    from .messages import Pose


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

        bones: B x 4 local rotations. rest: B x 3, by default those of this tree. root: where the hips are; by default where
        they rest.
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


def mirror_position(p: ArrayLike) -> NDArray[Any]:
    """Positions or offsets (..., 3) as in a mirror: x is reflected."""
    return np.asarray(p) * np.array((-1, 1, 1), np.asarray(p).dtype)


def mirror_rotation(q: ArrayLike) -> NDArray[Any]:
    """Rotations (..., 4: x, y, z, w) as in a mirror: the turns about y and z are reversed."""
    return np.asarray(q) * np.array((1, -1, -1, 1), np.asarray(q).dtype)


class Mirror:
    """Makes a pose its mirror image: left and right are swapped, x is reflected.

    bones: the names that the rows of `bones` stand for. landmarks: those of the rows of `image` and `world`.
    """

    def __init__(self, bones: Sequence[str] = (), landmarks: Sequence[str] = ()) -> None:
        self._bones = _swaps(bones)
        self._landmarks = _swaps(landmarks)

    def pose(self, pose: "Pose") -> "Pose":
        """The mirror image. Angles are left as they are: their signs are the person's own."""
        changes: dict[str, Any] = {"contact": pose.contact[::-1]}
        if pose.bones is not None:
            changes["bones"] = mirror_rotation(pose.bones[self._bones])
            changes["held"] = tuple(sorted(int(self._bones[bone]) for bone in pose.held))
        if pose.root is not None:
            changes["root"] = mirror_position(pose.root)
        if pose.rest is not None:
            changes["rest"] = mirror_position(pose.rest[self._bones])
        if pose.world is not None:
            changes["world"] = pose.world[self._landmarks] * np.array((-1, 1, 1, 1), pose.world.dtype)
        if pose.image is not None:
            image = pose.image[self._landmarks]
            image[:, 0] = 1 - image[:, 0]
            changes["image"] = image
        return replace(pose, **changes)


def _swaps(names: Sequence[str]) -> NDArray[np.intp]:
    """For each name the index of its counterpart on the other side, itself where it has none."""
    index = {name: i for i, name in enumerate(names)}
    return np.array([index.get(_other_side(name), i) for i, name in enumerate(names)], np.intp)


def _other_side(name: str) -> str:
    for one, other in (("left", "right"), ("right", "left")):
        if name.startswith(one):
            return other + name[len(one) :]
        if name.endswith("_" + one):
            return name[: -len(one)] + other
    return name
