"""The humanoid that the VRM add-on for Blender knows of an armature."""

import re

from .skeleton import HUMANOID


def bones(armature) -> "dict[str, str]":
    """Humanoid bone -> bone of an armature (bpy.types.Armature) as the VRM add-on has them; empty where it has none."""
    extension = getattr(armature, "vrm_addon_extension", None)
    if extension is None:
        return {}
    if str(extension.spec_version).startswith("0"):
        found = {bone.bone: bone.node.bone_name for bone in extension.vrm0.humanoid.human_bones}
    else:
        human = extension.vrm1.humanoid.human_bones
        found = {bone.name: getattr(human, _snake(bone.name)).node.bone_name for bone in HUMANOID}
    return {bone.name: found[bone.name] for bone in HUMANOID if found.get(bone.name)}


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda letter: "_" + letter[1].lower(), name)
