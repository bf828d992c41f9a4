"""What the scripts that run inside Blender share: a server, the add-on as a user has it, truth in numpy, rigs.

A script's functions whose names begin with `test_` are run in order by `main`; the first that fails ends it.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager

import addon_utils
import bpy
import numpy as np

PACKAGE = "bl_ext.user_default.posewire"
LIMIT_S = 60
SERVER_PYTHON, ZIP = sys.argv[-2:]


def main(names: dict) -> None:
    """Run a script's tests in order."""
    for name, test in list(names.items()):
        if name.startswith("test_"):
            print(f"{name} ...", flush=True)
            try:
                test()
            except BaseException:
                traceback.print_exc()
                _leave(1)
    print("all passed", flush=True)
    _leave(0)


def _leave(status: int) -> None:
    """Without Blender's own teardown, in which it may crash as a module; so what runs is ended here."""
    for process in _servers:
        process.kill()
        process.wait()
    sys.stdout.flush()
    os._exit(status)


_servers: "list[subprocess.Popen[str]]" = []


@contextmanager
def server(*arguments: str, port: int = 0, model: str = "lite"):
    """A real server of its own; gives its process and its port."""
    command = [SERVER_PYTHON, "-m", "streamer", "serve", "--port", str(port), "--model", model, *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=tempfile.mkdtemp()
    )
    _servers.append(process)
    try:
        line = process.stdout.readline()
        match = re.match(r"posewire ready http://\S+:(\d+)/(?:\?token=(\S+))?$", line.strip())
        assert match, f"no ready line but {line!r}"
        yield process, int(match[1])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def install() -> None:
    """As a user does: from the zip, enabled."""
    bpy.ops.extensions.package_install_files(filepath=ZIP, repo="user_default", enable_on_install=True)
    addon_utils.enable(PACKAGE, default_set=True)
    assert PACKAGE in bpy.context.preferences.addons, "the add-on isn't enabled"


def part(name: str):
    """A module of the add-on that is enabled."""
    return sys.modules[f"{PACKAGE}.{name}"]


def live():
    return part("ui.live").LIVE


def pump() -> None:
    part("ui.beat").pump()


def connect(port: int, token: str = "") -> None:
    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    preferences.address, preferences.token = f"127.0.0.1:{port}", token
    assert bpy.ops.posewire.connect() == {"FINISHED"}


def wait(condition, what: str, pumping: bool = True):
    """Until a condition holds; gives what it gave."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if pumping:
            pump()
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError(
        f"not in {LIMIT_S} s: {what}; state {live().receiver and live().receiver.state}, {live().notice}"
    )


def body_frame():
    """The newest frame with somebody whose bones are told."""
    frame = live().receiver.latest()
    return frame if frame is not None and frame.poses and frame.poses[0].bones is not None else None


def connected(port: int, token: str = "") -> None:
    connect(port, token)
    wait(body_frame, "a frame with a person")


@contextmanager
def showing(frame):
    """While this lasts the stream shows one frame, so that what was applied is known."""
    receiver = live().receiver
    latest, chosen = receiver.latest, bpy.context.scene.posewire
    playout, chosen.playout = chosen.playout, "LATEST"
    receiver.latest = lambda stream="*": frame
    try:
        live()._shown = ()
        pump()
        assert not live().fault, live().fault
        bpy.context.view_layer.update()
        yield
    finally:
        receiver.latest, chosen.playout = latest, playout


def empty_scene() -> None:
    if bpy.context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    for thing in list(bpy.data.actions):
        bpy.data.actions.remove(thing)
    chosen = bpy.context.scene.posewire
    chosen.mirror, chosen.root, chosen.person, chosen.playout = False, "FULL", 1, "LATEST"
    for limb in ("body", "head", "left_arm", "right_arm", "left_leg", "right_leg"):
        setattr(chosen, limb, 1.0)
    live().notice = live().fault = ""


# Truth: SPEC.md's forward kinematics, and its table of axes, written anew.

TO_BLENDER = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])


def matrix(quaternion) -> np.ndarray:
    x, y, z, w = (float(value) for value in quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def truth(pose, tree, mirrored: bool = False) -> "tuple[dict, dict]":
    """Of each bone the rotation in space (3 x 3) and the joint's position (from the camera), Blender's axes."""
    rotations, positions = {}, {}
    rest = tree.rest if pose.rest is None else pose.rest
    for index, (name, parent) in enumerate(zip(tree.names, tree.parents, strict=True)):
        local = matrix(pose.bones[index])
        if parent < 0:
            rotations[name], positions[name] = local, np.array(pose.root, float)
        else:
            above = tree.names[parent]
            rotations[name] = rotations[above] @ local
            positions[name] = positions[above] + rotations[above] @ np.array(rest[index], float)
    if mirrored:
        flip = np.diag([-1.0, 1.0, 1.0])
        other = {
            name: name.replace("left", "right") if name.startswith("left") else name.replace("right", "left")
            for name in rotations
        }
        rotations = {name: flip @ rotations[other[name]] @ flip for name in rotations}
        positions = {name: flip @ positions[other[name]] for name in positions}
    turned = {name: TO_BLENDER @ rotation @ TO_BLENDER.T for name, rotation in rotations.items()}
    return turned, {name: TO_BLENDER @ position for name, position in positions.items()}


LIMBS = {
    f"{side}{upper}": f"{side}{lower}"
    for side in ("left", "right")
    for upper, lower in (("UpperArm", "LowerArm"), ("LowerArm", "Hand"), ("UpperLeg", "LowerLeg"), ("LowerLeg", "Foot"))
}
UNTWISTED = ("hips", "spine", "chest", "neck", "head", "leftFoot", "rightFoot")


def between_degrees(a, b) -> float:
    """Between two directions, or two rotations (3 x 3)."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.ndim == 2:
        # The sine of half the angle: an arc cosine loses small angles in rounding.
        return float(np.degrees(2 * np.arcsin(min(1.0, np.linalg.norm(a - b) / np.sqrt(8)))))
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return float(np.degrees(2 * np.arcsin(min(1.0, np.linalg.norm(a - b) / 2))))


def evaluated(target):
    return target.evaluated_get(bpy.context.evaluated_depsgraph_get())


def rotation_part(matrix_4x4) -> np.ndarray:
    return np.array(matrix_4x4.to_quaternion().to_matrix())


def errors(target, mapping: dict, pose, tree, mirrored: bool = False, placed=None) -> "dict[str, float]":
    """Degrees between where an armature's bones are and where the solver's are, in the world.

    mapping: humanoid bone -> bone to look at. Of a limb's parts it is the direction to the next joint; of hips, spine,
    head and feet the turn from rest. placed: how the object was placed on purpose (3 x 3).
    """
    rotations, positions = truth(pose, tree, mirrored)
    placed = np.eye(3) if placed is None else placed
    shown = evaluated(target)
    world = rotation_part(shown.matrix_world)
    found = {}
    for name, bone in mapping.items():
        posed = shown.pose.bones[bone]
        if name in LIMBS and LIMBS[name] in mapping:
            following = shown.pose.bones[mapping[LIMBS[name]]]
            wanted = placed @ (positions[LIMBS[name]] - positions[name])
            found[name] = between_degrees(world @ np.array(following.head - posed.head), wanted)
        elif name in UNTWISTED:
            rest = rotation_part(target.data.bones[bone].matrix_local)
            turned = world @ rotation_part(posed.matrix) @ rest.T @ world.T
            found[name] = between_degrees(turned, placed @ rotations[name] @ placed.T)
    return found


def report(title: str, found: "dict[str, float]", most: float) -> None:
    worst = max(found, key=found.get)
    mean = sum(found.values()) / len(found)
    print(f"  {title}: mean {mean:.4f}, max {found[worst]:.4f} degrees ({worst}), {len(found)} bones", flush=True)
    assert found[worst] <= most, found


# Rigs

JOINTS = {
    "Hips": (0, 0, 0.95),
    "Spine": (0, 0.01, 1.05),
    "Spine1": (0, 0.02, 1.17),
    "Spine2": (0, 0.03, 1.3),
    "Neck": (0, 0.03, 1.46),
    "Head": (0, 0.0, 1.55),
    "HeadTop_End": (0, 0.0, 1.75),
    "LeftShoulder": (0.05, 0.02, 1.42),
    "LeftArm": (0.17, 0.02, 1.42),
    "LeftForeArm": (0.45, 0.03, 1.42),
    "LeftHand": (0.7, 0.0, 1.42),
    "LeftHandMiddle1": (0.8, 0.0, 1.42),
    "LeftUpLeg": (0.09, 0.0, 0.9),
    "LeftLeg": (0.1, -0.02, 0.5),
    "LeftFoot": (0.11, 0.02, 0.09),
    "LeftToeBase": (0.12, -0.1, 0.02),
}
PARENTS = {
    "Spine": "Hips",
    "Spine1": "Spine",
    "Spine2": "Spine1",
    "Neck": "Spine2",
    "Head": "Neck",
    "HeadTop_End": "Head",
    "LeftShoulder": "Spine2",
    "LeftArm": "LeftShoulder",
    "LeftForeArm": "LeftArm",
    "LeftHand": "LeftForeArm",
    "LeftHandMiddle1": "LeftHand",
    "LeftUpLeg": "Hips",
    "LeftLeg": "LeftUpLeg",
    "LeftFoot": "LeftLeg",
    "LeftToeBase": "LeftFoot",
}


def mixamo_like(drop_deg: float = 45, axes=None, units: float = 100.0, twists: bool = False, seed: int = 1):
    """An armature with Mixamo's names, arms lowered by an angle, rolls at random.

    axes: 3 x 3, from Blender's axes facing -Y to the armature's. units: of its lengths to a metre. twists: a bone
    stands between each upper arm and its forearm.
    """
    axes = np.eye(3) if axes is None else np.asarray(axes, float)
    places = {name: np.array(place, float) for name, place in JOINTS.items()}
    shoulder = places["LeftArm"].copy()
    angle = np.radians(drop_deg)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    for name in ("LeftForeArm", "LeftHand", "LeftHandMiddle1"):
        places[name] = shoulder + turn @ (places[name] - shoulder)
    parents = dict(PARENTS)
    for name in list(places):
        if name.startswith("Left"):
            right = "Right" + name[4:]
            places[right] = places[name] * (-1, 1, 1)
            parents[right] = parents[name].replace("Left", "Right")
    data = bpy.data.armatures.new("Mixamo")
    target = bpy.data.objects.new("Mixamo", data)
    bpy.context.collection.objects.link(target)
    bpy.context.view_layer.objects.active = target
    bpy.ops.object.mode_set(mode="EDIT")
    random = np.random.default_rng(seed)
    following = {parent: child for child, parent in parents.items() if child.replace("Right", "Left") in JOINTS}
    following |= {"Hips": "Spine", "Spine2": "Neck"}
    for name, place in places.items():
        bone = data.edit_bones.new(f"mixamorig:{name}")
        bone.head = axes @ place * units
        end = places[following[name]] if name in following else place + np.array((0, 0, 0.08))
        bone.tail = axes @ end * units
        bone.roll = random.uniform(-3, 3)
    for name, parent in parents.items():
        data.edit_bones[f"mixamorig:{name}"].parent = data.edit_bones[f"mixamorig:{parent}"]
    if twists:
        for side in ("Left", "Right"):
            upper = data.edit_bones[f"mixamorig:{side}Arm"]
            twist = data.edit_bones.new(f"{side}ArmTwist")
            twist.head, twist.tail, twist.roll = (upper.head + upper.tail) / 2, upper.tail, 1.0
            twist.parent = upper
            data.edit_bones[f"mixamorig:{side}ForeArm"].parent = twist
    bpy.ops.object.mode_set(mode="OBJECT")
    return target


def choose(target) -> dict:
    """Make an armature the target, its bones matched as by the button; gives the bone map."""
    chosen = bpy.context.scene.posewire
    chosen.target, chosen.armature = "ARMATURE", target
    assert bpy.ops.posewire.match_bones() == {"FINISHED"}
    return target.posewire.mapping()
