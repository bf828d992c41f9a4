from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from streamer.engine import Detection
from streamer.engine_mediapipe import MediaPipeEngine
from streamer.tracks import FORGET_US, Tracker, assign
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


def test_ids_stay_on_real_video_with_two_people(tmp_path: Path) -> None:
    """Two copies of the clip's person side by side, one mirrored and shifted in time, as MediaPipe sees them."""
    clip = [cv2.resize(picture[200:], (360, 540)) for picture in read_clip()[::2]]
    engine, tracker = MediaPipeEngine("lite", people=2), Tracker()
    sides: dict[int, list[float]] = {}
    for index in range(40):
        both = np.hstack([clip[index], clip[(index + 15) % len(clip)][:, ::-1]])
        detections = engine.estimate(np.ascontiguousarray(both[..., ::-1]), index * FRAME_US)
        for id, detection in tracker.update(detections, index * FRAME_US):
            sides.setdefault(id, []).append(where(detection))
    engine.close()
    lasting = {id: xs for id, xs in sides.items() if len(xs) >= 25}
    assert len(lasting) == 2
    left, right = sorted(lasting.values(), key=np.mean)
    assert max(left) < 0.5 < min(right)


@given(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).flatmap(
        lambda shape: arrays(float, shape, elements=st.floats(0, 100, width=32))
    )
)
def test_assignment_is_the_cheapest(costs: np.ndarray) -> None:
    from itertools import permutations

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
