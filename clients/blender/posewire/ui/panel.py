"""The panel in the 3D view's sidebar."""

import textwrap
from typing import ClassVar

import bpy

from ..feed import State
from ..rig import rigify
from ..rig.skeleton import BY_NAME, HUMANOID, LIMBS
from . import preferences
from .live import LIVE

ICONS = {
    State.OFF: "UNLINKED",
    State.CONNECTING: "SORTTIME",
    State.LIVE: "CHECKMARK",
    State.LOST: "ERROR",
    State.REFUSED: "CANCEL",
}
LABELS = {
    State.OFF: "Not connected",
    State.CONNECTING: "Connecting",
    State.LIVE: "Live",
    State.LOST: "Lost, trying again",
    State.REFUSED: "Refused",
}
CHARACTER_PX = 6.6
"""Mean width of a character of Blender's interface font at scale 1."""
ROTATING = ("IK", "COPY_ROTATION", "COPY_TRANSFORMS", "DAMPED_TRACK", "TRACK_TO", "LOCKED_TRACK", "ARMATURE")
"""Constraints that turn a bone."""


def wrapped(layout, context, text: str, icon: str = "NONE") -> None:
    """A text on as many lines as it needs."""
    width = context.region.width / context.preferences.system.ui_scale - 70
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(text, max(16, int(width / CHARACTER_PX)))):
        column.label(text=line, icon=icon if not number else "BLANK1" if icon != "NONE" else "NONE")


class _InSidebar:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Posewire"


class POSEWIRE_PT_connection(_InSidebar, bpy.types.Panel):
    """Address, token, and how the connection stands."""

    bl_idname = "POSEWIRE_PT_connection"
    bl_label = "Posewire"

    def draw(self, context):
        """Settings first, then the button, then what came of it."""
        layout = self.layout
        prefs = preferences.of(context)
        receiver = LIVE.receiver
        fields = layout.column(align=True)
        fields.enabled = receiver is None
        fields.prop(prefs, "address", text="", icon="URL")
        if bpy.app.version >= (4, 1, 0):
            fields.prop(prefs, "token", text="", icon="LOCKED", placeholder="Token")
        else:
            fields.prop(prefs, "token", text="Token")
        row = layout.row()
        row.scale_y = 1.4
        if receiver is None:
            row.operator("posewire.connect", icon="LINKED")
        else:
            row.operator("posewire.disconnect", icon="UNLINKED")
        _state(layout, context, receiver)


def _state(layout, context, receiver) -> None:
    box = layout.box()
    state = State.OFF if receiver is None else receiver.state
    row = box.row()
    row.alert = state in (State.LOST, State.REFUSED)
    row.label(text=LABELS[state], icon=ICONS[state])
    if receiver is None:
        return
    stream = context.scene.posewire.stream or "*"
    if state is State.LIVE:
        latency = LIVE.latency_ms
        row.label(text=f"{receiver.rate_fps(stream):.0f} fps")
        if latency is not None:
            box.label(text=f"{latency:.0f} ms latency", icon="BLANK1")
    if receiver.reason:
        wrapped(box, context, receiver.reason)
    for status in receiver.statuses.values():
        if status.state != "live":
            wrapped(box, context, f"{status.stream} {'gone' if status.gone else status.state}: {status.detail}", "INFO")
    if receiver.dropped:
        wrapped(box, context, f"{receiver.dropped} frames left out: this computer is slow to take them")
    if LIVE.notice:
        wrapped(box, context, LIVE.notice, "INFO")
    if LIVE.fault:
        wrapped(box, context, LIVE.fault, "ERROR")


class _Sub(_InSidebar):
    bl_parent_id = "POSEWIRE_PT_connection"


class POSEWIRE_PT_target(_Sub, bpy.types.Panel):
    """What is moved."""

    bl_label = "Target"

    def draw(self, context):
        """Which kind, which one, and how to make one."""
        layout = self.layout
        chosen = context.scene.posewire
        layout.row().prop(chosen, "target", expand=True)
        if chosen.target == "POINTS":
            layout.prop(chosen, "points", text="")
            layout.operator("posewire.make_points", icon="ADD")
            return
        layout.prop(chosen, "armature", text="")
        row = layout.row(align=True)
        row.operator("posewire.make_figure", icon="ADD")
        row.prop(chosen, "with_body", text="", icon="OUTLINER_OB_MESH")
        if chosen.armature is not None:
            _rig(layout, context, chosen.armature)


def _rig(layout, context, target) -> None:
    mapping = target.posewire.mapping()
    layout.operator("posewire.match_bones", icon="FILE_REFRESH")
    bones = target.data.bones
    missing = [BY_NAME[name].label for name in BY_NAME if mapping.get(name, "") not in bones]
    convention = target.posewire.convention
    of = f" ({convention})" if convention else ""
    wrapped(layout, context, f"{len(HUMANOID) - len(missing)} of {len(HUMANOID)} bones{of}")
    if missing and len(missing) < len(HUMANOID):
        wrapped(layout, context, f"Without: {', '.join(missing)}", "INFO")
    if rigify.is_generated(target) and rigify.wrong(target):
        box = layout.box()
        wrapped(
            box,
            context,
            "This Rigify rig follows IK controls. Switch it to FK, or its limbs stay where they are.",
            "ERROR",
        )
        box.operator("posewire.switch_to_fk")
        return
    held = [name for name in mapping.values() if _is_held(target.pose.bones.get(name))]
    if held:
        wrapped(layout, context, f"Constraints may turn these otherwise: {', '.join(held[:6])}", "INFO")


def _is_held(bone) -> bool:
    if bone is None:
        return False
    return any(one.type in ROTATING and not one.mute and one.influence > 0 for one in bone.constraints)


class POSEWIRE_PT_bones(_Sub, bpy.types.Panel):
    """The bone map."""

    bl_label = "Bone Map"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context):
        """Of an armature."""
        chosen = context.scene.posewire
        return chosen.target == "ARMATURE" and chosen.armature is not None

    def draw(self, context):
        """A line for each bone of the humanoid."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        target = context.scene.posewire.armature
        column = layout.column(align=True)
        for line in target.posewire.bones:
            row = column.row(align=True)
            row.alert = bool(line.bone) and line.bone not in target.data.bones
            row.prop_search(line, "bone", target.data, "bones", text=BY_NAME[line.name].label)
        layout.operator("posewire.clear_bones", icon="X")


class POSEWIRE_PT_motion(_Sub, bpy.types.Panel):
    """How the person is shown."""

    bl_label = "Motion"

    def draw(self, context):
        """Whom, how smooth, where."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        chosen = context.scene.posewire
        column = layout.column()
        if len(LIVE.streams()) > 1 or chosen.stream:
            column.prop(chosen, "stream")
        column.prop(chosen, "person")
        column.row().prop(chosen, "playout", expand=True)
        column.prop(chosen, "root")
        column.prop(chosen, "mirror")
        row = layout.row(align=True)
        row.operator("posewire.recentre", icon="PIVOT_CURSOR")
        if chosen.target == "ARMATURE":
            row.operator("posewire.reset_pose", icon="LOOP_BACK")


class POSEWIRE_PT_strength(_InSidebar, bpy.types.Panel):
    """Strength of each limb."""

    bl_label = "Strength"
    bl_parent_id = "POSEWIRE_PT_motion"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context):
        """Of an armature."""
        return context.scene.posewire.target == "ARMATURE"

    def draw(self, context):
        """A slider for each limb."""
        column = self.layout.column(align=True)
        for limb, label in LIMBS.items():
            column.prop(context.scene.posewire, limb, text=label, slider=True)


class POSEWIRE_PT_record(_Sub, bpy.types.Panel):
    """Takes."""

    bl_label = "Record"

    def draw(self, context):
        """One button; while a take runs, how far it is."""
        layout = self.layout
        if LIVE.recording is None:
            row = layout.row()
            row.scale_y = 1.4
            row.operator("posewire.record", icon="REC")
            if LIVE.result:
                wrapped(layout, context, LIVE.result)
            return
        progress = LIVE.receiver.take_progress
        box = layout.box()
        row = box.row()
        row.alert = True
        row.label(text=f"{progress.seconds:.1f} s", icon="REC")
        row.label(text=f"{progress.frames} frames")
        if progress.is_full:
            wrapped(box, context, "The take is full. What it has is safe: stop to write it.", "ERROR")
        row = layout.row(align=True)
        row.scale_y = 1.4
        row.operator("posewire.stop_recording", icon="SNAP_FACE")
        row.operator("posewire.discard_recording", text="", icon="TRASH")


CLASSES = (
    POSEWIRE_PT_connection,
    POSEWIRE_PT_target,
    POSEWIRE_PT_bones,
    POSEWIRE_PT_motion,
    POSEWIRE_PT_strength,
    POSEWIRE_PT_record,
)
