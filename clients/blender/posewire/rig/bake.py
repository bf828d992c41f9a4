"""From a take to keyframes: captured at uneven times, wanted at each of the scene's frames."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from mathutils import Quaternion, Vector

from ..feed import BoneTree, Take
from . import points, posing
from .action import Channel, Track
from .actor import Actor
from .binding import Binding
from .retarget import Local, retarget

MAX_BRIDGED_US = 500_000
"""A longer gap isn't interpolated across: the pose before it holds."""


class BakeError(Exception):
    """There is nothing to write; the text says why."""


@dataclass(frozen=True)
class Timing:
    """fps: the scene's frames a second. start: the scene's frame of the take's first capture."""

    fps: float
    start: int


@dataclass(frozen=True)
class Grid:
    """The scene's frames of a take. frames: each with a key. before, after: the samples it lies between; share: how far
    from the one to the other.
    """

    frames: "np.ndarray"
    before: "np.ndarray"
    after: "np.ndarray"
    share: "np.ndarray"

    def linear(self, values: "np.ndarray") -> "np.ndarray":
        """Samples (K x ...) at each frame (F x ...)."""
        share = self.share.reshape(-1, *[1] * (values.ndim - 1))
        return values[self.before] * (1 - share) + values[self.after] * share

    def rotations(self, values: "np.ndarray") -> "np.ndarray":
        """Quaternions (K x ... x 4), w, x, y, z, at each frame; neighbours have signs alike."""
        values = _same_signs(values)
        mixed = self.linear(values)
        return mixed / np.maximum(np.linalg.norm(mixed, axis=-1, keepdims=True), 1e-9)


def grid(times_us: "Sequence[int]", origin_us: int, timing: Timing) -> Grid:
    """Where the scene's frames lie among samples. origin_us: when the take began, which is at `timing.start`."""
    times = np.asarray(times_us, np.int64)
    per_frame = 1e6 / timing.fps
    first = int(np.ceil((times[0] - origin_us) / per_frame - 1e-6))
    last = int(np.floor((times[-1] - origin_us) / per_frame + 1e-6))
    numbers = np.arange(first, max(first, last) + 1)
    at = origin_us + numbers * per_frame
    before = np.clip(np.searchsorted(times, at + 0.5, side="right") - 1, 0, len(times) - 1)
    after = np.minimum(before + 1, len(times) - 1)
    span = times[after] - times[before]
    bridged = (span > 0) & (span <= MAX_BRIDGED_US)
    share = np.where(bridged, np.clip((at - times[before]) / np.maximum(span, 1), 0.0, 1.0), 0.0)
    return Grid(numbers + timing.start, before, after, share)


def armature(
    take: Take,
    actor: Actor,
    target,
    binding: Binding,
    strengths: "Mapping[str, float]",
    timing: Timing,
    progress: "Callable[[float], None]" = lambda share: None,
) -> "tuple[np.ndarray, list[Track]]":
    """The frames with keys and what an armature object does in them. Raises BakeError where the take has no body.

    actor: the person and the stage as they were when the take began.
    """
    if take.bones is None:
        raise BakeError("the server solves no bones")
    bones = target.pose.bones
    resting = {joint.bone: posing.rotation_of(bones[joint.bone]) for joint in binding.joints if joint.bone in bones}
    times: list[int] = []
    samples: list[list[Local]] = []
    for number, (frame, t_us) in enumerate(zip(take.frames, take.times_us, strict=True)):
        if number % 256 == 0:
            progress(number / len(take.frames))
        pose = actor.follow(frame)
        wanted = None if pose is None else actor.target(pose, take.bones, binding.hips_m)
        if wanted is not None:
            times.append(t_us)
            samples.append(retarget(binding, wanted, strengths, lambda bone: resting.get(bone, Quaternion())))
    if not samples:
        raise BakeError("nobody was seen")
    if not samples[0]:
        raise BakeError("all strengths are 0")
    lattice = grid(times, take.times_us[0], timing)
    rotations = lattice.rotations(np.array([[local.rotation[:] for local in sample] for sample in samples]))
    channels: list[Channel] = []
    for index, local in enumerate(samples[0]):
        bone = bones.get(local.bone)
        if bone is None:
            continue
        if local.location is not None:
            # A place that isn't told in some frame is that of the one before.
            where = lattice.linear(_filled([sample[index].location for sample in samples]))
            channels += [Channel(bone.path_from_id("location"), axis, bone.name, where[:, axis]) for axis in range(3)]
        channels += _rotation_channels(bone, rotations[:, index])
    return lattice.frames, [Track(target.name, tuple(channels))]


def empties(take: Take, actor: Actor, objects: "Mapping[str, str]", timing: Timing) -> "tuple[np.ndarray, list[Track]]":
    """The frames with keys and what each landmark's empty does in them. Raises BakeError where nobody was seen.

    objects: landmark -> name of its empty.
    """
    times: list[int] = []
    samples: list[np.ndarray] = []
    for frame, t_us in zip(take.frames, take.times_us, strict=True):
        pose = actor.follow(frame)
        if pose is None or pose.world is None:
            continue
        times.append(t_us)
        samples.append(places(actor, pose, take.bones, take.landmarks))
    if not samples:
        raise BakeError("nobody was seen")
    lattice = grid(times, take.times_us[0], timing)
    where = lattice.linear(np.array(samples))
    tracks = []
    for row, landmark in enumerate(take.landmarks):
        if landmark in objects:
            channels = tuple(Channel("location", axis, "Location", where[:, row, axis]) for axis in range(3))
            tracks.append(Track(objects[landmark], channels))
    if not tracks:
        raise BakeError("there is no empty for any landmark")
    return lattice.frames, tracks


def places(actor: Actor, pose, tree: "BoneTree | None", landmarks: "tuple[str, ...]") -> "np.ndarray":
    """Where a person's landmarks are on the stage, in Blender's axes: N x 3, metres."""
    hips = Vector()
    if tree is not None:
        rest = tree.rest if pose.rest is None else pose.rest
        height_m = float(rest[tree.names.index("hips")][1])
        hips = actor.place(pose, tree, height_m) or Vector((0, 0, height_m))
    shown = actor.shown(pose, () if tree is None else tree.names, landmarks)
    return points.places(shown.world, hips)


def _filled(locations: list) -> "np.ndarray":
    filled = np.zeros((len(locations), 3))
    last = next(location for location in locations if location is not None)
    for row, location in enumerate(locations):
        last = last if location is None else location
        filled[row] = last[:]
    return filled


def _rotation_channels(bone, rotations: "np.ndarray") -> "list[Channel]":
    mode = bone.rotation_mode
    if mode == "QUATERNION":
        path, values = "rotation_quaternion", rotations
    elif mode == "AXIS_ANGLE":
        path = "rotation_axis_angle"
        turned = [Quaternion(rotation).to_axis_angle() for rotation in rotations]
        values = np.array([(angle, *axis) for axis, angle in turned])
    else:
        path, angles, euler = "rotation_euler", [], None
        for rotation in rotations:
            turn = Quaternion(rotation)
            euler = turn.to_euler(mode) if euler is None else turn.to_euler(mode, euler)
            angles.append(euler[:])
        values = np.array(angles)
    return [Channel(bone.path_from_id(path), i, bone.name, values[:, i]) for i in range(values.shape[1])]


def _same_signs(rotations: "np.ndarray") -> "np.ndarray":
    """A quaternion and its negative are the same rotation: take the one near the sample before."""
    flips = (rotations[1:] * rotations[:-1]).sum(axis=-1, keepdims=True) < 0
    signs = np.where(np.cumsum(flips, axis=0) % 2 == 1, -1.0, 1.0)
    return np.concatenate((rotations[:1], rotations[1:] * signs))
