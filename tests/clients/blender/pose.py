"""Armatures of all kinds point where the solver's bones do."""

import math
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import inside
from inside import (
    LIMBS,
    between_degrees,
    body_frame,
    choose,
    connected,
    empty_scene,
    errors,
    evaluated,
    install,
    live,
    main,
    mixamo_like,
    report,
    showing,
    truth,
    wait,
)

EXACT_DEG = 0.02
"""What 32-bit floats leave of an angle over a chain of bones."""
Y_UP = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]
TURNED = [[-1, 0, 0], [0, -1, 0], [0, 0, 1]]


def tree():
    return live().receiver.hello.bones


def newest():
    return wait(body_frame, "a frame with a person")


def shown_on(target, mapping, title, most=EXACT_DEG, look=None, **how) -> dict:
    """Show the newest frame on an armature and compare. look: other bones to look at than those that are set."""
    frame = newest()
    with showing(frame):
        found = errors(target, look or mapping, frame.poses[0], tree(), **how)
        report(title, found, most)
    return found


def test_own_figure() -> None:
    empty_scene()
    newest()
    assert bpy.ops.posewire.make_figure() == {"FINISHED"}
    figure = bpy.context.scene.posewire.armature
    mapping = figure.posewire.mapping()
    assert len(mapping) == 19
    frame = newest()
    with showing(frame):
        report("own figure", errors(figure, mapping, frame.poses[0], tree()), EXACT_DEG)
        rotations, _ = truth(frame.poses[0], tree())
        for name, rotation in rotations.items():
            posed = evaluated(figure).pose.bones[name]
            rest = inside.rotation_part(figure.data.bones[name].matrix_local)
            assert between_degrees(inside.rotation_part(posed.matrix), rotation @ rest) <= EXACT_DEG, name
    body = figure.children[0]
    assert body.type == "MESH"
    assert len(body.data.vertices) > 1000


def test_the_figure_has_the_persons_lengths() -> None:
    figure = bpy.context.scene.posewire.armature
    rest = np.array(newest().poses[0].rest)
    for name, following in LIMBS.items():
        bones = figure.data.bones
        length = (bones[following].head_local - bones[name].head_local).length
        assert abs(length - np.linalg.norm(rest[tree().names.index(following)])) < 0.06, name


def test_mixamo_like() -> None:
    for drop, axes, units in ((45, None, 1), (0, None, 1), (60, Y_UP, 100), (30, TURNED, 1)):
        empty_scene()
        target = mixamo_like(drop, axes, units)
        if axes is Y_UP:  # as FBX files come in
            target.rotation_euler, target.scale = (math.pi / 2, 0, 0), (0.01,) * 3
        mapping = choose(target)
        assert len(mapping) == 19
        assert target.posewire.convention == "Mixamo"
        placed = np.array(TURNED) if axes is TURNED else None
        shown_on(target, mapping, f"Mixamo-like, arms lowered by {drop}, {axes}", placed=placed)


def test_bones_between_and_their_own_turn() -> None:
    empty_scene()
    target = mixamo_like(45, twists=True)
    for side in ("Left", "Right"):
        target.pose.bones[f"{side}ArmTwist"].rotation_mode = "XYZ"
        target.pose.bones[f"{side}ArmTwist"].rotation_euler = (0.1, 0.4, 0.2)
    mapping = choose(target)
    frame = newest()
    with showing(frame):
        found = errors(target, mapping, frame.poses[0], tree())
        # The upper arm's direction is its own: its forearm hangs on a bone that is turned by hand.
        del found["leftUpperArm"], found["rightUpperArm"]
        report("twist bones between", found, EXACT_DEG)
    assert abs(target.pose.bones["LeftArmTwist"].rotation_euler.y - 0.4) < 1e-6


def test_rotation_modes_and_inheritance() -> None:
    empty_scene()
    target = mixamo_like(45)
    modes = ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "AXIS_ANGLE", "QUATERNION"]
    for number, bone in enumerate(target.pose.bones):
        bone.rotation_mode = modes[number % len(modes)]
    for name in ("LeftForeArm", "Head", "RightLeg", "Neck"):
        target.data.bones[f"mixamorig:{name}"].use_inherit_rotation = False
    shown_on(target, choose(target), "all rotation modes, some bones inherit no rotation")


def test_hands_go_with_their_forearms() -> None:
    """Of a rig in an A-pose the palms look down in the T-pose: as its hands rest on its forearms, so they do there."""
    empty_scene()
    target = mixamo_like(45)
    mapping = choose(target)
    frame = newest()
    with showing(frame):
        rotations, _ = truth(frame.poses[0], tree())
        for side, sign in (("left", 1), ("right", -1)):
            posed = evaluated(target).pose.bones[mapping[f"{side}Hand"]]
            middle = evaluated(target).pose.bones[mapping[f"{side}Hand"].replace("Hand", "HandMiddle1")]
            along = rotations[f"{side}Hand"] @ np.array((sign, 0, 0))
            assert between_degrees(np.array(middle.head - posed.head), along) < 8, side


def test_object_placed_by_hand() -> None:
    empty_scene()
    target = mixamo_like(45, units=1)
    target.rotation_euler, target.scale, target.location = (0, 0, 2.0), (0.5,) * 3, (3, 4, 5)
    mapping = choose(target)
    placed = np.array(target.rotation_euler.to_matrix())
    shown_on(target, mapping, "object turned and scaled", placed=placed)


def test_hips_location() -> None:
    for motion in ("FULL", "HEIGHT", "OFF"):
        for local in (True, False):
            empty_scene()
            target = mixamo_like(45, Y_UP, 100)
            target.data.bones["mixamorig:Hips"].use_local_location = local
            mapping = choose(target)
            bpy.context.scene.posewire.root = motion
            first = newest()
            live().forget()  # the stage's origin is where the person is in this frame
            with showing(first):
                later = wait(partial(later_frame, first), "a later frame", pumping=False)
                receiver_shows(later)
                posed = evaluated(target).pose.bones
                heads = [posed[mapping[f"{side}UpperLeg"]].head for side in ("left", "right")]
                middle = np.mean(heads, axis=0)
            pose, start = later.poses[0], first.poses[0]
            scale = 90.0 / float((tree().rest if pose.rest is None else pose.rest)[0][1])
            floor = pose.floor if pose.floor is not None else 0
            wanted = (
                np.array((pose.root[0] - start.root[0], pose.root[1] - floor, pose.root[2] - start.root[2]), float)
                * scale
            )
            if motion == "HEIGHT":
                wanted[[0, 2]] = 0
            if motion == "OFF":
                wanted = np.array((0, 90.0, 0))
                assert target.pose.bones[mapping["hips"]].location.length < 1e-6
                continue  # only the hips' bone stays; the middle turns about it
            assert np.abs(middle - wanted).max() < 0.01, (motion, local, middle, wanted)


def later_frame(first):
    """Of the real stream, behind the one that is shown."""
    frame = type(live().receiver).latest(live().receiver)
    return frame if frame.poses and frame.poses[0].id == first.poses[0].id and frame.seq > first.seq + 5 else None


def receiver_shows(frame) -> None:
    live().receiver.latest = lambda stream="*": frame
    inside.pump()
    bpy.context.view_layer.update()


def test_mirror() -> None:
    empty_scene()
    target = mixamo_like(45)
    mapping = choose(target)
    bpy.context.scene.posewire.mirror = True
    found = shown_on(target, mapping, "mirrored", mirrored=True)
    assert len(found) > 12


def test_strength() -> None:
    empty_scene()
    target = mixamo_like(0)
    mapping = choose(target)
    chosen = bpy.context.scene.posewire
    chosen.left_arm = chosen.head = 0.0
    hand = target.pose.bones[mapping["leftLowerArm"]]
    hand.rotation_mode = "QUATERNION"
    hand.rotation_quaternion = (0.6, 0.8, 0, 0)
    frame = newest()
    with showing(frame):
        assert (hand.rotation_quaternion[0] - 0.6) ** 2 < 1e-9, "strength 0 leaves a limb alone"
        full = errors(target, mapping, frame.poses[0], tree())
        assert full["rightUpperArm"] < EXACT_DEG
        upper = target.pose.bones[mapping["rightUpperArm"]]
        whole = upper.rotation_quaternion.copy()
    chosen.right_arm = 0.5
    with showing(frame):
        half = upper.rotation_quaternion
        assert abs(half.angle - whole.angle / 2) < 1e-3
        assert abs(half.angle) > 0.05, "the demo's arms hang, so there is something to halve"


def test_rigify() -> None:
    empty_scene()
    inside.addon_utils.enable("rigify", default_set=True)
    bpy.ops.object.armature_human_metarig_add()
    metarig = bpy.context.object
    mapping = choose(metarig)
    assert metarig.posewire.convention == "Rigify metarig"
    assert len(mapping) == 19
    shown_on(metarig, mapping, "Rigify metarig")
    bpy.ops.posewire.reset_pose()
    bpy.context.view_layer.objects.active = metarig
    assert bpy.ops.pose.rigify_generate() == {"FINISHED"}
    [rig] = [thing for thing in bpy.data.objects if thing.type == "ARMATURE" and thing is not metarig]
    mapping = choose(rig)
    assert rig.posewire.convention == "Rigify"
    assert len(mapping) == 19
    # What a user sees of the rig are not the controls but the bones that follow them. Of the spine's middle the rig
    # makes something of its own.
    look = {"hips": "ORG-spine", "chest": "ORG-spine.003", "head": "ORG-spine.006"}
    for side, letter in (("left", "L"), ("right", "R")):
        for name, bone in (
            ("UpperArm", "upper_arm"),
            ("LowerArm", "forearm"),
            ("Hand", "hand"),
            ("UpperLeg", "thigh"),
            ("LowerLeg", "shin"),
            ("Foot", "foot"),
        ):
            look[side + name] = f"ORG-{bone}.{letter}"
    frame = newest()
    with showing(frame):
        found = errors(rig, look, frame.poses[0], tree())
        assert max(found.values()) > 10, "limbs on IK don't follow, which the panel tells of"
    assert inside.part("rig.rigify").wrong(rig)
    assert bpy.ops.posewire.switch_to_fk() == {"FINISHED"}
    assert not inside.part("rig.rigify").wrong(rig)
    # 0.1: Rigify's own stretching and copying constraints.
    shown_on(rig, mapping, "Rigify", 0.1, look)


def test_vrm() -> None:
    empty_scene()
    path = Path(__file__).parents[2] / "e2e" / "browser" / "vrm" / "vrm1.vrm"
    if find_spec("io_scene_vrm"):
        inside.addon_utils.enable("io_scene_vrm", default_set=True)
        assert bpy.ops.import_scene.vrm(filepath=str(path)) == {"FINISHED"}
    else:
        copy = Path(bpy.app.tempdir) / "avatar.glb"
        copy.write_bytes(path.read_bytes())
        assert bpy.ops.import_scene.gltf(filepath=str(copy)) == {"FINISHED"}
    [target] = [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]
    mapping = choose(target)
    assert len(mapping) == 19, mapping
    shown_on(target, mapping, "VRM")


if __name__ == "__main__":
    install()
    with inside.server() as (_, port):
        connected(port)
        main(globals())
