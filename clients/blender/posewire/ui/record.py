"""The buttons that start a take and write it as an action."""

from typing import ClassVar

import bpy

from ..feed import Take
from ..rig import action, bake
from ..rig.actor import Actor
from .live import LIVE, NotNow


class POSEWIRE_OT_record(bpy.types.Operator):
    """Keep every frame that comes from now on, until you stop; keyframes begin at the current frame"""

    bl_idname = "posewire.record"
    bl_label = "Record"

    @classmethod
    def poll(cls, context):
        """While connected, one take at a time."""
        if LIVE.receiver is None:
            cls.poll_message_set("Connect first")
        return LIVE.receiver is not None and LIVE.recording is None

    def execute(self, context):
        """Only where there is something to write it to, or the take would be for nothing."""
        try:
            _target(context.scene)
        except NotNow as reason:
            self.report({"ERROR"}, str(reason))
            return {"CANCELLED"}
        LIVE.start_take(context.scene.posewire, context.scene.frame_current)
        return {"FINISHED"}


class POSEWIRE_OT_stop_recording(bpy.types.Operator):
    """End the take and write it as a new action of the target"""

    bl_idname = "posewire.stop_recording"
    bl_label = "Stop and Write"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """While a take runs."""
        return LIVE.recording is not None

    def execute(self, context):
        """A target that can't be written to now leaves the take running."""
        scene = context.scene
        try:
            target = _target(scene)
        except NotNow as reason:
            self.report({"ERROR"}, f"{reason}. The take goes on until there is a target")
            return {"CANCELLED"}
        recording, take = LIVE.recording, LIVE.stop_take()
        recording.actor.acting = scene.posewire.acting()
        timing = bake.Timing(scene.render.fps / scene.render.fps_base, recording.start)
        manager = context.window_manager
        manager.progress_begin(0, 1)
        try:
            frames, tracks = _bake(take, recording.actor, scene.posewire, target, timing, manager.progress_update)
            names = action.write(action.next_name(), frames, tracks)
        except bake.BakeError as error:
            LIVE.result = f"Nothing was written: {error}"
            self.report({"ERROR"}, LIVE.result)
            return {"CANCELLED"}
        finally:
            manager.progress_end()
        LIVE.result = _summary(names[0], take, frames)
        self.report({"INFO"}, LIVE.result)
        return {"FINISHED"}


class POSEWIRE_OT_discard_recording(bpy.types.Operator):
    """End the take and throw it away"""

    bl_idname = "posewire.discard_recording"
    bl_label = "Discard"

    @classmethod
    def poll(cls, context):
        """While a take runs."""
        return LIVE.recording is not None

    def execute(self, context):
        """Throw it away."""
        LIVE.stop_take()
        return {"FINISHED"}


def _target(scene):
    settings = scene.posewire
    return LIVE.points(settings, scene) if settings.target == "POINTS" else LIVE.armature(settings, scene)


def _bake(take: Take, actor: Actor, settings, target, timing: bake.Timing, progress):
    if settings.target == "POINTS":
        return bake.empties(take, actor, target, timing)
    armature, binding = target
    return bake.armature(take, actor, armature, binding, settings.strengths(), timing, progress)


def _summary(name: str, take: Take, frames) -> str:
    text = f"{name}: {take.seconds:.1f}\N{NO-BREAK SPACE}s, frames {frames[0]} to {frames[-1]}"
    lost = sum(gap.end_us - gap.start_us for gap in take.gaps) / 1e6
    if lost:
        text += f", held {lost:.1f} s while the connection was lost"
    return text + (", full" if take.is_full else "")


CLASSES = (POSEWIRE_OT_record, POSEWIRE_OT_stop_recording, POSEWIRE_OT_discard_recording)
