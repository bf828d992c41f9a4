"""From a person's rotations to an armature's: one pass, parents first, without an update of Blender's in between."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mathutils import Quaternion, Vector

from .binding import Binding
from .skeleton import BY_NAME

IDENTITY = Quaternion()


class Target(NamedTuple):
    """What an armature is to do, in Blender's axes facing -Y.

    turns: rotation in space of each humanoid bone. hips: where the middle of the hip joints is on the stage, in the
    armature's units over its floor; None leaves the hips' location alone.
    """

    turns: "Mapping[str, Quaternion]"
    hips: "Vector | None"


class Local(NamedTuple):
    """What a pose bone is set to: its own rotation, and its location where it has one."""

    bone: str
    rotation: Quaternion
    location: "Vector | None" = None


def retarget(
    binding: Binding,
    target: Target,
    strengths: "Mapping[str, float]",
    between: "Callable[[str], Quaternion]",
) -> "list[Local]":
    """What each driven bone is set to.

    strengths: of each limb from 0 (left alone) to 1; in between a bone turns that share of the way from rest.
    between: the present rotation of a bone that isn't driven and stands between two that are.
    """
    locals_: list[Local] = []
    poses: list[Quaternion] = []
    back = binding.basis.inverted()
    for joint in binding.joints:
        base = poses[joint.parent] @ joint.from_parent if joint.parent >= 0 else joint.from_parent
        turn = target.turns.get(joint.humanoid)
        if turn is None:
            poses.append(base @ between(joint.bone))
            continue
        pose = binding.basis @ turn @ joint.after
        poses.append(pose)
        strength = strengths.get(BY_NAME[joint.humanoid].limb, 1.0)
        if strength <= 0:
            continue
        rotation = base.inverted() @ pose
        if rotation.w < 0:
            rotation.negate()
        location = None
        if joint.humanoid == "hips" and target.hips is not None:
            offset = binding.basis @ (turn @ (back @ binding.hips))
            move = binding.basis @ (target.hips - Vector((0, 0, binding.hips_m)))
            location = binding.location.inverted() @ (move + offset - binding.hips)
        if strength < 1:
            rotation = IDENTITY.slerp(rotation, strength)
            location = None if location is None else location * strength
        locals_.append(Local(joint.bone, rotation, location))
    return locals_
