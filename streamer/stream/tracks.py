"""Identities: which person of this frame is which of the last one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamer.engine.base import Detection

FORGET_US = 1_000_000
"""A person not seen for this long is gone; who comes later gets a new id."""
GATE = 1.0
"""Farthest a person may be from where it was expected, in body sizes, to be taken for the same one."""
DUPLICATE = 0.15
"""Two detections of one frame nearer than this, in body sizes, are one person found twice."""
VELOCITY_GAIN = 0.5
"""Weight of the newest step in the estimate of velocity."""
PREDICT_US = 300_000
"""How far ahead a velocity is believed; somebody hidden for longer is expected where it would have been by then."""
_BODY = slice(11, 33)  # the face says little of where a body is, and a third of all landmarks are in it

Points = NDArray[np.float64]


@dataclass(slots=True)
class _Body:
    """One detection as the tracker sees it: lengths in picture heights, so that x counts as much as y."""

    found: Detection
    points: Points  # (22, 2)
    weights: Points  # (22,), sum 1
    size: float  # the diagonal of its landmarks, which goes with how near a person is


@dataclass(slots=True)
class _Track:
    id: int
    points: Points  # (22, 2)
    velocity: Points  # (2,), picture heights a second: of the body as a whole, as a limb's swing leads nowhere
    size: float
    seen_us: int


class Tracker:
    """Gives each detection the id of its person. Ids count up from 1 and are never used again.

    Assignment minimises the total distance between detected and expected landmarks (visibility-weighted, in body
    sizes) over all people at once, so that two who cross keep their ids. Somebody is expected where its velocity would
    have brought it. An id that is greater than all before is new; one that has left `ids` won't come back.
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._next_id = 1

    def forget(self) -> None:
        """Everyone who comes now is new."""
        self._tracks = []

    @property
    def ids(self) -> frozenset[int]:
        """Everybody remembered: in the last frame, or in one not longer than FORGET_US before it."""
        return frozenset(track.id for track in self._tracks)

    def update(
        self, detections: Sequence[Detection], media_us: int, aspect: float = 1.0
    ) -> list[tuple[int, Detection]]:
        """The people of one frame as (id, detection), in the order of their ids.

        `media_us` increases; `aspect` is the picture's width over its height. Of a person found twice only the
        detection with the higher score is kept.
        """
        self._tracks = [track for track in self._tracks if media_us - track.seen_us <= FORGET_US]
        bodies = _distinct([_body(found, aspect) for found in detections])
        costs = np.empty((len(self._tracks), len(bodies)))
        for row, track in enumerate(self._tracks):
            expected = track.points + track.velocity * (min(media_us - track.seen_us, PREDICT_US) / 1e6)
            for column, body in enumerate(bodies):
                costs[row, column] = _distance(expected, body) / track.size
        # What can't be is equally bad however far off it is: else the cheapest sum might part a sure pair.
        np.copyto(costs, 2 * GATE, where=costs > GATE)
        people = []
        free = set(range(len(bodies)))
        for row, column in assign(costs):
            if costs[row, column] <= GATE:
                free.discard(column)
                _follow(self._tracks[row], bodies[column], media_us)
                people.append((self._tracks[row].id, bodies[column].found))
        for column in sorted(free):
            body = bodies[column]
            people.append((self._next_id, body.found))
            self._tracks.append(_Track(self._next_id, body.points, np.zeros(2), body.size, media_us))
            self._next_id += 1
        return sorted(people, key=lambda person: person[0])


def _follow(track: _Track, body: _Body, media_us: int) -> None:
    elapsed_s = max(media_us - track.seen_us, 1) / 1e6
    step = body.weights @ (body.points - track.points)
    track.velocity = track.velocity + VELOCITY_GAIN * (step / elapsed_s - track.velocity)
    track.points, track.size, track.seen_us = body.points, body.size, media_us


def _body(found: Detection, aspect: float) -> _Body:
    points = found.image[_BODY, :2] * np.array((aspect, 1.0))
    weights = found.image[_BODY, 3] + 1e-3
    width, height = points.max(axis=0) - points.min(axis=0)
    return _Body(found, points, weights / weights.sum(), max(float(np.hypot(width, height)), 1e-6))


def _distance(points: Points, body: _Body) -> float:
    """Mean distance of landmarks, the visible ones counting more."""
    offset = body.points - points
    return float(body.weights @ np.sqrt(np.einsum("ij,ij->i", offset, offset)))


def _distinct(bodies: list[_Body]) -> list[_Body]:
    """Of two detections on top of each other the one with the higher score."""
    if len(bodies) < 2:
        return bodies
    kept: list[_Body] = []
    for body in sorted(bodies, key=lambda item: -item.found.score):
        if all(_distance(other.points, body) >= DUPLICATE * other.size for other in kept):
            kept.append(body)
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
