"""In Blender's window: the timer beats by itself, the panel draws, buttons work. Any version; run by tests/clients.

    blender --factory-startup --python window.py -- ZIP ADDRESS

Ends Blender with status 0 or 1.
"""

import os
import sys
import time
import traceback

import addon_utils
import bpy

ZIP, ADDRESS = sys.argv[sys.argv.index("--") + 1 :][:2]
LIMIT_S = 300
LEGACY = not hasattr(bpy.ops, "extensions") or bpy.app.version < (4, 2, 0)
PACKAGE = "posewire" if LEGACY else "bl_ext.user_default.posewire"
started_s = time.monotonic()


def leave(status: int) -> None:
    sys.stdout.flush()
    os._exit(status)


def install() -> None:
    if LEGACY:
        bpy.ops.preferences.addon_install(filepath=ZIP, overwrite=True)
        bpy.ops.preferences.addon_enable(module=PACKAGE)
    else:
        bpy.ops.extensions.package_install_files(filepath=ZIP, repo="user_default", enable_on_install=True)
        addon_utils.enable(PACKAGE, default_set=True)


def part(name: str):
    return sys.modules[f"{PACKAGE}.{name}"]


def view():
    window = bpy.context.window_manager.windows[0]
    [area] = [area for area in window.screen.areas if area.type == "VIEW_3D"]
    return window, area


def show_sidebar() -> None:
    """Open, with our panels in the tab that is shown first: which tab is shown can't be set before Blender 4.2."""
    _, area = view()
    area.spaces.active.show_region_ui = True
    kinds = part("ui.panel").CLASSES
    for kind in reversed(kinds):
        bpy.utils.unregister_class(kind)
    for kind in kinds:
        kind.bl_category = "Item"
        bpy.utils.register_class(kind)


drawn: "list[str]" = []


def watch_drawing() -> None:
    """Notes which panels were drawn without an error."""
    for kind in part("ui.panel").CLASSES:
        kind.draw = watched(kind.draw, kind.__name__)


def watched(whole, name: str):
    # Blender counts the arguments.
    def draw(self, context):
        try:
            whole(self, context)
        except Exception:
            traceback.print_exc()
            leave(1)
        drawn.append(name)

    return draw


def steps():
    """Each `yield` lets Blender's own loop run on; what is yielded is waited for."""
    install()
    watch_drawing()
    show_sidebar()
    yield lambda: True
    bpy.context.preferences.addons[PACKAGE].preferences.address = ADDRESS
    live = part("ui.live").LIVE
    assert bpy.ops.posewire.connect() == {"FINISHED"}
    yield lambda: live.receiver.state.value == "live" and live.receiver.latest() and live.receiver.latest().poses
    window, area = view()
    [region] = [region for region in area.regions if region.type == "WINDOW"]
    override = {"window": window, "area": area, "region": region}
    with bpy.context.temp_override(**override):
        assert bpy.ops.posewire.make_figure() == {"FINISHED"}
    figure = bpy.context.scene.posewire.armature
    name, before = figure.name, figure.pose.bones["hips"].rotation_quaternion.copy()
    # No pump here: only Blender's own timer can move it.
    yield lambda: bpy.data.objects[name].pose.bones["hips"].rotation_quaternion != before
    print("the timer moves the figure")
    with bpy.context.temp_override(**override):
        assert bpy.ops.posewire.record() == {"FINISHED"}
    yield lambda: live.receiver.take_progress.seconds > 1
    with bpy.context.temp_override(**override):
        assert bpy.ops.posewire.stop_recording() == {"FINISHED"}
    assert bpy.data.objects[name].animation_data.action.name == "Posewire take 001"
    print("recorded", live.result)
    bpy.ops.ed.undo_push(message="more")
    bpy.ops.ed.undo()
    yield lambda: not live.fault
    assert bpy.ops.posewire.disconnect() == {"FINISHED"}
    assert not bpy.app.timers.is_registered(part("ui.beat")._timer)
    print("panels drawn:", ", ".join(sorted(set(drawn))))
    assert {"POSEWIRE_PT_connection", "POSEWIRE_PT_target", "POSEWIRE_PT_record"} <= set(drawn)
    bpy.ops.preferences.addon_disable(module=PACKAGE)
    assert not hasattr(bpy.types.Scene, "posewire")
    print("all passed")


def drive() -> "float | None":
    """An exception in a timer would leave the window open for ever."""
    global waiting
    try:
        if time.monotonic() - started_s > LIMIT_S:
            raise AssertionError(f"not done in {LIMIT_S} s")
        if waiting is None or waiting():
            waiting = next(story)
    except StopIteration:
        leave(0)
    except BaseException:
        traceback.print_exc()
        leave(1)
    return 0.05


story = steps()
waiting = None
bpy.app.timers.register(drive, first_interval=0.5)
