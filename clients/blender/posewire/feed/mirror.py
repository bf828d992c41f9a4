"""The mirror image of a pose; in the axes of the wire."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .messages import Pose


def mirror_position(p: ArrayLike) -> NDArray[Any]:
    """Positions or offsets (..., 3) as in a mirror: x is reflected."""
    p = np.asarray(p)
    return np.stack((-p[..., 0], p[..., 1], p[..., 2]), axis=-1)


def mirror_rotation(q: ArrayLike) -> NDArray[Any]:
    """Rotations (..., 4: x, y, z, w) as in a mirror: the turns about y and z are reversed."""
    q = np.asarray(q)
    return np.stack((q[..., 0], -q[..., 1], -q[..., 2], q[..., 3]), axis=-1)


class Mirror:
    """Makes a pose its mirror image: left and right are swapped, x is reflected.

    bones: the names that the rows of `bones` stand for. landmarks: those of the rows of `image` and `world`.
    """

    def __init__(self, bones: Sequence[str] = (), landmarks: Sequence[str] = ()) -> None:
        self._bones = _swaps(bones)
        self._landmarks = _swaps(landmarks)

    def pose(self, pose: Pose) -> Pose:
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
