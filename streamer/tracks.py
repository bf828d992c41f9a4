"""Identities: which person of this frame is which of the last one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamer.engine import Detection

FORGET_US = 1_000_000
"""A person not seen for this long is gone; who comes later gets a new id."""
GATE = 1.0
"""Farthest a person may be from where it was expected, in body sizes, to be taken for the same one."""
DUPLICATE = 0.15
"""Two detections of one frame nearer than this, in body sizes, are one person found twice."""
VELOCITY_GAIN = 0.5
"""Weight of the newest step in the estimate of velocity."""
_BODY = np.arange(11, 33)  # the face says little of where a body is, and a third of all landmarks are in it

Points = NDArray[np.float64]


@dataclass(slots=True)
class _Track:
    id: int
    points: Points
    velocity: Points  # per second
    size: float
    seen_us: int

    def expected(self, media_us: int) -> Points:
        # Constant velocity, but only so far ahead as it can be trusted.
        ahead_s = min(media_us - self.seen_us, 300_000) / 1e6
        return self.points + self.velocity * ahead_s


class Tracker:
    """Gives each detection the id of its person. Ids count up from 1 and are never used again.

    Assignment minimises the total distance between detected and expected landmarks (visibility-weighted, in body
    sizes) over all people at once, so that two who cross keep their ids.
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._next_id = 1

    def update(self, detections: Sequence[Detection], media_us: int) -> list[tuple[int, Detection]]:
        """The people of one frame as (id, detection), in the order of their ids. `media_us` increases."""
        self._tracks = [track for track in self._tracks if media_us - track.seen_us <= FORGET_US]
        detections = _without_duplicates(detections)
        costs = np.array([[_cost(track, found, media_us) for found in detections] for track in self._tracks])
        people = []
        free = set(range(len(detections)))
        for row, column in assign(costs.reshape(len(self._tracks), len(detections))):
            if costs[row, column] <= GATE:
                free.discard(column)
                self._follow(self._tracks[row], detections[column], media_us)
                people.append((self._tracks[row].id, detections[column]))
        for column in sorted(free):
            people.append((self._next_id, detections[column]))
            self._tracks.append(_new_track(self._next_id, detections[column], media_us))
            self._next_id += 1
        return sorted(people, key=lambda person: person[0])

    def _follow(self, track: _Track, found: Detection, media_us: int) -> None:
        points = _points(found)
        elapsed_s = max(media_us - track.seen_us, 1) / 1e6
        velocity = (points - track.points) / elapsed_s
        track.velocity += VELOCITY_GAIN * (velocity - track.velocity)
        track.points, track.size, track.seen_us = points, _size(points), media_us


def _new_track(id: int, found: Detection, media_us: int) -> _Track:
    points = _points(found)
    return _Track(id, points, np.zeros_like(points), _size(points), media_us)


def _points(found: Detection) -> Points:
    return found.image[_BODY, :2].astype(np.float64)


def _size(points: Points) -> float:
    """A length that goes with how near a person is: the diagonal of its landmarks."""
    return max(float(np.hypot(*np.ptp(points, axis=0))), 1e-6)


def _cost(track: _Track, found: Detection, media_us: int) -> float:
    distances = np.linalg.norm(_points(found) - track.expected(media_us), axis=1)
    weights = found.image[_BODY, 3].astype(np.float64) + 1e-3
    return float(np.average(distances, weights=weights)) / track.size


def _without_duplicates(detections: Sequence[Detection]) -> list[Detection]:
    """Of two detections on top of each other the one with the higher score."""
    kept: list[Detection] = []
    for found in sorted(detections, key=lambda item: -item.score):
        points = _points(found)
        near = (np.linalg.norm(points - _points(other), axis=1).mean() / _size(points) for other in kept)
        if all(distance >= DUPLICATE for distance in near):
            kept.append(found)
    return kept


def assign(costs: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs (row, column) of the smallest total cost, as many as the shorter side has; costs are finite.

    The Hungarian method with potentials and shortest augmenting paths (Jonker and Volgenant, "A shortest augmenting
    path algorithm for dense and sparse linear assignment problems", Computing 38, 1987), for a handful of people.
    """
    rows, columns = costs.shape
    if rows == 0 or columns == 0:
        return []
    if rows > columns:
        return [(row, column) for column, row in assign(costs.T)]
    row_of = [-1] * (columns + 1)  # the last column is a dummy that holds the row being placed
    row_potential, column_potential = [0.0] * rows, [0.0] * (columns + 1)
    for row in range(rows):
        row_of[columns] = row
        column = columns
        shortest, came_from, done = [np.inf] * columns, [columns] * columns, [False] * (columns + 1)
        while row_of[column] >= 0:
            done[column] = True
            current = row_of[column]
            best, step = -1, np.inf
            for j in range(columns):
                if not done[j]:
                    reduced = costs[current, j] - row_potential[current] - column_potential[j]
                    if reduced < shortest[j]:
                        shortest[j], came_from[j] = reduced, column
                    if shortest[j] < step:
                        best, step = j, shortest[j]
            for j in range(columns + 1):
                if done[j]:
                    row_potential[row_of[j]] += step
                    column_potential[j] -= step
                elif j < columns:
                    shortest[j] -= step
            column = best
        while column != columns:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    return [(row_of[column], column) for column in range(columns) if row_of[column] >= 0]
