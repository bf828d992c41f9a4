"""Gathers people frame by frame into a take."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streamer.body import Person
from streamer.take.take import Take, Track


class Gatherer:
    """Of one stream. Memory goes with the landmarks: about a kilobyte for a person and frame.

    stream, size, fps: as of Take.
    """

    def __init__(self, stream: str, size: tuple[int, int], fps: float) -> None:
        self._stream, self._size, self._fps = stream, size, fps
        self._t_us: list[int] = []
        self._people: dict[int, list[tuple[int, Person]]] = {}

    def add(self, t_us: int, people: Sequence[Person]) -> None:
        """The next frame; `t_us` increases."""
        self._t_us.append(t_us)
        for person in people:
            self._people.setdefault(person.id, []).append((t_us, person))

    def take(self) -> Take:
        """All that was added."""
        tracks = {id: _track(id, frames) for id, frames in self._people.items()}
        return Take(self._stream, self._size, self._fps, np.array(self._t_us, np.int64), tracks)


def _track(id: int, frames: list[tuple[int, Person]]) -> Track:
    people = [person for _, person in frames]
    shown = [person.detection for person in people]
    raw = [person.detection if person.raw is None else person.raw for person in people]
    bodies = [person.body for person in people if person.body is not None]
    angles = [person.angles for person in people if person.angles is not None]
    solved = len(bodies) == len(people)
    return Track(
        id,
        np.array([t_us for t_us, _ in frames], np.int64),
        _floats([one.score for one in shown]),
        _floats([one.image for one in shown]),
        _floats([one.world for one in shown]),
        _floats([one.image for one in raw]),
        _floats([one.world for one in raw]),
        _floats([body.bones for body in bodies]) if solved else None,
        _floats([body.root for body in bodies]) if solved else None,
        _floats([body.rest for body in bodies]) if solved else None,
        _floats([body.floor for body in bodies]) if solved else None,
        np.array([body.contact for body in bodies], bool) if solved else None,
        _floats(angles) if len(angles) == len(people) else None,
    )


def _floats(values: Sequence[float] | Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.array(values, np.float32)
