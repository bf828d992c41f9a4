"""One stream's whole take as arrays: for work that may look at all of it at once, such as export and smoothing."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Track:
    """One person, T frames in which it was seen. L landmarks, B bones and A angles as in protocol/skeleton.json.

    t_us: (T,) captures, strictly increasing; a subset of the take's.
    score: (T,) how sure the engine was of the person.
    image, world: (T, L, 4) x, y, z, visibility; axes and units as on the wire (SPEC.md), smoothed.
    image_raw, world_raw: the same as the network found it; the same arrays where nothing else is known.
    bones: (T, B, 4) unit quaternions; root: (T, 3) metres; rest: (T, B, 3) metres; floor: (T,) metres, the floor's y;
    contact: (T, 2) left and right foot. None together, where the take has no solved body.
    angles: (T, A) degrees, NaN where one can't be told, or None.
    """

    id: int
    t_us: Times
    score: Floats
    image: Floats
    world: Floats
    image_raw: Floats
    world_raw: Floats
    bones: Floats | None = None
    root: Floats | None = None
    rest: Floats | None = None
    floor: Floats | None = None
    contact: NDArray[np.bool_] | None = None
    angles: Floats | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """All people of one stream over N frames.

    size: (width, height) of the picture in pixels. fps: the camera's nominal rate, 0 where unknown. t_us: (N,) every
    frame's capture, strictly increasing, also of those in which nobody was seen.
    """

    stream: str
    size: tuple[int, int]
    fps: float
    t_us: Times
    tracks: dict[int, Track] = field(default_factory=dict)
