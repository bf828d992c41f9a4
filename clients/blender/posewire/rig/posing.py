"""Writes rotations and locations to pose bones in whatever way each of them keeps its rotation."""

from collections.abc import Iterable

from mathutils import Quaternion

from .retarget import Local


def apply(pose, locals_: "Iterable[Local]") -> None:
    """Set pose bones (of bpy.types.Pose). A bone that isn't there any more is passed over."""
    bones = pose.bones
    for name, rotation, location in locals_:
        bone = bones.get(name)
        if bone is None:
            continue
        mode = bone.rotation_mode
        if mode == "QUATERNION":
            bone.rotation_quaternion = rotation
        elif mode == "AXIS_ANGLE":
            axis, angle = rotation.to_axis_angle()
            bone.rotation_axis_angle = (angle, *axis)
        else:
            # Of the angles that mean the same, those near the present ones: no wheel turns back by 360 degrees.
            bone.rotation_euler = rotation.to_euler(mode, bone.rotation_euler)
        if location is not None:
            bone.location = location


def rotation_of(pose_bone) -> Quaternion:
    """The rotation that a pose bone has of its own."""
    return pose_bone.matrix_basis.to_quaternion()
