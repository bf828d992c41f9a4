"""The figure that Posewire makes itself: an armature with a person's proportions and VRM's bone names."""

from collections.abc import Mapping, Sequence

import bpy
from mathutils import Vector

from ..feed import BoneTree
from ..feed.axes import position
from .mannequin import dress
from .skeleton import BY_NAME, HUMANOID

NAME = "Posewire Figure"
_NEXT = {"hips": "spine", "spine": "chest", "chest": "neck", "neck": "head"}


class FigureError(Exception):
    """No figure can be made; the text says why."""


def joints(tree: BoneTree, rest: "Sequence[Sequence[float]]") -> "dict[str, Vector]":
    """Where the joints of a person are in the T-pose, standing on the floor: Blender's axes, metres."""
    offsets = position(rest).tolist()
    places: list[Vector] = []
    for parent, offset in zip(tree.parents, offsets, strict=True):
        places.append(Vector(offset) + (places[parent] if parent >= 0 else Vector()))
    return dict(zip(tree.names, places, strict=True))


def make(context, tree: BoneTree, rest: "Sequence[Sequence[float]]", with_body: bool):
    """A new armature object with a person's proportions, selected and active; it stands at the 3D cursor.

    rest: each bone's offset from its parent as on the wire. with_body: a mannequin is put on it. Blender has to be in
    object mode. Raises FigureError where bones are missing.
    """
    places = joints(tree, rest)
    missing = [bone.name for bone in HUMANOID if bone.name not in places]
    if missing:
        raise FigureError(f"the server solves no {', '.join(missing)}")
    armature = bpy.data.armatures.new(NAME)
    figure = bpy.data.objects.new(NAME, armature)
    context.collection.objects.link(figure)
    figure.location = context.scene.cursor.location
    for other in context.selected_objects:
        other.select_set(False)
    figure.select_set(True)
    context.view_layer.objects.active = figure
    bpy.ops.object.mode_set(mode="EDIT")
    for name, parent in zip(tree.names, tree.parents, strict=True):
        if name not in BY_NAME:
            continue
        bone = armature.edit_bones.new(name)
        bone.head, bone.tail = places[name], _tail(name, places)
        bone.align_roll(Vector((0, -1, 0)))
        bone.parent = armature.edit_bones.get(tree.names[parent]) if parent >= 0 else None
    bpy.ops.object.mode_set(mode="OBJECT")
    armature.display_type = "OCTAHEDRAL" if not with_body else "STICK"
    figure.show_in_front = True
    for bone in figure.pose.bones:
        bone.rotation_mode = "QUATERNION"
    if with_body:
        dress(figure, places)
    return figure


def _tail(name: str, places: "Mapping[str, Vector]") -> Vector:
    head = places[name]
    following = BY_NAME[name].toward or _NEXT.get(name) or name.replace("Shoulder", "UpperArm")
    if following != name:
        return places[following]
    if name == "head":
        return head + Vector((0, 0, 0.22))
    if name.endswith("Hand"):
        return head + Vector((0.16 if name.startswith("left") else -0.16, 0, 0))
    return Vector((head.x, head.y - 0.15, min(0.02, head.z / 2)))
