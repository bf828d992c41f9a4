"""Has an avatar move as a VRM Animation says, both imported with Blender's VRM add-on, and writes where its joints are.

python avatar.py AVATAR.vrm MOTION.vrma OUT.npz

OUT.npz: names (B,) of VRM's bones, joints (K, B, 3) at 30 frames a second from 0 s, metres, in Blender's axes (z up).
"""

import os
import re
import sys

import bpy
import numpy as np

AVATAR, MOTION, OUT = sys.argv[1:]


def main() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module="io_scene_vrm")
    scene = bpy.context.scene
    scene.render.fps = 30
    done = bpy.ops.import_scene.vrm(filepath=AVATAR)
    assert done == {"FINISHED"}, done
    [armature] = [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]
    done = bpy.ops.import_scene.vrma(filepath=MOTION, armature_object_name=armature.name)
    assert done == {"FINISHED"}, done
    humanoid = armature.data.vrm_addon_extension.vrm1.humanoid.human_bones
    bones = {}
    for attribute in dir(humanoid):
        name = getattr(getattr(humanoid, attribute), "node", None)
        if name and name.bone_name:
            bones[re.sub("_(.)", lambda found: found[1].upper(), attribute)] = armature.pose.bones[name.bone_name]
    found = []
    for frame in range(1, round(armature.animation_data.action.frame_range[1]) + 1):
        scene.frame_set(frame)
        found.append([armature.matrix_world @ bone.head for bone in bones.values()])
    np.savez(OUT, names=list(bones), joints=np.array(found))
    sys.stdout.flush()
    os._exit(0)  # without Blender's own teardown, in which it may crash as a module


main()
