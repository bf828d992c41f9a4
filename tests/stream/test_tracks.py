from itertools import permutations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from streamer.engine.base import Detection
from streamer.engine.mediapipe import MediaPipeEngine
from streamer.stream.tracks import FORGET_US, Tracker, assign
from tests.harness import read_clip

BODY = np.column_stack(
    [np.linspace(-0.06, 0.06, 33), np.linspace(-0.3, 0.3, 33), np.zeros(33), np.full(33, 0.9)]
).astype(np.float32)
FRAME_US = 33_333


def person(x: float, y: float = 0.5, score: float = 0.9) -> Detection:
    image = BODY.copy()
    image[:, 0] += x
    image[:, 1] += y
    return Detection(image, np.zeros((33, 4), np.float32), score)


def where(detection: Detection) -> float:
    return float(detection.image[:, 0].mean())


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("hidden", [False, True])
def test_two_who_cross_keep_their_ids(noise: float, hidden: bool) -> None:
    """One walks right, one left; they pass at the middle, in shuffled order, one of them hidden there for 0.2 s."""
    rng = np.random.default_rng(0)
    tracker = Tracker()
    seen: dict[int, list[float]] = {}
    for index in range(90):
        t = index / 89
        ways = [0.1 + 0.8 * t, 0.9 - 0.8 * t]
        people = [person(x + rng.normal(0, noise), 0.5 + 0.06 * row) for row, x in enumerate(ways)]
        if hidden and 42 <= index < 48:
            people = people[:1]
        rng.shuffle(people)
        for id, detection in tracker.update(people, index * FRAME_US):
            seen.setdefault(id, []).append(where(detection))
    assert set(seen) == {1, 2}
    for track in seen.values():
        steps = np.sign(np.diff(np.convolve(track, np.ones(15) / 15, "valid")))
        assert abs(steps.mean()) > 0.9  # one direction all the way


def test_the_order_of_detections_does_not_matter() -> None:
    tracker = Tracker()
    ids = []
    for index in range(20):
        people = [person(0.25), person(0.75)]
        found = tracker.update(people if index % 2 else people[::-1], index * FRAME_US)
        ids.append({id: round(where(detection), 2) for id, detection in found})
    assert len(set(map(str, ids))) == 1


def test_a_short_absence_keeps_the_id_a_long_one_does_not() -> None:
    tracker = Tracker()
    assert tracker.update([person(0.5)], 0)[0][0] == 1
    assert tracker.update([], 100_000) == []
    assert tracker.update([person(0.5)], FORGET_US)[0][0] == 1
    assert tracker.update([person(0.5)], 2 * FORGET_US + 1)[0][0] == 2


def test_a_jump_is_somebody_else() -> None:
    tracker = Tracker()
    tracker.update([person(0.1)], 0)
    assert tracker.update([person(0.95)], FRAME_US)[0][0] == 2


def test_one_person_found_twice_is_one() -> None:
    tracker = Tracker()
    found = tracker.update([person(0.5, score=0.6), person(0.505, score=0.9)], 0)
    assert [(id, detection.score) for id, detection in found] == [(1, 0.9)]


def test_who_comes_in_does_not_take_an_id_from_who_is_there() -> None:
    """One of two is hidden, the other steps aside, a third comes in: the smallest sum would part a sure pair."""
    tracker = Tracker()
    tracker.update([person(0.1), person(0.4)], 0)
    found = tracker.update([person(0.35), person(2.0)], FRAME_US)
    assert {id: where(detection) for id, detection in found} == pytest.approx({2: 0.35, 3: 2.0}, abs=1e-3)


def test_who_is_remembered_can_be_asked() -> None:
    tracker = Tracker()
    assert tracker.ids == set()
    tracker.update([person(0.2), person(0.8)], 0)
    tracker.update([person(0.8)], FORGET_US)
    assert tracker.ids == {1, 2}  # one hidden, but not gone yet
    tracker.update([person(0.8)], FORGET_US + 1)
    assert tracker.ids == {2}
    tracker.update([], 3 * FORGET_US)
    assert tracker.ids == set()


def test_two_side_by_side_in_a_wide_picture_are_two() -> None:
    """What is one person found twice in a square picture may be two people in a wide one."""
    near = [person(0.5), person(0.55)]
    assert len(Tracker().update(near, 0, aspect=1.0)) == 1
    assert len(Tracker().update(near, 0, aspect=16 / 9)) == 2


def test_a_landmark_nobody_sees_does_not_move_a_person() -> None:
    tracker = Tracker()
    tracker.update([person(0.3)], 0)
    astray = person(0.3)
    astray.image[25:, :2] += 5  # hidden legs, guessed anywhere
    astray.image[25:, 3] = 0
    assert tracker.update([astray], FRAME_US)[0][0] == 1


def test_one_point_is_a_person_of_some_size() -> None:
    """Landmarks that all lie in one place have no size to measure by."""
    point = Detection(np.full((33, 4), 0.5, np.float32), np.zeros((33, 4), np.float32), 0.9)
    tracker = Tracker()
    assert [id for id, _ in tracker.update([point], 0)] == [1]
    assert [id for id, _ in tracker.update([point], FRAME_US)] == [1]


@pytest.fixture(scope="module")
def two_people() -> list[list[Detection]]:
    """Two copies of the clip's person side by side, one mirrored and shifted in time, as MediaPipe sees them."""
    clip = [cv2.resize(picture[200:], (360, 540)) for picture in read_clip()[::2]]
    engine = MediaPipeEngine("lite", people=2)
    frames = []
    for index in range(40):
        both = np.hstack([clip[index], clip[(index + 15) % len(clip)][:, ::-1]])
        frames.append(engine.estimate(np.ascontiguousarray(both[..., ::-1]), index * FRAME_US))
    engine.close()
    return frames


@pytest.mark.parametrize("order", ["as it comes", "shuffled"])
def test_ids_stay_on_real_video_with_two_people(order: str, two_people: list[list[Detection]]) -> None:
    rng = np.random.default_rng(1)
    tracker = Tracker()
    sides: dict[int, list[float]] = {}
    for index, detections in enumerate(two_people):
        if order == "shuffled":
            detections = [detections[place] for place in rng.permutation(len(detections))]
        for id, detection in tracker.update(detections, index * FRAME_US, aspect=4 / 3):
            sides.setdefault(id, []).append(where(detection))
    assert set(sides) == {1, 2}
    assert min(len(track) for track in sides.values()) >= 38  # MediaPipe takes a frame or two to find the second
    left, right = sorted(sides.values(), key=lambda track: track[0])
    assert max(left) < 0.5 < min(right)


def test_real_people_who_are_hidden_for_a_while_keep_their_ids(two_people: list[list[Detection]]) -> None:
    tracker = Tracker()
    sides: dict[int, list[float]] = {}
    for index, detections in enumerate(two_people):
        if 10 <= index < 25:
            detections = [found for found in detections if where(found) > 0.5]
        for id, detection in tracker.update(detections, index * FRAME_US, aspect=4 / 3):
            sides.setdefault(id, []).append(where(detection))
    assert sorted(len(track) >= 20 for track in sides.values()) == [True, True]
    assert {max(track) < 0.5 for track in sides.values()} == {True, False}


@given(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).flatmap(
        lambda shape: arrays(float, shape, elements=st.floats(0, 100, width=32))
    )
)
def test_assignment_is_the_cheapest(costs: np.ndarray) -> None:
    pairs = assign(costs)
    rows, columns = costs.shape
    assert len(pairs) == min(rows, columns)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    short = costs if rows <= columns else costs.T
    best = min(
        (sum(short[row, column] for row, column in enumerate(choice)))
        for choice in permutations(range(short.shape[1]), short.shape[0])
    )
    assert sum(costs[pair] for pair in pairs) == pytest.approx(best)
