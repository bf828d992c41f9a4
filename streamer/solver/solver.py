"""The solver: from the landmarks of people to their bodies, frame by frame.

landmarks -> rotations within limits -> held bones -> smoothing -> root -> standing feet -> Body
"""

from collections.abc import Sequence
from typing import Final

from streamer.body import Body
from streamer.engine.base import Detection
from streamer.solver.measure import Measurer
from streamer.solver.root import Camera
from streamer.solver.single import Vector
from streamer.solver.smooth import PositionFilter, RotationFilter
from streamer.solver.stand import Stander

FORGET_US: Final = 1_000_000
"""Who wasn't seen for this long is solved anew."""
FAR_M: Final = -3.0
"""Where somebody is taken to be whose distance was never found."""


class PersonSolver:
    """One person's solver.

    camera: the camera that sees it. smooth: low-pass rotations and position.
    """

    def __init__(self, camera: Camera, smooth: bool = True) -> None:
        self._measurer = Measurer(camera)
        self._rotations = RotationFilter() if smooth else None
        self._positions = PositionFilter() if smooth else None
        self._stander = Stander()
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
        measured = self._measurer.measure(detection, dt_s, aspect)
        bones = measured.bones
        if self._rotations is not None:
            bones = self._rotations.update(bones, dt_s)
        if measured.place is not None:
            place = measured.place
            self._root = place if self._positions is None else self._positions.update(place, dt_s)
        self._last = self._stander.stand(measured, bones, self._root, measured.rest)
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
