"""What retargeting has to know of an armature at rest: plain copies, nothing of Blender's is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mathutils import Matrix, Quaternion, Vector

from .skeleton import BY_NAME, HUMANOID

T_POSE = {"leftArm": Vector((1, 0, 0)), "rightArm": Vector((-1, 0, 0)), "leg": Vector((0, 0, -1))}
"""Where limbs point in the T-pose, in Blender's axes facing -Y."""
SNAP_DEG = 20.0
"""An armature's axes that are no farther than this from those of a figure at rest are those of the figure."""
LOW_SHARE = 0.15
"""An armature stands on its origin where its lowest bone is no farther from it than this share of the hips' height."""


class BindError(Exception):
    """The bones given can't be driven; the text says why."""


@dataclass(frozen=True)
class Joint:
    """A bone that is driven, or that stands between two that are.

    bone: its name. humanoid: which bone of the humanoid it is, "" for one between. parent: index of its parent among
    the joints, -1 where that isn't driven and so stays at rest. from_parent: its rest rotation in the axes of its
    parent's; where it inherits no rotation or has no parent among the joints, in the armature's. after: turns a
    rotation in space into the bone's, from the right: what is done to a figure in the T-pose is done to the bone at
    rest.
    """

    bone: str
    humanoid: str
    parent: int
    from_parent: Quaternion
    after: Quaternion


@dataclass(frozen=True)
class Binding:
    """An armature's rest as retargeting needs it.

    joints: parents come first. basis: from Blender's axes facing -Y, +Z up, to those that the armature's figure has.
    hips_m: height of the hips over the armature's floor, in its own units. centre: between the hip joints at rest;
    hips: from there to the head of the hips' bone. location: axes of the hips' location. rests: what it was made
    from.
    """

    joints: "tuple[Joint, ...]"
    basis: Quaternion
    hips_m: float
    centre: Vector
    hips: Vector
    location: Quaternion
    rests: "tuple[tuple[str, Matrix], ...]"

    def holds(self, armature) -> bool:
        """Whether the armature's bones still rest where they did."""
        bones = armature.bones
        return all((bone := bones.get(name)) is not None and bone.matrix_local == rest for name, rest in self.rests)


def bind(armature, mapping: "Mapping[str, str]") -> Binding:
    """Ready an armature (bpy.types.Armature) for retargeting.

    mapping: humanoid bone -> the armature's bone; names that the armature hasn't are passed over. Raises BindError
    where there are no hips, or no limbs that show which way the figure faces.
    """
    bones = {name: armature.bones[bone] for name, bone in mapping.items() if name in BY_NAME and bone in armature.bones}
    twice = _first_twice(bone.name for bone in bones.values())
    if twice:
        raise BindError(f"the bone {twice!r} is given twice")
    if "hips" not in bones:
        raise BindError("there is no bone for the hips")
    heads = {name: bone.head_local for name, bone in bones.items()}
    centre = _centre(heads)
    basis = _basis(bones, centre)
    aligned = _alignments(bones, basis)
    above = {bone.name for bone in bones["hips"].parent_recursive}
    names = {bone.name: name for name, bone in bones.items()}
    needed = {bone.name for bone in bones.values()}
    for bone in bones.values():
        needed |= {parent.name for parent in bone.parent_recursive} - above
    order = sorted((armature.bones[name] for name in needed), key=lambda bone: len(bone.parent_recursive))
    index = {bone.name: i for i, bone in enumerate(order)}
    back = basis.inverted()
    joints = []
    for bone in order:
        rest = _rotation(bone)
        parent = index.get(bone.parent.name, -1) if bone.parent and bone.use_inherit_rotation else -1
        humanoid = names.get(bone.name, "")
        joints.append(
            Joint(
                bone.name,
                humanoid,
                parent,
                _rotation(bone.parent).inverted() @ rest if parent >= 0 else rest,
                back @ aligned.get(humanoid, Quaternion()) @ rest,
            )
        )
    up = basis @ Vector((0, 0, 1))
    hips = bones["hips"]
    floor = _floor(bones, up, centre)
    height = centre.dot(up) - floor
    if height <= 1e-6:
        raise BindError("the hips are on the floor: the armature has no legs to stand on")
    axes = hips if hips.use_local_location else hips.parent
    location = _rotation(axes) if axes else Quaternion()
    return Binding(
        tuple(joints),
        basis,
        height,
        centre,
        hips.head_local - centre,
        location,
        tuple((bone.name, bone.matrix_local.copy()) for bone in order),
    )


def _first_twice(names: "Iterable[str]") -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _rotation(bone) -> Quaternion:
    return bone.matrix_local.to_quaternion()


def _centre(heads: "Mapping[str, Vector]") -> Vector:
    if "leftUpperLeg" in heads and "rightUpperLeg" in heads:
        return (heads["leftUpperLeg"] + heads["rightUpperLeg"]) / 2
    return heads["hips"].copy()


def _basis(bones: "Mapping[str, object]", centre: Vector) -> Quaternion:
    """The figure's left and up, seen from its bones at rest."""
    for part in ("UpperLeg", "UpperArm", "Shoulder"):
        left, right = bones.get("left" + part), bones.get("right" + part)
        if left and right and (left.head_local - right.head_local).length > 1e-6:
            across = left.head_local - right.head_local
            break
    else:
        raise BindError("there are no left and right thighs or upper arms: which way the figure faces can't be told")
    top = next((bones[name].head_local for name in ("head", "neck", "chest", "spine") if name in bones), None)
    upward = (bones["hips"].tail_local if top is None else top) - centre
    if upward.length < 1e-6:
        raise BindError("the head is where the hips are: which way is up can't be told")
    up = _snapped(upward.normalized())
    left = across - across.dot(up) * up
    if left.length < 1e-6:
        raise BindError("the left and right limbs are one above the other: which way the figure faces can't be told")
    left = _snapped(left.normalized())
    left = (left - left.dot(up) * up).normalized()
    return Matrix((left, up.cross(left), up)).transposed().to_quaternion()


def _snapped(direction: Vector) -> Vector:
    """The axis that a direction is near to, else itself: a figure's lean at rest is no lean of its axes."""
    largest = max(range(3), key=lambda axis: abs(direction[axis]))
    axis = Vector((0, 0, 0))
    axis[largest] = 1.0 if direction[largest] > 0 else -1.0
    return axis if direction.angle(axis) <= SNAP_DEG * 3.141592653589793 / 180 else direction


def _alignments(bones: "Mapping[str, object]", basis: Quaternion) -> "dict[str, Quaternion]":
    """For each bone the turn from its rest into the T-pose, as if the figure were posed so by hand.

    Arms and legs are turned along the shortest arc, the upper part first, so that an elbow's axis comes along. A hand
    comes with its forearm, as palms do when arms are raised. Feet, trunk and head stand as they should whatever the
    limbs do.
    """
    turns: dict[str, Quaternion] = {}
    for humanoid in HUMANOID:
        bone = bones.get(humanoid.name)
        if bone is None or not humanoid.toward:
            continue
        following = bones.get(humanoid.toward)
        direction = (bone.tail_local if following is None else following.head_local) - bone.head_local
        if direction.length < 1e-6:
            continue
        upper = turns.get(humanoid.name.replace("Lower", "Upper"), Quaternion())
        target = basis @ T_POSE["leg" if humanoid.limb.endswith("leg") else humanoid.name[: -len("UpperArm")] + "Arm"]
        turns[humanoid.name] = (upper @ direction).rotation_difference(target) @ upper
    for side in ("left", "right"):
        turns[f"{side}Hand"] = turns.get(f"{side}LowerArm", turns.get(f"{side}UpperArm", Quaternion()))
    return turns


def _floor(bones: "Mapping[str, object]", up: Vector, centre: Vector) -> float:
    """Height of the floor: the armature's origin, or its lowest bone where it doesn't stand on its origin."""
    feet = [bones[name] for name in ("leftFoot", "rightFoot") if name in bones] or list(bones.values())
    bones_below = [bone for foot in feet for bone in (foot, *foot.children_recursive)]
    lowest = min(point.dot(up) for bone in bones_below for point in (bone.head_local, bone.tail_local))
    height = centre.dot(up)
    return 0.0 if abs(lowest) <= LOW_SHARE * abs(height) and height > 0 else lowest
