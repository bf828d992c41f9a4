"""What is particular to following; filters, solver and tracker have tests of their own."""

from dataclasses import replace

import numpy as np
import pytest

from streamer.engine.base import Detection
from streamer.settings import Settings, Smoothing
from streamer.source.base import Frame
from streamer.stream.follower import Follower

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (33, 4)).astype(np.float32)


def frame(seq: int, mirrored: bool = False) -> Frame:
    return Frame(np.zeros((48, 64, 3), np.uint8), seq * 33_333, seq * 33_333, seq, mirrored)


def seen(shift: float = 0.0) -> list[Detection]:
    points = POINTS.copy()
    points[:, 0] += shift
    return [Detection(points, POINTS, 0.9)]


def test_people_keep_their_ids_until_the_picture_is_mirrored() -> None:
    follower = Follower(Settings(), True, 65.0)
    ids = [
        [person.id for person in follower.follow(frame(seq, mirrored), seen(), frozenset())]
        for seq, mirrored in ((1, False), (2, False), (3, True), (4, True))
    ]
    assert ids == [[1], [1], [2], [2]]


def test_what_is_remembered_does_not_make_it_fail_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    follower = Follower(Settings(smoothing=Smoothing("none")), True, 65.0)
    wanted = frozenset({"bones"})
    [person] = follower.follow(frame(1), seen(), wanted)
    broken = follower._solver

    def solve(*_: object) -> None:
        raise FloatingPointError("a bone without length")

    monkeypatch.setattr(broken, "solve", solve)
    with pytest.raises(FloatingPointError):
        follower.follow(frame(2), seen(), wanted)
    [after] = follower.follow(frame(3), seen(), wanted)
    assert (person.id, after.id) == (1, 2)
    assert after.body is not None


def test_another_filter_and_another_engine_start_afresh() -> None:
    slow = Smoothing("moving-average", (("window_s", 1.0),))
    follower = Follower(Settings(smoothing=slow), False, 65.0)
    for seq in range(1, 10):
        follower.follow(frame(seq), seen(), frozenset())
    [person] = follower.follow(frame(10), seen(0.05), frozenset())
    assert np.abs(person.detection.image - seen(0.05)[0].image).max() > 0.02  # it lags
    follower.change(Settings(smoothing=slow), False, False)
    [person] = follower.follow(frame(11), seen(0.05), frozenset())
    assert np.abs(person.detection.image - seen(0.05)[0].image).max() > 0.02
    follower.change(Settings(smoothing=slow), False, True)
    [person] = follower.follow(frame(12), seen(0.05), frozenset())
    assert person.detection.image == pytest.approx(seen(0.05)[0].image)
    follower.change(Settings(smoothing=Smoothing("none")), False, False)
    [person] = follower.follow(frame(13), seen(0.1), frozenset())
    assert person.detection.image == pytest.approx(seen(0.1)[0].image)


def test_raw_is_what_the_network_found_where_the_engine_smooths() -> None:
    follower = Follower(Settings(), True, 65.0)
    [found] = seen()
    [smooth] = seen(0.01)
    for given, raw in ((replace(smooth, raw=found), found), (smooth, smooth)):
        [person] = follower.follow(frame(1), [given], frozenset())
        assert person.raw is raw
        assert person.detection.image == pytest.approx(smooth.image)
