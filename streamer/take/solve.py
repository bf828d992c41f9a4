"""Bodies and joint angles of a whole track, from its landmarks `image` and `world`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import BONES
from streamer.body import Body
from streamer.engine.base import Detection
from streamer.solver import PersonSolver, joint_angles
from streamer.solver.measure import Measured, Measurer
from streamer.solver.quaternion import norm
from streamer.solver.root import Camera
from streamer.solver.solver import FAR_M, FORGET_US
from streamer.solver.stand import Stander
from streamer.take.smooth import segments
from streamer.take.spline import Array, smooth, windows
from streamer.take.take import Track

_ENDS: Final = np.array([bone.endswith(("LowerArm", "Hand", "Foot")) for bone in BONES])
TURN_NOISE: Final[Array] = np.where(_ENDS, 0.1, 0.02)
"""(B,): standard deviation of a part of a bone's quaternion, half of that of its angle in radians. How forearms, hands
and feet turn shows in landmarks close together, so they tremble most."""
SIDEWAYS_NOISE: Final = 0.01
DEPTH_NOISE: Final = 0.05
"""Of the hips' place as the camera sees it: their direction, and the logarithm of their distance."""


def solve_live(track: Track, aspect: float, fov_deg: float, low_pass: bool) -> Track:
    """Solved frame by frame, as a stream is. low_pass: smooth rotations and positions, too.

    aspect: the picture's width over its height. fov_deg: the camera's field of view along its longer side.
    """
    camera, bodies = Camera(fov_deg), list[Body]()
    for part in segments(track.t_us, FORGET_US):
        solver = PersonSolver(camera, low_pass)
        times = track.t_us[part].tolist()
        bodies += [solver.solve(one, t_us, aspect) for one, t_us in zip(_detections(track, part), times, strict=True)]
    return _with_bodies(track, bodies)


def solve_after(track: Track, aspect: float, fov_deg: float) -> Track:
    """Solved knowing all of it: bones have one length throughout, rotations and places are smoothed without lag.

    For landmarks that were smoothed in that way themselves.
    """
    camera, bodies = Camera(fov_deg), list[Body]()
    for part in segments(track.t_us, FORGET_US):
        steps_s = np.diff(track.t_us[part], prepend=track.t_us[part.start]) / 1e6
        found = _find(track, part, steps_s, camera, aspect)
        stander = Stander()
        # Measured again: to keep all that was measured would take several times what the landmarks take.
        for frame, bones, (x, y, z) in zip(
            _measure(track, part, steps_s, camera, aspect), found.turns, found.places.tolist(), strict=True
        ):
            bodies.append(stander.stand(frame, bones, (x, y, z), found.rest))
    return _with_bodies(track, bodies)


@dataclass(frozen=True, slots=True)
class _Found:
    """turns: (T, B, 4) and places: (T, 3) smoothed, rest: (B, 3), of one stretch."""

    turns: Array
    places: Array
    rest: Array


def _find(track: Track, part: slice, steps_s: Array, camera: Camera, aspect: float) -> _Found:
    frames = len(steps_s)
    turns, rests = np.empty((frames, len(BONES), 4)), np.empty((frames, len(BONES), 3), np.float32)
    places = np.full((frames, 3), np.nan)
    for index, frame in enumerate(_measure(track, part, steps_s, camera, aspect)):
        turns[index], rests[index] = frame.bones, frame.rest
        if frame.place is not None:
            places[index] = frame.place
    t_s = np.cumsum(steps_s)
    return _Found(_smooth_turns(t_s, turns), _smooth_places(t_s, places), np.median(rests, axis=0).astype(np.float64))


def _measure(track: Track, part: slice, steps_s: Array, camera: Camera, aspect: float) -> Iterator[Measured]:
    measurer = Measurer(camera)
    for one, dt_s in zip(_detections(track, part), steps_s.tolist(), strict=True):
        yield measurer.measure(one, dt_s, aspect)


def _smooth_turns(t_s: Array, turns: Array) -> Array:
    """(T, B, 4)"""
    # A rotation is two quaternions: of each the one that is nearer to that of the frame before.
    along = np.einsum("tbi,tbi->tb", turns[1:], turns[:-1])
    turns[1:] *= np.cumprod(np.where(along < 0, -1.0, 1.0), axis=0)[..., None]
    smoothed = _smooth(t_s, turns, TURN_NOISE)
    return np.asarray(smoothed / np.maximum(norm(smoothed), 1e-9))


def _smooth_places(t_s: Array, places: Array) -> Array:
    """(T, 3); where a place couldn't be told (NaN), it is on the way from that before to that after."""
    known = np.isfinite(places[:, 0])
    if not known.any():
        return np.tile([0.0, 0.0, FAR_M], (len(places), 1))
    x, y, z = places[known].T
    seen = np.stack([np.interp(t_s, t_s[known], line) for line in (-x / z, -y / z, np.log(-z))], axis=-1)[:, None]
    sideways = _smooth(t_s, seen[..., :2], np.array([SIDEWAYS_NOISE]))[:, 0]
    depth = np.exp(_smooth(t_s, seen[..., 2:], np.array([DEPTH_NOISE]))[:, 0])
    return np.concatenate([depth * sideways, -depth], axis=-1)


def _smooth(t_s: Array, values: Array, noise: Array) -> Array:
    """(T, M, C) with noise (M,), counted in ones."""
    smoothed = np.empty_like(values)
    for whole, kept in windows(t_s):
        part = values[whole]
        ones = np.ones(part.shape[:2])
        smoothed[whole][kept] = smooth(t_s[whole], part, noise * ones, ones)[kept]
    return smoothed


def _detections(track: Track, part: slice) -> Iterator[Detection]:
    for image, world, score in zip(track.image[part], track.world[part], track.score[part].tolist(), strict=True):
        yield Detection(image, world, score)


def _with_bodies(track: Track, bodies: list[Body]) -> Track:
    def gather(values: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.array(values, np.float32)

    return replace(
        track,
        bones=gather([body.bones for body in bodies]),
        root=gather([body.root for body in bodies]),
        rest=gather([body.rest for body in bodies]),
        floor=np.array([body.floor for body in bodies], np.float32),
        contact=np.array([body.contact for body in bodies], bool),
        angles=joint_angles(track.world),
    )
