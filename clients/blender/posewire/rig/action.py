"""Writes keyframes to an Action: in bulk, on every Blender from 3.4, without touching the actions that are there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np

_NAME = re.compile(r"^Posewire take (\d+)\b")


@dataclass(frozen=True)
class Channel:
    """One F-curve: an RNA path, the index in its array, the group it is shown in, and a value for each key."""

    path: str
    index: int
    group: str
    values: "np.ndarray"


@dataclass(frozen=True)
class Track:
    """What one object does. object: its name."""

    object: str
    channels: "tuple[Channel, ...]"


def next_name() -> str:
    """Of the next take: one number higher than any there is."""
    numbers = [int(match[1]) for match in (_NAME.match(action.name) for action in bpy.data.actions) if match]
    return f"Posewire take {max(numbers, default=0) + 1:03d}"


def write(name: str, frames: "np.ndarray", tracks: "Sequence[Track]") -> "list[str]":
    """Make an action of a take and give it to its objects; gives the names of the actions made.

    frames: the scene's frames that have a key. Blender 4.4 and newer holds all objects in one action, each with a
    slot of its own; older ones take an action for each object. What an object did before stays among the file's
    actions.
    """
    slotted = "slots" in bpy.types.Action.bl_rna.properties
    action = _new(name) if slotted else None
    made = [action.name] if action else []
    for track in tracks:
        target = bpy.data.objects[track.object]
        slot = None
        if slotted:
            slot = action.slots.new(id_type="OBJECT", name=target.name)
            curves = _bag(action, slot).fcurves
        else:
            action = _new(name if len(tracks) == 1 else f"{name} {target.name}")
            made.append(action.name)
            curves = action.fcurves
        for channel in track.channels:
            _curve(curves, channel, frames, slotted)
        _give(target, action, slot)
    return made


def _new(name: str):
    action = bpy.data.actions.new(name)
    action.use_fake_user = True
    return action


def _bag(action, slot):
    layer = action.layers[0] if action.layers else action.layers.new("Take")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(slot, ensure=True)


def _curve(curves, channel: Channel, frames: "np.ndarray", slotted: bool) -> None:
    group = {"group_name" if slotted else "action_group": channel.group}
    curve = curves.new(channel.path, index=channel.index, **group)
    count = len(frames)
    points = np.empty((count, 2), np.float32)
    points[:, 0], points[:, 1] = frames, channel.values
    curve.keyframe_points.add(count)
    curve.keyframe_points.foreach_set("co", points.ravel())
    linear = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items["LINEAR"].value
    curve.keyframe_points.foreach_set("interpolation", np.full(count, linear, np.int32))
    curve.update()


def _give(target, action, slot) -> None:
    animation = target.animation_data or target.animation_data_create()
    if animation.action is not None:
        # Without a user Blender would leave it out of the file.
        animation.action.use_fake_user = True
    animation.action = action
    if slot is not None:
        animation.action_slot = slot
