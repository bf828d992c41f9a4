import numpy as np

from streamer.body import Body, Person
from streamer.engine.base import Detection
from streamer.output.actor import PATIENCE_US, Actor

NOWHERE = Detection(np.zeros((33, 4), np.float32), np.zeros((33, 4), np.float32), 1.0)


def person(id: int, x: float = 0.0) -> Person:
    bones, rest = np.zeros((19, 4), np.float32), np.zeros((19, 3), np.float32)
    return Person(id, NOWHERE, Body(bones, np.array([x, 0.5, -3], np.float32), -1.0, rest, (), (True, True)))


def test_the_lowest_id_is_followed_and_kept() -> None:
    actor, seven, two = Actor(), person(7), person(2)
    assert actor.follow([seven, person(9)], 0) is seven.body
    assert actor.follow([two, seven], 1) is seven.body


def test_somebody_out_of_sight_is_waited_for() -> None:
    actor = Actor()
    actor.follow([person(7)], 0)
    assert actor.follow([person(2)], PATIENCE_US - 1) is None
    assert actor.follow([person(7)], PATIENCE_US) is not None
    other = person(2)
    assert actor.follow([other], 2 * PATIENCE_US) is other.body


def test_nobody_is_nobody() -> None:
    assert Actor().follow([], 0) is None
    assert Actor().follow([Person(1, NOWHERE)], 0) is None


def test_the_stage_begins_where_the_person_was_first_seen_and_has_its_floor_at_zero() -> None:
    actor = Actor()
    actor.follow([person(1, x=2.0)], 0)
    body = actor.follow([person(1, x=2.5)], 1)
    assert actor.on_stage(body.root.tolist(), body) == (0.5, 1.5, 0.0)
    actor.follow([], PATIENCE_US)
    body = actor.follow([person(3, x=-1.0)], 3 * PATIENCE_US)
    assert actor.on_stage(body.root.tolist(), body) == (0.0, 1.5, 0.0)
