"""The solver: from the landmarks of people to their bodies, frame by frame.

landmarks -> rotations within limits -> held bones -> smoothing -> root -> standing feet -> Body
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from protocol.skeleton import BONES
from streamer.body import Body
from streamer.engine import Detection
from streamer.solver.contact import FootLock
from streamer.solver.doubt import Doubt
from streamer.solver.hold import Hold
from streamer.solver.joints import Joints
from streamer.solver.kinematics import INDEX
from streamer.solver.proportions import Proportions
from streamer.solver.quaternion import IDENTITY
from streamer.solver.root import Camera
from streamer.solver.single import Vector
from streamer.solver.smooth import PositionFilter, RotationFilter

FORGET_US: Final = 1_000_000
"""Who wasn't seen for this long is solved anew."""
FAR_M: Final = -3.0
"""Where somebody is taken to be whose distance was never found."""
_NO_TURNS: Final = np.tile(IDENTITY, (len(BONES), 1)).astype(np.float32)
_FEET = [INDEX["leftFoot"], INDEX["rightFoot"]]


class PersonSolver:
    """One person's solver.

    camera: the camera that sees it. smooth: low-pass rotations and position.
    """

    def __init__(self, camera: Camera, smooth: bool = True) -> None:
        self._camera = camera
        self._rotations = RotationFilter() if smooth else None
        self._positions = PositionFilter() if smooth else None
        self._joints = Joints()
        self._hold = Hold()
        self._doubt = Doubt()
        self._proportions = Proportions()
        self._feet = FootLock()
        self._root: Vector = (0.0, 0.0, FAR_M)
        self._last: Body | None = None
        self.t_us = 0

    def solve(self, detection: Detection, t_us: int, aspect: float) -> Body:
        """The body at `t_us`, which has to grow from call to call: otherwise the last result is given again.

        aspect: the picture's width over its height.
        """
        if self._last is not None and t_us <= self.t_us:
            return self._last
        dt_s = (t_us - self.t_us) / 1e6 if self._last is not None else 0.0
        self.t_us = t_us
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
        if self._rotations is not None:
            bones = self._rotations.update(bones, dt_s)
        place = self._camera.locate(points, image, visibility, aspect)
        if place is not None:
            self._root = place if self._positions is None else self._positions.update(place, dt_s)
        root = self._root
        if clear:
            plane = image[:, :2] * [aspect, -1.0]
            shown = [self._hold.seen[foot] for foot in _FEET]
            self._feet.look(places, seen, plane, root, self._camera.focal(aspect), shown, dt_s)
        else:
            self._feet.look_away()
        bones, root = self._feet.apply(bones, root, rest, dt_s)
        assert self._feet.floor is not None
        turns = bones.astype(np.float32)
        before = self._last.bones if self._last is not None else _NO_TURNS
        turns[np.einsum("bi,bi->b", turns, before) < 0] *= -1
        self._last = Body(
            turns,
            np.array(root, np.float32),
            self._feet.floor,
            rest.astype(np.float32),
            tuple(bone for bone, is_seen in enumerate(self._hold.seen) if not is_seen),
            (self._feet.contact[0], self._feet.contact[1]),
        )
        return self._last


class Solver:
    """A solver for each person of a stream, by id.

    fov_deg: the camera's field of view along the picture's longer side. smooth: low-pass rotations and positions.
    """

    def __init__(self, fov_deg: float, smooth: bool) -> None:
        self._camera = Camera(fov_deg)
        self._smooth = smooth
        self._people: dict[int, PersonSolver] = {}

    def solve(self, people: Sequence[tuple[int, Detection]], t_us: int, aspect: float) -> dict[int, Body]:
        """The bodies of the people of one frame, by id."""
        self._people = {id: kept for id, kept in self._people.items() if t_us - kept.t_us <= FORGET_US}
        bodies = {}
        for id, detection in people:
            if id not in self._people:
                self._people[id] = PersonSolver(self._camera, self._smooth)
            bodies[id] = self._people[id].solve(detection, t_us, aspect)
        return bodies
