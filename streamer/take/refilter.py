"""Filtering a take again, from its raw landmarks, and solving what follows from them: bodies and angles."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, Literal

import numpy as np

from streamer.engine.base import Detection
from streamer.errors import UsageError
from streamer.filter import FILTERS, Filter, PoseFilter
from streamer.settings import FILTER_PARAMETERS, Smoothing, parse_smoothing
from streamer.take.smooth import smooth_landmarks
from streamer.take.solve import solve_after, solve_live
from streamer.take.take import Take, Track

Choice = Literal["live", "offline"] | Smoothing
"""`live`: as it was recorded. `offline`: both ways in time. Else as a stream with that filter would have had it."""

CHOICES: Final = ("none", "live", "offline", *(kind for kind in FILTER_PARAMETERS if kind != "none"))


def parse_choice(text: str) -> Choice:
    """What `--filter` says: one of CHOICES, filters of a stream with parameters as in `one-euro:beta=8`.

    Raises UsageError.
    """
    kind, colon, _ = text.partition(":")
    if kind not in CHOICES:
        raise UsageError(f"--filter is {text[:40]!r}; one of {', '.join(CHOICES)}")
    if kind not in FILTER_PARAMETERS:
        if colon:
            raise UsageError(f"--filter {kind} has no parameters")
        return "live" if kind == "live" else "offline"
    return parse_smoothing(text, "--filter")


def refilter(take: Take, choice: Choice, fov_deg: float) -> Take:
    """The take with that filter instead of the one that it was made with; for `live` as it is.

    fov_deg: the camera's field of view along the picture's longer side, for distances.
    """
    if choice == "live":
        return take
    aspect = take.size[0] / take.size[1]
    return replace(take, tracks={id: _refilter(track, choice, aspect, fov_deg) for id, track in take.tracks.items()})


def _refilter(track: Track, choice: Literal["offline"] | Smoothing, aspect: float, fov_deg: float) -> Track:
    if choice == "offline":
        return solve_after(smooth_landmarks(track, aspect), aspect, fov_deg)
    if choice.kind == "none":
        return solve_live(replace(track, image=track.image_raw, world=track.world_raw), aspect, fov_deg, False)
    make = partial(FILTERS[choice.kind], **choice.parameters)
    return solve_live(_filter(track, make, aspect), aspect, fov_deg, True)


def _filter(track: Track, make: Callable[[], Filter], aspect: float) -> Track:
    kept = PoseFilter(make)
    image, world = np.empty_like(track.image_raw), np.empty_like(track.world_raw)
    for frame, t_us in enumerate(track.t_us.tolist()):
        raw = Detection(track.image_raw[frame], track.world_raw[frame], float(track.score[frame]))
        smooth = kept.apply(raw, t_us, aspect)
        image[frame], world[frame] = smooth.image, smooth.world
    return replace(track, image=image, world=world)
