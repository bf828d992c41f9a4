"""Smoothing a take after the fact: both ways in time, so that nothing comes late.

What spline.py does for any samples is done here for a person's landmarks: those in the picture are counted in body
sizes, those in the world in metres, and what isn't well seen counts less. A gap of over GAP_US ends a path, and another
begins after it: who was away for so long may have done anything.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from streamer.filter import MIN_TRUST, RESET_GAP_US, VISIBLE
from streamer.take.spline import Array, smooth, solve, windows
from streamer.take.take import Floats, Times, Track

GAP_US: Final = RESET_GAP_US
NOISE: Final = 0.02
"""Standard deviation of a well seen landmark's coordinate, in body sizes and in metres."""
VISIBILITY_NOISE: Final = 0.1
VISIBILITY_DRIFT: Final = 3.0
"""Of visibility: standard deviation, and density of what pushes it about in 1/s^3."""
_LEAST_SIZE: Final = 1e-3


def segments(t_us: Times, gap_us: int = GAP_US) -> Iterator[slice]:
    """The stretches of frames, each no more than `gap_us` after the one before it."""
    ends = [0, *(np.flatnonzero(np.diff(t_us) > gap_us) + 1).tolist(), len(t_us)]
    return (slice(start, end) for start, end in pairwise(ends) if end > start)


def smooth_landmarks(track: Track, aspect: float) -> Track:
    """With `image` and `world` smoothed anew from the raw ones; all else as it was.

    aspect: the picture's width over its height.
    """
    image, world = [track.image_raw[:0]], [track.world_raw[:0]]
    for part in segments(track.t_us):
        t_s = (track.t_us[part] - track.t_us[part.start]) / 1e6
        of_image, of_world = track.image_raw[part], track.world_raw[part]
        for whole, kept in windows(t_s):
            smoothed = _smooth(t_s[whole], of_image[whole], of_world[whole], aspect)
            image.append(smoothed[0][kept])
            world.append(smoothed[1][kept])
    return replace(track, image=np.concatenate(image), world=np.concatenate(world))


def _smooth(t_s: Array, image: Floats, world: Floats, aspect: float) -> tuple[Floats, Floats]:
    """(T, L, 4) each, of one stretch."""
    if len(t_s) < 3:
        return image, world
    scale = np.array([aspect, 1.0, aspect])
    places = np.concatenate([image[..., :3] * scale, world[..., :3]], axis=1).astype(np.float64)
    landmarks = image.shape[1]
    seen = image[..., 3].astype(np.float64)
    trust = np.tile(np.clip(seen / VISIBLE, MIN_TRUST, 1.0), 2)
    for values in (places, seen, trust):
        _fill(t_s, values.reshape(len(t_s), -1))
    unit = np.ones(places.shape[:2])
    unit[:, :landmarks] = _body_size(places[:, :landmarks, :2])[:, None]
    paths = smooth(t_s, places, NOISE * unit / trust, unit)
    shown = np.clip(_smooth_visibility(t_s, seen), 0.0, 1.0)[..., None]
    of_image = np.concatenate([paths[:, :landmarks] / scale, shown], axis=-1)
    of_world = np.concatenate([paths[:, landmarks:], shown], axis=-1)
    return of_image.astype(np.float32), of_world.astype(np.float32)


def _smooth_visibility(t_s: Array, seen: Array) -> Array:
    """(T, L)"""
    frames, landmarks = seen.shape
    noise = np.full((frames, landmarks, 1), VISIBILITY_NOISE**2)
    drift = np.full((frames - 1, landmarks, 1), VISIBILITY_DRIFT)
    return np.asarray(solve(t_s, seen[..., None], noise, drift)[..., 0])


def _fill(t_s: Array, values: Array) -> None:
    """Put what lies between the neighbours in time where a number of (T, N) isn't finite; a column without any is NaN.

    No engine gives such numbers, but a file may hold anything.
    """
    finite = np.isfinite(values)
    for column in np.flatnonzero(~finite.all(axis=0)):
        known = finite[:, column]
        line = np.interp(t_s, t_s[known], values[known, column]) if known.any() else np.nan
        values[:, column] = np.where(known, values[:, column], line)


def _body_size(points: Array) -> Array:
    """(T,) diagonals of (T, L, 2) points in the picture, in picture heights."""
    breadth = np.fmax.reduce(points, axis=1) - np.fmin.reduce(points, axis=1)
    return np.asarray(np.fmax(np.hypot(breadth[:, 0], breadth[:, 1]), _LEAST_SIZE))
