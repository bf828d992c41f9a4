"""Makes the avatars of the page's test, in Blender with the add-on "VRM format" (not needed to run the test):

    pip install bpy==5.0.1 bpy-vrm-format
    python tests/e2e/browser/vrm/make.py

vrm1.vrm: VRM 1.0 with all bones, MToon material with a picture; its nodes are turned every way at rest, as Blender's
    bones are.
vrm1_fewer_bones.vrm: VRM 1.0 with none of the bones that the standard calls optional: no chest, neck or shoulders.
vrm0.vrm: VRM 0.x, which faces the other way.
"""

import os
import tempfile
from pathlib import Path

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp()

import bpy
from mathutils import Vector

FOLDER = Path(__file__).parent
WIDTHS = {"hips": 0.3, "spine": 0.22, "chest": 0.3, "head": 0.17, "neck": 0.1, "shoulder": 0.11, "upper_leg": 0.14}
WIDTHS |= {"lower_leg": 0.11, "foot": 0.09, "toes": 0.08, "upper_arm": 0.1, "lower_arm": 0.08, "hand": 0.07}
OPTIONAL = ("chest", "neck", "left_shoulder", "right_shoulder")


def make_armature():
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    bpy.ops.icyp.make_basic_armature()
    [armature] = [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]
    return armature


def add_body(armature, name: str) -> None:
    """A bar along each bone, moved by that bone alone."""
    vertices, faces, groups = [], [], {}
    for bone in armature.data.bones:
        width = WIDTHS.get(bone.name.partition(".")[0])
        if width is None:
            continue
        start, end = bone.head_local, bone.tail_local
        if bone.name == "head":
            end = start + Vector((0, 0, 0.24))
        along = (end - start).normalized()
        side = along.cross(Vector((0, 1, 0))).normalized() if abs(along.y) < 0.9 else Vector((1, 0, 0))
        other = along.cross(side)
        first = len(vertices)
        for at, share in ((start, 0.5), (end, 0.42)):
            for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1)):
                vertices.append(at + width * share * (a * side + 0.7 * b * other))
        corners = [(0, 1, 2, 3), (7, 6, 5, 4), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0)]
        faces += [tuple(first + corner for corner in face) for face in corners]
        groups[bone.name] = list(range(first, first + 8))
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices, [], faces)
    mesh.update()
    body = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(body)
    body.parent = armature
    for bone, indices in groups.items():
        body.vertex_groups.new(name=bone).add(indices, 1.0, "REPLACE")
    body.modifiers.new("armature", "ARMATURE").object = armature
    material = bpy.data.materials.new("cloth")
    material.vrm_addon_extension.mtoon1.enabled = True
    material.vrm_addon_extension.mtoon1.pbr_metallic_roughness.base_color_factor = (0.25, 0.45, 0.8, 1.0)
    material.vrm_addon_extension.mtoon1.extensions.vrmc_materials_mtoon.shade_color_factor = (0.12, 0.2, 0.5)
    checks = bpy.data.images.new("checks", 8, 8)
    checks.pixels = [
        channel for y in range(8) for x in range(8) for channel in (*[1.0 if (x + y) % 2 else 0.75] * 3, 1.0)
    ]
    checks.pack()
    material.vrm_addon_extension.mtoon1.pbr_metallic_roughness.base_color_texture.index.source = checks
    mesh.uv_layers.new(name="map")
    for face in mesh.polygons:
        for corner, loop in enumerate(face.loop_indices):
            mesh.uv_layers["map"].data[loop].uv = ((0, 0), (1, 0), (1, 1), (0, 1))[corner]
    mesh.materials.append(material)


def export(armature, name: str) -> None:
    path = FOLDER / name
    assert bpy.ops.export_scene.vrm(filepath=str(path)) == {"FINISHED"}
    print(name, path.stat().st_size, "bytes")


def main() -> None:
    import addon_utils  # comes with bpy, once that is loaded

    addon_utils.enable("io_scene_vrm", default_set=True)
    armature = make_armature()
    extension = armature.data.vrm_addon_extension
    extension.vrm1.meta.vrm_name = "Bars"
    extension.vrm1.meta.authors.add().value = "Posewire"
    extension.vrm0.meta.title, extension.vrm0.meta.author = "Bars", "Posewire"
    add_body(armature, "body")
    extension.spec_version = "1.0"
    export(armature, "vrm1.vrm")
    extension.spec_version = "0.0"
    export(armature, "vrm0.vrm")
    extension.spec_version = "1.0"
    for bone in OPTIONAL:
        getattr(extension.vrm1.humanoid.human_bones, bone).node.bone_name = ""
    export(armature, "vrm1_fewer_bones.vrm")


if __name__ == "__main__":
    main()
