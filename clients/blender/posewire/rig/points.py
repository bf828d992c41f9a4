"""The landmarks as empties, under one empty that is placed by hand."""

from collections.abc import Mapping, Sequence

import bpy
import numpy as np
from mathutils import Vector

from ..feed.axes import position

COLLECTION = "Posewire"
ROOT = "Posewire Points"
SIZE_M = 0.03
FACE_SIZE_M = 0.012
LEAST_SHARE = 0.25
"""Of its size that a landmark nobody sees keeps."""
_TAG = "posewire_landmark"
_FACE = ("nose", "eye", "ear", "mouth")


def make(context, landmarks: "Sequence[str]"):
    """The root empty with an empty for each landmark, in a collection of their own; gives the root."""
    collection = bpy.data.collections.get(COLLECTION)
    if collection is None:
        collection = bpy.data.collections.new(COLLECTION)
    if collection not in context.scene.collection.children_recursive:
        context.scene.collection.children.link(collection)
    root = bpy.data.objects.new(ROOT, None)
    root.empty_display_type = "ARROWS"
    root.empty_display_size = 0.25
    root.location = context.scene.cursor.location
    collection.objects.link(root)
    for name in landmarks:
        point = bpy.data.objects.new(f"Posewire {name}", None)
        point.empty_display_type = "SPHERE"
        point.empty_display_size = _size(name)
        point[_TAG] = name
        point.parent = root
        collection.objects.link(point)
    return root


def find(root) -> "dict[str, str]":
    """Landmark -> name of its object, whatever it is called by now."""
    return {child[_TAG]: child.name for child in root.children if isinstance(child.get(_TAG), str)}


def places(world: "np.ndarray", hips: Vector) -> "np.ndarray":
    """Where the landmarks are under the root: N x 3, Blender's axes, metres.

    world: N x 3 or more, as on the wire, from the middle of the hips. hips: where that is on the stage.
    """
    return position(np.asarray(world)[:, :3]) + np.array(hips)


def apply(
    points: "Mapping[str, str]", landmarks: "Sequence[str]", where: "np.ndarray", visibility: "np.ndarray"
) -> int:
    """Move the empties; how visible a landmark is shows in its size. Gives how many there were."""
    moved = 0
    for name, place, seen in zip(landmarks, where.tolist(), visibility.tolist(), strict=True):
        point = bpy.data.objects.get(points.get(name, ""))
        if point is None:
            continue
        point.location = place
        size = _size(name) * (LEAST_SHARE + (1 - LEAST_SHARE) * min(max(seen, 0.0), 1.0))
        if abs(point.empty_display_size - size) > 0.05 * size:
            point.empty_display_size = size
        moved += 1
    return moved


def _size(name: str) -> float:
    return FACE_SIZE_M if any(part in name for part in _FACE) else SIZE_M
