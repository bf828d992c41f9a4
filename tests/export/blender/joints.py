"""Opens a BVH or glTF file with Blender's own importer, and writes where its joints are, frame by frame.

python joints.py FILE OUT.npz [PICTURE.png]

OUT.npz: names (B,), fps, joints (K, B, 3) in metres, in Blender's axes (z up), and t_s (K,).
"""

import os
import sys
from pathlib import Path

import bpy
import numpy as np

SOURCE, OUT, *PICTURE = sys.argv[1:]
SHOWN = 4
"""Moments side by side in the picture."""


def load() -> "bpy.types.Object":
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if SOURCE.endswith(".bvh"):
        bpy.ops.preferences.addon_enable(module="io_anim_bvh")
        done = bpy.ops.import_anim.bvh(
            filepath=SOURCE, global_scale=0.01, frame_start=0, update_scene_fps=True, update_scene_duration=True
        )
    else:
        bpy.ops.preferences.addon_enable(module="io_scene_gltf2")
        bpy.context.scene.render.fps = 30
        done = bpy.ops.import_scene.gltf(filepath=SOURCE)
    assert done == {"FINISHED"}, done
    [armature] = [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]
    return armature


def joints(armature: "bpy.types.Object") -> np.ndarray:
    return np.array([armature.matrix_world @ bone.head for bone in armature.pose.bones])


def picture(armature: "bpy.types.Object", frames: "list[int]") -> None:
    """The figure at some moments, side by side, seen from the front."""
    scene = bpy.context.scene
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x, scene.render.resolution_y = 480, 540
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    bones = armature.pose.bones
    sticks = []
    for _ in bones:
        bpy.ops.mesh.primitive_cone_add(radius1=0.05, radius2=0.02, depth=1)
        sticks.append(bpy.context.object)
    bpy.ops.mesh.primitive_plane_add(size=3)
    bpy.context.object.location.z = -0.003
    for number, frame in enumerate(np.linspace(frames[0], frames[-1], SHOWN).round().astype(int).tolist()):
        scene.frame_set(frame)
        for bone, stick in zip(bones, sticks, strict=True):
            head, tail = armature.matrix_world @ bone.head, armature.matrix_world @ bone.tail
            stick.location, stick.scale.z = (head + tail) / 2, (tail - head).length
            stick.rotation_euler = (tail - head).to_track_quat("Z", "Y").to_euler()
        hips = armature.matrix_world @ bones[0].head
        camera.location = (hips.x + 1.0, hips.y - 4.0, 1.6)
        camera.rotation_euler = ((hips - camera.location).to_track_quat("-Z", "Y")).to_euler()
        scene.render.filepath = str(Path(PICTURE[0]).with_suffix(f".{number}.png"))
        bpy.ops.render.render(write_still=True)


def main() -> None:
    armature = load()
    scene = bpy.context.scene
    action = armature.animation_data.action
    first, last = (round(end) for end in action.frame_range)
    fps = scene.render.fps / scene.render.fps_base
    frames = list(range(first, last + 1))
    found = []
    for frame in frames:
        scene.frame_set(frame)
        found.append(joints(armature))
    names = [bone.name for bone in armature.pose.bones]
    np.savez(OUT, names=names, fps=fps, joints=np.array(found), t_s=np.array(frames) / fps)
    if PICTURE:
        picture(armature, frames)
    sys.stdout.flush()
    os._exit(0)  # without Blender's own teardown, in which it may crash as a module


main()
