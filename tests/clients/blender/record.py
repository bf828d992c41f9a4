"""Takes become actions: at the right frames, with the right values, and nothing is lost."""

import sys
from pathlib import Path

import bpy
import numpy as np
from mathutils import Euler, Quaternion

sys.path.insert(0, str(Path(__file__).parent))
import inside
from inside import (
    between_degrees,
    body_frame,
    choose,
    connected,
    empty_scene,
    errors,
    install,
    live,
    main,
    mixamo_like,
    wait,
)


def curves(action, target):
    """F-curves by path and index, whichever Blender it is."""
    if hasattr(action, "slots"):
        slot = target.animation_data.action_slot
        bag = action.layers[0].strips[0].channelbag(slot)
        return {(curve.data_path, curve.array_index): curve for curve in bag.fcurves}
    return {(curve.data_path, curve.array_index): curve for curve in action.fcurves}


def keys(curve) -> np.ndarray:
    found = np.empty(2 * len(curve.keyframe_points))
    curve.keyframe_points.foreach_get("co", found)
    return found.reshape(-1, 2)


def record(seconds: float):
    """Record that much; gives the take that was written."""
    assert bpy.ops.posewire.record() == {"FINISHED"}
    wait(lambda: live().receiver.take_progress.seconds >= seconds, f"{seconds} s of a take")
    taken = []
    stop = live().receiver.stop_take
    live().receiver.stop_take = lambda: taken.append(stop()) or taken[0]
    assert bpy.ops.posewire.stop_recording() == {"FINISHED"}
    live().receiver.stop_take = stop
    return taken[0]


def test_keys_are_where_and_what_was_captured() -> None:
    for fps, base in ((24, 1.0), (30, 1.001), (120, 1.0)):
        empty_scene()
        scene = bpy.context.scene
        scene.render.fps, scene.render.fps_base = fps, base
        scene.frame_set(11)
        target = mixamo_like(45, units=1)
        modes = {"mixamorig:Spine": "XYZ", "mixamorig:Head": "ZYX", "mixamorig:LeftLeg": "AXIS_ANGLE"}
        for bone, mode in modes.items():
            target.pose.bones[bone].rotation_mode = mode
        mapping = choose(target)
        take = record(2.0)
        action = target.animation_data.action
        assert action.name == "Posewire take 001"
        found = curves(action, target)
        times = np.array(take.times_us)
        rate = fps / base
        wanted = np.arange(int((times[-1] - times[0]) / 1e6 * rate) + 1) + 11
        some = keys(next(iter(found.values())))
        assert (some[:, 0] == wanted).all(), (some[:3], some[-3:], wanted[-1])
        assert all((keys(curve)[:, 0] == wanted).all() for curve in found.values())
        # What a scene's frame shows is the solver's body between the two captures around its time.
        worst = 0.0
        for number in range(0, len(wanted), 7):
            t_us = times[0] + number * 1e6 / rate
            after = min(int(np.searchsorted(times, t_us)), len(times) - 1)
            before = max(after - 1, 0)
            pose = blended(take.frames[before].poses[0], take.frames[after].poses[0], t_us, times[before], times[after])
            scene.frame_set(11 + number)
            worst = max(worst, *errors(target, mapping, pose, take.bones).values())
        print(f"  {rate:.2f} fps: {len(wanted)} keys, {len(found)} curves, worst {worst:.4f} degrees", flush=True)
        # Local rotations are interpolated before and after retargeting: a few thousandths apart.
        assert worst < 0.3
        assert_continuous(found)
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = 24, 1.0


def blended(a, b, t_us: float, before_us: int, after_us: int):
    if after_us == before_us or after_us - before_us > 500_000:
        return b if t_us >= after_us else a
    share = (t_us - before_us) / (after_us - before_us)
    blend = inside.part("feed.blend")
    return blend._blend_pose(a, b, share)


def assert_continuous(found) -> None:
    """No quaternion changes its sign, no angle jumps by a turn."""
    for path in {path for path, _ in found}:
        values = np.array([keys(curve)[:, 1] for (other, _), curve in sorted(found.items()) if other == path])
        if path.endswith("rotation_quaternion"):
            assert ((values[:, 1:] * values[:, :-1]).sum(axis=0) > 0).all(), path
        elif path.endswith("rotation_euler"):
            assert np.abs(np.diff(values)).max() <= np.pi, path


def test_a_take_goes_on_from_where_the_person_is_shown() -> None:
    """Not from the stage's origin: what is recorded is what was seen."""
    empty_scene()
    bpy.context.scene.frame_set(1)
    target = mixamo_like(45, units=1)
    hips = target.pose.bones[choose(target)["hips"]]
    for _ in range(10):
        before = wait(lambda: live()._actor and live()._actor._follower.id, "somebody")
        live()._actor._stage._x_m -= 1.5  # as if the person had come in 1.5 m from here
        take = record(0.5)
        # The clip begins anew now and then, and with it a new person.
        if {pose.id for frame in take.frames for pose in frame.poses} == {before}:
            break
        bpy.context.scene.frame_set(1)
    with inside.showing(take.frames[0]):
        shown = hips.location.copy()
    assert abs(shown.length) > 1.0
    bpy.context.scene.frame_set(1)
    assert (hips.location - shown).length < 1e-4, (hips.location, shown)


def test_takes_are_numbered_and_older_actions_stay() -> None:
    empty_scene()
    target = mixamo_like(45)
    choose(target)
    own = bpy.data.actions.new("Mine")
    target.animation_data_create().action = own
    record(0.3)
    record(0.3)
    assert target.animation_data.action.name == "Posewire take 002"
    assert own.use_fake_user, "the action that was there is kept in the file"
    assert bpy.data.actions["Posewire take 001"].use_fake_user


def test_the_action_plays() -> None:
    empty_scene()
    bpy.context.scene.frame_set(1)
    assert bpy.ops.posewire.make_figure() == {"FINISHED"}
    target = bpy.context.scene.posewire.armature
    record(1.0)
    bpy.ops.posewire.disconnect()
    action = target.animation_data.action
    found = curves(action, target)
    path = 'pose.bones["leftUpperArm"].rotation_quaternion'
    for frame in (1, 9, 17):
        bpy.context.scene.frame_set(frame)
        stored = [keys(found[path, axis])[frame - 1, 1] for axis in range(4)]
        assert np.abs(np.array(target.pose.bones["leftUpperArm"].rotation_quaternion) - stored).max() < 1e-5


def test_points() -> None:
    empty_scene()
    reconnect()
    wait(lambda: live().receiver.landmarks, "landmarks")
    assert bpy.ops.posewire.make_points() == {"FINISHED"}
    bpy.context.scene.frame_set(5)
    take = record(1.0)
    root = bpy.context.scene.posewire.points
    assert len(root.children) == 33
    nose = next(child for child in root.children if child["posewire_landmark"] == "nose")
    if hasattr(nose.animation_data.action, "slots"):
        assert len({child.animation_data.action.name for child in root.children}) == 1
    found = keys(curves(nose.animation_data.action, nose)["location", 2])
    assert found[0, 0] == 5
    pose = take.frames[0].poses[0]
    index = take.landmarks.index("nose")
    height = pose.world[index][1] + pose.root[1] - pose.floor
    assert abs(found[0, 1] - height) < 1e-3


def test_nobody_is_no_take() -> None:
    empty_scene()
    target = mixamo_like(45)
    choose(target)
    assert bpy.ops.posewire.record() == {"FINISHED"}
    wait(lambda: live().receiver.take_progress.frames > 3, "frames")
    stop = live().receiver.stop_take
    feed = inside.part("feed")
    live().receiver.stop_take = lambda: (stop(), feed.Take("x", (), (), (), 0, False, None, ()))[1]
    failed(bpy.ops.posewire.stop_recording)
    live().receiver.stop_take = stop
    assert "Nothing was written" in live().result
    assert not bpy.data.actions


def test_a_target_that_is_gone_keeps_the_take() -> None:
    empty_scene()
    target = mixamo_like(45)
    choose(target)
    assert bpy.ops.posewire.record() == {"FINISHED"}
    wait(lambda: live().receiver.take_progress.frames > 3, "frames")
    bpy.data.objects.remove(target)
    failed(bpy.ops.posewire.stop_recording)
    assert live().recording is not None
    other = mixamo_like(30)
    choose(other)
    assert bpy.ops.posewire.stop_recording() == {"FINISHED"}
    assert other.animation_data.action is not None


def failed(operator) -> None:
    """An operator that reports an error raises it in a script."""
    try:
        result = operator()
    except RuntimeError:
        return
    assert result == {"CANCELLED"}


def test_undo_takes_back_a_take_in_one_step() -> None:
    empty_scene()
    target = mixamo_like(45)
    choose(target)
    bpy.ops.ed.undo_push(message="before")
    record(0.3)
    bpy.ops.ed.undo_push(message="take")
    bpy.ops.ed.undo()
    assert not bpy.data.actions, list(bpy.data.actions)
    inside.pump()
    wait(body_frame, "frames after an undo")
    assert not live().fault


def test_a_lost_connection_is_held() -> None:
    """Frames before the gap, the same pose through it, frames after."""
    empty_scene()
    bpy.context.scene.frame_set(1)
    target = mixamo_like(45, units=1)
    choose(target)
    port = PORTS[-1]
    assert bpy.ops.posewire.record() == {"FINISHED"}
    wait(lambda: live().receiver.take_progress.frames > 10, "frames")
    SERVERS[-1].kill()
    SERVERS[-1].wait()
    wait(lambda: live().receiver.state.value == "lost", "lost")
    before = live().receiver.take_progress.frames
    with inside.server(port=port):
        wait(lambda: live().receiver.take_progress.frames > before + 10, "frames after the server came back")
        assert bpy.ops.posewire.stop_recording() == {"FINISHED"}
    assert "held" in live().result, live().result
    action = target.animation_data.action
    found = curves(action, target)
    wholes = [keys(curve) for curve in found.values()]
    numbers = wholes[0][:, 0]
    assert (np.diff(numbers) == 1).all(), "a key at each frame, through the gap too"
    still = np.all([np.abs(np.diff(whole[:, 1])) < 1e-7 for whole in wholes], axis=0)
    assert still.sum() >= 12, "half a second at least was held"
    assert not still[:3].all()


def test_grid() -> None:
    """Uneven times, a gap, one sample."""
    bake = inside.part("rig.bake")
    timing = bake.Timing(10.0, 1)
    lattice = bake.grid([1_000_000, 1_150_000, 1_300_000, 2_900_000], 1_000_000, timing)
    assert lattice.frames.tolist() == list(range(1, 21))
    values = lattice.linear(np.array([[0.0], [15.0], [30.0], [190.0]])).ravel()
    assert np.allclose(values[:4], [0, 10, 20, 30]), values
    assert np.allclose(values[4:19], 30), "the gap of 1.6 s is held"
    single = bake.grid([1_040_000], 1_000_000, timing)
    assert single.frames.tolist() == [2]
    signs = bake.Grid(np.arange(2), np.array([0, 1]), np.array([1, 1]), np.array([0.5, 0.0]))
    turned = np.array([[[1.0, 0, 0, 0]], [[-1.0, 0, 0, 0]]])
    assert np.allclose(signs.rotations(turned), [[[1, 0, 0, 0]], [[1, 0, 0, 0]]])


def test_rotation_channels() -> None:
    """Euler angles go on past 180 degrees, axis and angle mean the same."""
    empty_scene()
    target = mixamo_like(0)
    bone = target.pose.bones[0]
    turns = [Quaternion((0, 0, 1), angle) for angle in np.linspace(0, 6, 40)]
    bone.rotation_mode = "XYZ"
    channels = inside.part("rig.bake")._rotation_channels(bone, np.array([turn[:] for turn in turns]))
    assert abs(channels[2].values[-1] - 6) < 1e-4
    last = Euler([channel.values[-1] for channel in channels]).to_quaternion()
    assert between_degrees(np.array(last.to_matrix()), np.array(turns[-1].to_matrix())) < 1e-3


PORTS: "list[int]" = []
SERVERS: list = []


def reconnect() -> None:
    connected(PORTS[-1])


if __name__ == "__main__":
    install()
    with inside.server() as (process, number):
        PORTS.append(number)
        SERVERS.append(process)
        reconnect()
        main(globals())
