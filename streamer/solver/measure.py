"""What a frame says of a person, by itself and by those before: rotations, where the hips are, how long bones are.

landmarks -> believed or not -> bone lengths -> rotations within limits -> held bones -> place
"""

from dataclasses import dataclass

import numpy as np

from streamer.engine.base import Detection
from streamer.solver.doubt import Doubt
from streamer.solver.hold import Hold
from streamer.solver.joints import Joints
from streamer.solver.proportions import Proportions
from streamer.solver.quaternion import Array
from streamer.solver.root import Camera
from streamer.solver.single import Places, Vector


@dataclass(frozen=True, slots=True)
class Measured:
    """One person in one frame; nothing is smoothed here.

    dt_s: seconds since the frame before, 0 at the first. places, visibility: of the 33 landmarks, metres from the hips.
    plane: (33, 2) where they are seen, in picture heights, +Y up; focal: the camera's focal length in the same. clear:
    whether the landmarks are believed. bones: (B, 4) local rotations; seen: whether each was measured, else it is held.
    rest: (B, 3) offsets in the T-pose, metres. place: the hips, metres from the camera, where that can be told.
    """

    dt_s: float
    places: Places
    visibility: list[float]
    plane: Array
    focal: float
    clear: bool
    bones: Array
    seen: tuple[bool, ...]
    rest: Array
    place: Vector | None


class Measurer:
    """Of one person, before one camera."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._doubt = Doubt()
        self._hold = Hold()
        self._proportions = Proportions()
        self._joints = Joints()

    def measure(self, detection: Detection, dt_s: float, aspect: float) -> Measured:
        """The next frame, `dt_s` seconds after the one before. aspect: the picture's width over its height."""
        world, image = detection.world.astype(np.float64), detection.image.astype(np.float64)
        finite = np.isfinite(world).all(axis=1) & np.isfinite(image).all(axis=1)
        if not finite.all():  # what isn't a number isn't seen
            world[~finite] = image[~finite] = 0.0
        points, visibility = world[:, :3], world[:, 3]
        places, seen = points.tolist(), visibility.tolist()
        clear = self._doubt.believe(places, seen, self._proportions.hips_m, self._proportions.shoulders_m, dt_s)
        self._hold.look(visibility, dt_s, clear)
        rest = self._proportions.update(places, seen, dt_s) if clear else self._proportions.rest
        bones = self._joints.solve(points, self._hold, dt_s)
        place = self._camera.locate(points, image, visibility, aspect)
        plane = image[:, :2] * [aspect, -1.0]
        focal = self._camera.focal(aspect)
        return Measured(dt_s, places, seen, plane, focal, clear, bones, tuple(self._hold.seen), rest, place)
