"""Which person drives an avatar, and where the avatar's stage is."""

from collections.abc import Sequence

from streamer.body import Body, Person
from streamer.solver.single import Vector

PATIENCE_US = 1_000_000
"""How long somebody who is out of sight is waited for before another takes over."""


class Actor:
    """Follows one person of a stream until it is gone, then the one with the lowest id.

    The stage has its origin on the floor, under the place where the person was first seen.
    """

    def __init__(self) -> None:
        self._id: int | None = None
        self._seen_us = 0
        self._origin = (0.0, 0.0)

    def follow(self, people: Sequence[Person], t_us: int) -> Body | None:
        """The body of the person that is followed; None where it isn't in the picture."""
        bodies = {person.id: person.body for person in people if person.body is not None}
        if self._id not in bodies:
            if not bodies or (self._id is not None and t_us - self._seen_us < PATIENCE_US):
                return None
            self._id = min(bodies)
            x, _, z = bodies[self._id].root.tolist()
            self._origin = (x, z)
        self._seen_us = t_us
        return bodies[self._id]

    def on_stage(self, position: Sequence[float], body: Body) -> Vector:
        """A position in the axes of the root as one on the stage: metres, the floor at height 0."""
        x, y, z = position
        return x - self._origin[0], y - body.floor, z - self._origin[1]
