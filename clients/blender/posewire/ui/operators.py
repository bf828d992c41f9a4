"""The panel's buttons: connect, and make the target ready."""

from typing import ClassVar

import bpy

from ..feed import Receiver
from ..feed.errors import Refused
from ..rig import figure, points, rigify
from ..rig.skeleton import HUMANOID
from . import beat, network, preferences, settings
from .live import LIVE


class POSEWIRE_OT_connect(bpy.types.Operator):
    """Receive body tracking from the server"""

    bl_idname = "posewire.connect"
    bl_label = "Connect"

    def execute(self, context):
        """Begin; the panel says how it goes."""
        prefs = preferences.of(context)
        try:
            allowed = network.is_allowed(prefs.address)
        except Refused as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if not allowed:
            self.report({"ERROR"}, "Allow online access in Preferences > System: this address is on the internet")
            return {"CANCELLED"}
        ca_file = bpy.path.abspath(prefs.ca_file) if prefs.ca_file else ""
        receiver = Receiver(prefs.address, token=prefs.token, verify=prefs.verify, ca_file=ca_file)
        LIVE.connect(receiver, prefs.address)
        beat.start()
        return {"FINISHED"}


class POSEWIRE_OT_disconnect(bpy.types.Operator):
    """End the connection; the target keeps its pose"""

    bl_idname = "posewire.disconnect"
    bl_label = "Disconnect"

    @classmethod
    def poll(cls, context):
        """Not while a take runs, which would be lost."""
        if LIVE.recording is not None:
            cls.poll_message_set("Stop recording first")
        return LIVE.receiver is not None and LIVE.recording is None

    def execute(self, context):
        """End it."""
        LIVE.disconnect()
        beat.stop()
        return {"FINISHED"}


class POSEWIRE_OT_recentre(bpy.types.Operator):
    """Where the person stands now becomes the middle of the stage"""

    bl_idname = "posewire.recentre"
    bl_label = "Recentre"

    @classmethod
    def poll(cls, context):
        """While connected."""
        return LIVE.receiver is not None

    def execute(self, context):
        """With the next frame."""
        LIVE.recentre()
        return {"FINISHED"}


class POSEWIRE_OT_make_figure(bpy.types.Operator):
    """Make a new armature with the person's proportions, at the 3D cursor, and move it"""

    bl_idname = "posewire.make_figure"
    bl_label = "New Figure"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Bones are made in edit mode, so nothing else may be in it."""
        if LIVE.receiver is None or LIVE.receiver.hello is None:
            cls.poll_message_set("Connect first: the figure gets the proportions that the server tells")
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set("Go to object mode first")
            return False
        return True

    def execute(self, context):
        """Make it of the person seen, or of a typical adult."""
        tree = LIVE.receiver.hello.bones
        if tree is None:
            self.report({"ERROR"}, "The server solves no bones")
            return {"CANCELLED"}
        chosen = context.scene.posewire
        person = LIVE.person(chosen)
        rest = tree.rest if person is None or person.rest is None else person.rest
        try:
            made = figure.make(context, tree, rest, chosen.with_body)
        except figure.FigureError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        made.posewire.fill({bone.name: bone.name for bone in HUMANOID}, "Posewire")
        chosen.target, chosen.armature = "ARMATURE", made
        return {"FINISHED"}


class POSEWIRE_OT_make_points(bpy.types.Operator):
    """Make an empty for each landmark, under one empty at the 3D cursor, and move them"""

    bl_idname = "posewire.make_points"
    bl_label = "New Points"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Which landmarks there are is known from the server."""
        if LIVE.receiver is None or not LIVE.receiver.landmarks:
            cls.poll_message_set("Connect first: the server tells which landmarks there are")
            return False
        return True

    def execute(self, context):
        """Make them."""
        chosen = context.scene.posewire
        chosen.target, chosen.points = "POINTS", points.make(context, LIVE.receiver.landmarks)
        return {"FINISHED"}


class _OnArmature:
    """Of operators on the chosen armature."""

    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """There has to be one that may be changed."""
        target = context.scene.posewire.armature
        return target is not None and target.library is None


class POSEWIRE_OT_match_bones(_OnArmature, bpy.types.Operator):
    """Fill the bone map by the names of the armature's bones"""

    bl_idname = "posewire.match_bones"
    bl_label = "Match Bones"

    def execute(self, context):
        """Match, and say what is missing."""
        target = context.scene.posewire.armature
        found = settings.match(target)
        missing = [bone.label for bone in HUMANOID if bone.name not in found]
        text = f"{len(found)} of {len(HUMANOID)} bones matched"
        self.report({"INFO"}, f"{text}; without: {', '.join(missing)}" if found and missing else text)
        return {"FINISHED"}


class POSEWIRE_OT_clear_bones(_OnArmature, bpy.types.Operator):
    """Empty the bone map"""

    bl_idname = "posewire.clear_bones"
    bl_label = "Clear"

    def execute(self, context):
        """Empty it; the lines stay."""
        context.scene.posewire.armature.posewire.fill({}, "")
        return {"FINISHED"}


class POSEWIRE_OT_reset_pose(_OnArmature, bpy.types.Operator):
    """Put the mapped bones back to rest"""

    bl_idname = "posewire.reset_pose"
    bl_label = "Rest Pose"

    def execute(self, context):
        """Rotation and location only of bones that are driven."""
        target = context.scene.posewire.armature
        for name in target.posewire.mapping().values():
            bone = target.pose.bones.get(name)
            if bone is not None:
                bone.matrix_basis.identity()
        return {"FINISHED"}


class POSEWIRE_OT_switch_to_fk(_OnArmature, bpy.types.Operator):
    """Let the rig's limbs follow FK controls, and head and neck the trunk"""

    bl_idname = "posewire.switch_to_fk"
    bl_label = "Switch to FK"

    def execute(self, context):
        """Of a rig that Rigify generated."""
        target = context.scene.posewire.armature
        if not rigify.is_generated(target):
            self.report({"ERROR"}, f"{target.name!r} was not generated by Rigify")
            return {"CANCELLED"}
        rigify.switch_to_fk(target)
        return {"FINISHED"}


CLASSES = (
    POSEWIRE_OT_connect,
    POSEWIRE_OT_disconnect,
    POSEWIRE_OT_recentre,
    POSEWIRE_OT_make_figure,
    POSEWIRE_OT_make_points,
    POSEWIRE_OT_match_bones,
    POSEWIRE_OT_clear_bones,
    POSEWIRE_OT_reset_pose,
    POSEWIRE_OT_switch_to_fk,
)
