import numpy as np

from streamer.body import Person
from streamer.engine.base import Detection
from streamer.solver import Solver, joint_angles
from streamer.take.gather import Gatherer
from tests.takes import make_take

TRACK = make_take().tracks[1]


def seen(frame: int) -> Detection:
    return Detection(TRACK.image[frame], TRACK.world[frame], 0.5)


def test_people_come_and_go() -> None:
    gatherer = Gatherer("cam", (640, 480), 25.0)
    gatherer.add(10, [Person(1, seen(0))])
    gatherer.add(20, [])
    gatherer.add(35, [Person(2, seen(3)), Person(1, seen(2), raw=seen(1))])
    take = gatherer.take()
    assert (take.stream, take.size, take.fps) == ("cam", (640, 480), 25.0)
    assert take.t_us.tolist() == [10, 20, 35]
    assert {id: track.t_us.tolist() for id, track in take.tracks.items()} == {1: [10, 35], 2: [35]}
    first = take.tracks[1]
    assert (first.image == TRACK.image[[0, 2]]).all()
    assert (first.world_raw == TRACK.world[[0, 1]]).all()
    assert first.score.tolist() == [0.5, 0.5]
    assert first.bones is None
    assert first.angles is None


def test_bodies_and_angles_are_kept() -> None:
    solver, gatherer = Solver(65.0, smooth=True), Gatherer("cam", (640, 480), 25.0)
    bodies = []
    for frame in range(3):
        t_us = 40_000 * frame
        bodies.append(solver.solve([(4, seen(frame))], t_us, 4 / 3)[4])
        gatherer.add(t_us, [Person(4, seen(frame), bodies[-1], joint_angles(seen(frame).world))])
    track = gatherer.take().tracks[4]
    for name in ("bones", "root", "rest", "floor", "contact"):
        kept = getattr(track, name)
        assert (kept == np.array([getattr(body, name) for body in bodies], kept.dtype)).all(), name
    assert track.angles is not None
    assert np.allclose(track.angles, joint_angles(track.world), atol=1e-3, equal_nan=True)


def test_nothing_is_a_take_too() -> None:
    take = Gatherer("cam", (640, 480), 0.0).take()
    assert take.t_us.shape == (0,)
    assert take.tracks == {}
