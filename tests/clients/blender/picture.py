"""Renders the README's picture: figures that the live stream posed, as they come.

python picture.py OUT.png SERVER_PYTHON ZIP
"""

import math
import sys
from pathlib import Path

import bpy
from mathutils import Vector

sys.path.insert(0, str(Path(__file__).parent))
import inside
from inside import body_frame, connected, empty_scene, install, live, wait

OUT = sys.argv[1]
WIDTH, HEIGHT, SAMPLES = 1120, 630, 40
PLACES = (-1.05, 0.0, 1.05)


def look_at(thing, point) -> None:
    thing.rotation_euler = (Vector(point) - thing.location).to_track_quat("-Z", "Y").to_euler()


def area_light(name: str, place, power: float, size: float, colour) -> None:
    lamp = bpy.data.lights.new(name, "AREA")
    lamp.energy, lamp.size, lamp.color = power, size, colour
    light = bpy.data.objects.new(name, lamp)
    light.location = place
    look_at(light, (0, 0, 0.9))
    bpy.context.collection.objects.link(light)


def stage() -> None:
    """A floor that curves up into a wall, three lights, a camera at eye height."""
    vertices = []
    profile = [(-12.0, 0.0), (2.2, 0.0)]
    profile += [(2.2 + 2 * math.sin(a), 2 - 2 * math.cos(a)) for a in (i * math.pi / 32 for i in range(1, 17))]
    profile += [(4.2, 9.0)]
    for y, z in profile:
        vertices += [(-16, y, z), (16, y, z)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(profile) - 1)]
    mesh = bpy.data.meshes.new("Studio")
    mesh.from_pydata(vertices, [], faces)
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    paper = bpy.data.materials.new("Paper")
    paper.use_nodes = True
    surface = paper.node_tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = (0.16, 0.19, 0.25, 1)
    surface.inputs["Roughness"].default_value = 0.55
    mesh.materials.append(paper)
    bpy.context.collection.objects.link(bpy.data.objects.new("Studio", mesh))
    area_light("Key", (-3.2, -4.0, 4.2), 420, 2.2, (1.0, 0.95, 0.88))
    area_light("Fill", (4.5, -3.5, 2.2), 110, 3.5, (0.75, 0.86, 1.0))
    area_light("Rim", (2.0, 3.2, 4.0), 320, 1.6, (0.8, 0.9, 1.0))
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens = 68
    camera.location = (0.9, -6.4, 1.35)
    look_at(camera, (0, 0, 0.82))
    bpy.context.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    world = bpy.data.worlds.new("Room")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.05, 0.06, 0.08, 1)
    bpy.context.scene.world = world


def figures() -> None:
    """One after the other gets the pose of its moment."""
    chosen = bpy.context.scene.posewire
    chosen.root, chosen.playout = "HEIGHT", "SMOOTH"
    seq = 0
    for x in PLACES:
        frame = wait(lambda seq=seq: (f := body_frame()) and f.seq >= seq + 30 and f, "a pose")
        seq = frame.seq
        bpy.context.scene.cursor.location = (x, 0, 0)
        assert bpy.ops.posewire.make_figure() == {"FINISHED"}
        with inside.showing(frame):
            stand(chosen.armature)
            print(f"posed at frame {frame.seq}", flush=True)
        chosen.armature = None


def stand(figure) -> None:
    """Toes that point down go into the floor, which is where the solver saw the foot stand: lift them out."""
    [body] = figure.children
    shown = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    figure.location.z -= min((shown.matrix_world @ vertex.co).z for vertex in shown.data.vertices)


def main() -> None:
    install()
    with inside.server(model="heavy") as (_, port):
        connected(port)
        wait(lambda: live().receiver.latest().seq > 60, "the person is measured")
        empty_scene()
        figures()
        bpy.ops.posewire.disconnect()
        stage()
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.use_denoising = "CPU", SAMPLES, True
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.filepath = OUT
    bpy.ops.render.render(write_still=True)
    inside.main({})


main()
