"""From installing to disabling: connection, files, undo, edit mode, targets that go away, and nothing left behind."""

import os
import sys
import tempfile
import threading
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).parent))
import inside
from inside import body_frame, choose, connect, connected, empty_scene, install, live, main, mixamo_like, pump, wait

SECRET = "a-token-to-keep"


def timer_runs() -> bool:
    return bpy.app.timers.is_registered(inside.part("ui.beat")._timer)


def threads() -> "list[str]":
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("posewire")]


def moves(target) -> bool:
    bone = target.pose.bones[target.posewire.mapping()["hips"]]
    before = bone.rotation_quaternion.copy(), bone.location.copy()
    wait(lambda: (bone.rotation_quaternion, bone.location) != before, "the hips move")
    return True


def test_nothing_runs_before_connecting() -> None:
    assert live().receiver is None
    assert not threads()
    assert not timer_runs()
    pump()


def test_connect_and_disconnect() -> None:
    with inside.server() as (_, port):
        connect(port)
        assert timer_runs()
        wait(lambda: live().receiver.state.value == "live", "live")
        wait(body_frame, "a frame")
        assert wait(lambda: live().receiver.rate_fps(), "a rate") > 0
        assert bpy.ops.posewire.disconnect() == {"FINISHED"}
        assert live().receiver is None
        assert not timer_runs()
        assert not threads()


def test_a_wrong_token_is_told() -> None:
    with inside.server("--token", SECRET) as (_, port):
        connect(port, "wrong")
        wait(lambda: live().receiver.state.value == "refused", "refused")
        assert "401" in live().receiver.reason or "token" in live().receiver.reason.lower(), live().receiver.reason
        bpy.ops.posewire.disconnect()
        connected(port, SECRET)
        bpy.ops.posewire.disconnect()


def test_addresses_that_are_none() -> None:
    preferences = bpy.context.preferences.addons[inside.PACKAGE].preferences
    for address in ("", "http://", "ftp://x", "a b", "x:99999999", "ws://h?subscribe=*"):
        preferences.address = address
        refused(bpy.ops.posewire.connect, "")
        assert live().receiver is None


def test_the_internet_only_where_blender_may() -> None:
    network = inside.part("ui.network")
    for address in (
        "127.0.0.1:8765",
        "localhost:1",
        "192.168.1.7:8765",
        "10.0.0.1:1",
        "[::1]:8765",
        "[fe80::1]:1",
        "studio:1",
    ):
        assert not network.is_internet(address), address
    for address in ("pc.local:8765", "pc.fritz.lan:1", "wss://media.home.arpa/", "169.254.1.2:1"):
        assert not network.is_internet(address), address
    for address in ("example.com:8765", "wss://8.8.8.8/", "[2001:4860:4860::8888]:1", "local.example.org:1"):
        assert network.is_internet(address), address
    if not getattr(bpy.app, "online_access", True):
        bpy.context.preferences.addons[inside.PACKAGE].preferences.address = "example.com:8765"
        refused(bpy.ops.posewire.connect, "Allow online access")


def refused(operator, text: str) -> None:
    try:
        result = operator()
    except RuntimeError as error:
        assert text in str(error), error
    else:
        assert result == {"CANCELLED"}


def test_a_server_that_dies_and_comes_back() -> None:
    empty_scene()
    target = mixamo_like()
    choose(target)
    with inside.server() as (process, port):
        connected(port)
        assert moves(target)
        process.kill()
        wait(lambda: live().receiver.state.value == "lost", "lost")
        assert live().receiver.reason
        assert not live().fault
    with inside.server(port=port):
        wait(lambda: live().receiver.state.value == "live", "live again")
        assert moves(target)
        bpy.ops.posewire.disconnect()


def with_connection(test):
    """Of the tests below: one server for all."""

    def run() -> None:
        empty_scene()
        with inside.server() as (_, port):
            connected(port)
            test()
            assert not live().fault, live().fault
            bpy.ops.posewire.disconnect()

    run.__name__ = test.__name__
    return run


@with_connection
def test_targets_that_go_away() -> None:
    chosen = bpy.context.scene.posewire
    chosen.target, chosen.armature = "ARMATURE", None
    wait(lambda: "Choose or make" in live().notice, "a word about the missing target")
    target = mixamo_like()
    choose(target)
    assert moves(target)
    assert live().notice == ""

    target.name = "Renamed"
    assert moves(target)

    bpy.context.view_layer.objects.active = target
    bpy.ops.object.mode_set(mode="EDIT")
    wait(lambda: "edit mode" in live().notice, "a word about edit mode")
    target.data.edit_bones["mixamorig:LeftArm"].roll += 0.5
    bpy.ops.object.mode_set(mode="OBJECT")
    assert moves(target)

    bpy.ops.object.mode_set(mode="POSE")
    assert moves(target)
    bpy.ops.object.mode_set(mode="OBJECT")

    target.data.bones["mixamorig:LeftForeArm"].name = "Elbow"
    wait(lambda: live()._binding is not None, "bound anew")
    assert moves(target)

    target.data.bones["mixamorig:Hips"].name = "Pelvis"
    wait(lambda: "hips" in live().notice, "a word about the hips")
    target.data.bones["Pelvis"].name = "mixamorig:Hips"
    assert moves(target)

    # As X in the 3D view does it: the scene's settings still hold it.
    for collection in list(target.users_collection):
        collection.objects.unlink(target)
    wait(lambda: "not in this scene" in live().notice, "a word about the deleted target")
    bpy.data.objects.remove(target)
    wait(lambda: "Choose or make" in live().notice, "a word about the missing target")


@with_connection
def test_another_object_in_edit_mode() -> None:
    target = mixamo_like()
    choose(target)
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    assert moves(target)
    bpy.ops.object.mode_set(mode="OBJECT")


@with_connection
def test_bone_maps_that_make_no_sense() -> None:
    target = mixamo_like()
    choose(target)
    lines = target.posewire.bones
    lines["spine"].bone = lines["chest"].bone
    wait(lambda: "given twice" in live().notice, "a word about the bone that is given twice")
    bpy.ops.posewire.match_bones()
    lines["hips"].bone = ""
    wait(lambda: "no bone for the hips" in live().notice, "a word about the hips")
    bpy.ops.posewire.match_bones()
    for part in ("UpperLeg", "UpperArm", "Shoulder"):
        lines["left" + part].bone = ""
    wait(lambda: "which way the figure faces" in live().notice, "a word about left and right")
    bpy.ops.posewire.clear_bones()
    wait(lambda: "no bone for the hips" in live().notice, "a word about the hips")
    empty = bpy.data.objects.new("None", bpy.data.armatures.new("None"))
    bpy.context.collection.objects.link(empty)
    bpy.context.scene.posewire.armature = empty
    bpy.ops.posewire.match_bones()
    wait(lambda: "no bone for the hips" in live().notice, "an armature without bones is told of")


@with_connection
def test_an_exception_is_shown_once_and_the_beat_goes_on() -> None:
    target = mixamo_like()
    choose(target)
    module = inside.part("ui.live")
    whole, printed = module.retarget, []

    def broken(*_):
        raise ValueError("broken on purpose\nsecond line")

    tracebacks = module.traceback.print_exc
    module.retarget, module.traceback.print_exc = broken, lambda: printed.append(1)
    try:
        wait(lambda: live().fault, "the fault")
        before = live().receiver.received
        wait(lambda: live().receiver.received > before + 3, "more frames")
        assert live().fault == "ValueError: broken on purpose"
        assert len(printed) == 1, "a traceback once, not with each frame"
    finally:
        module.retarget, module.traceback.print_exc = whole, tracebacks
    assert moves(target)
    assert live().fault == ""


@with_connection
def test_undo_while_live() -> None:
    bpy.ops.ed.undo_push(message="start")
    target = mixamo_like()
    name = target.name
    choose(target)
    bpy.ops.ed.undo_push(message="rig")
    assert moves(target)
    bpy.ops.ed.undo()
    for _ in range(5):
        pump()
    bpy.ops.ed.redo()
    assert moves(bpy.data.objects[name])


@with_connection
def test_points() -> None:
    wait(lambda: live().receiver.landmarks, "landmarks")
    assert bpy.ops.posewire.make_points() == {"FINISHED"}
    root = bpy.context.scene.posewire.points
    nose = next(child for child in root.children if child["posewire_landmark"] == "nose")
    nose.name = "Renamed"
    before = nose.location.copy()
    wait(lambda: nose.location != before, "the nose moves")
    frame = live().receiver.latest()
    with inside.showing(frame):
        pose = frame.poses[0]
        hips = [child for child in root.children if child["posewire_landmark"] in ("left_hip", "right_hip")]
        middle = sum(child.location.z for child in hips) / 2
        assert abs(middle - (pose.root[1] - pose.floor)) < 0.02
        for child in root.children:
            row = live().receiver.landmarks.index(child["posewire_landmark"])
            assert abs((child.location.z - nose.location.z) - (pose.world[row][1] - pose.world[0][1])) < 1e-4
            assert abs((child.location.y - nose.location.y) + (pose.world[row][2] - pose.world[0][2])) < 1e-4
            assert abs((child.location.x - nose.location.x) - (pose.world[row][0] - pose.world[0][0])) < 1e-4
    bpy.context.scene.posewire.root = "OFF"
    with inside.showing(frame):
        assert abs(sum(child.location.z for child in hips) / 2 - frame.poses[0].rest[0][1]) < 0.02
    hidden = min(root.children, key=lambda child: child.empty_display_size)
    assert hidden.empty_display_size > 0
    for child in list(root.children):
        bpy.data.objects.remove(child)
    wait(lambda: "make new points" in live().notice, "a word about the deleted points")


@with_connection
def test_a_file_is_opened_while_connected() -> None:
    target = mixamo_like()
    name = target.name
    choose(target)
    path = os.path.join(tempfile.mkdtemp(), "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    assert moves(target)
    bpy.ops.posewire.record()
    bpy.ops.wm.open_mainfile(filepath=path)
    assert live().recording is None
    assert "given up" in live().result
    assert timer_runs(), "the timer outlives the file"
    assert bpy.context.scene.posewire.armature.name == name
    assert len(bpy.context.scene.posewire.armature.posewire.mapping()) == 19
    assert moves(bpy.data.objects[name])
    bpy.ops.wm.read_homefile(use_factory_startup=False, use_empty=True)
    wait(lambda: "Choose or make" in live().notice, "a word about the missing target")
    assert live().receiver.state.value == "live"


def test_no_token_in_a_file() -> None:
    with inside.server("--token", SECRET) as (_, port):
        connected(port, SECRET)
        target = mixamo_like()
        choose(target)
        path = Path(tempfile.mkdtemp()) / "scene.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=False)
        data = path.read_bytes()
        assert b"mixamorig" in data, "the file is readable as it is"
        assert SECRET.encode() not in data
        bpy.ops.posewire.disconnect()


def test_disabling_leaves_nothing() -> None:
    with inside.server() as (_, port):
        connected(port)
        choose(mixamo_like())
        beat = inside.part("ui.beat")
        before = handlers()
        assert before > 0
        inside.addon_utils.disable(inside.PACKAGE, default_set=True)
        assert not bpy.app.timers.is_registered(beat._timer)
        assert not threads()
        assert handlers() == 0
        assert not hasattr(bpy.types.Scene, "posewire")
        assert not hasattr(bpy.types.Object, "posewire")
        assert not [name for name in dir(bpy.types) if "posewire" in name.lower()]
        assert not [name for name in dir(bpy.ops) if name == "posewire" and dir(bpy.ops.posewire)]
        inside.addon_utils.enable(inside.PACKAGE, default_set=True)
        assert live().receiver is None
        connected(port)
        inside.addon_utils.disable(inside.PACKAGE, default_set=True)
        assert not threads()


def handlers() -> int:
    return sum(
        "posewire" in handler.__module__
        for kind in ("load_pre", "load_post")
        for handler in getattr(bpy.app.handlers, kind)
    )


if __name__ == "__main__":
    install()
    main(globals())
