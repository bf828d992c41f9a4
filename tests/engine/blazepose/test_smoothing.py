import numpy as np
import pytest

from streamer.engine.base import Detection
from streamer.engine.blazepose.region import Region
from streamer.engine.blazepose.smoothing import GraphSmoothing, OneEuro

REGION = Region(320, 240, 400, 0)


def person(x: float, visibility: float = 1.0) -> Detection:
    points = np.full((33, 4), x, np.float32)
    points[:, 3] = visibility
    return Detection(points, points.copy(), 0.9)


def test_one_euro_by_hand() -> None:
    """Two steps, worked out on paper: at 10 Hz a cut-off of 1 Hz lets 0.3859 of a step through."""
    filter = OneEuro(min_cutoff_hz=1, beta=0)
    assert filter.apply(np.array([0.0]), 1, 0) == 0
    assert filter.apply(np.array([1.0]), 1, 100_000) == pytest.approx(0.38587, abs=1e-5)
    quick = OneEuro(min_cutoff_hz=1, beta=1)
    quick.apply(np.array([0.0]), 1, 0)
    # The speed of 10 a second, low-passed: 3.8587. The cut-off is 4.8587 Hz.
    assert quick.apply(np.array([1.0]), 1, 100_000) == pytest.approx(0.75326, abs=1e-5)


def test_a_time_that_does_not_go_on_changes_nothing() -> None:
    filter = OneEuro(1, 0)
    filter.apply(np.array([0.0]), 1, 1000)
    assert filter.apply(np.array([5.0]), 1, 1000) == 5
    assert filter.apply(np.array([1.0]), 1, 101_000) == pytest.approx(0.38587, abs=1e-5)


def test_the_first_of_a_person_is_as_it_was_found() -> None:
    found = person(0.3)
    smooth = GraphSmoothing().apply(found, REGION, 640, 480, 0)
    np.testing.assert_allclose(smooth.image, found.image, rtol=1e-6)
    np.testing.assert_allclose(smooth.world, found.world, rtol=1e-6)
    assert smooth.score == 0.9


def test_one_who_was_lost_starts_anew_in_the_picture_and_goes_on_in_the_world() -> None:
    smoothing = GraphSmoothing()
    smoothing.apply(person(0.3), REGION, 640, 480, 0)
    smoothing.lost()
    smooth = smoothing.apply(person(0.4, 0.0), REGION, 640, 480, 1_000_000)
    np.testing.assert_allclose(smooth.image[:, 0], 0.4, rtol=1e-6)
    assert (smooth.world[:, 0] < 0.4).all()
    np.testing.assert_allclose(smooth.image[:, 3], 0.9, rtol=1e-6)
