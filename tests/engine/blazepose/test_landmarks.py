import math

import numpy as np
import pytest

from streamer.engine.blazepose.landmarks import decode, refine
from streamer.engine.blazepose.region import Region

LOW = -30.0  # a logit of nothing


def blank() -> np.ndarray:
    return np.full((64, 64, 39), LOW, np.float32)


def test_a_landmark_moves_to_the_centre_of_its_mark() -> None:
    heatmap = blank()
    heatmap[20, 31, 0] = heatmap[20, 32, 0] = 5
    place = np.array([[30.9 / 64, 21.2 / 64]])
    np.testing.assert_allclose(refine(place, heatmap) * 64, [[31.5, 20]], atol=1e-4)


@pytest.mark.parametrize(
    ("place", "mark", "logit"),
    [
        ((30.5, 20.5), (34, 20), 5),  # further than three cells away
        ((30.5, 20.5), (31, 20), -0.1),  # less than even
        ((-0.5, 20.5), (0, 20), 5),  # truncated it would be column 0: outside stays outside
        ((64.0, 20.5), (63, 20), 5),
    ],
)
def test_without_a_clear_mark_it_stays(place: tuple[float, float], mark: tuple[int, int], logit: float) -> None:
    heatmap = blank()
    heatmap[mark[1], mark[0], 0] = logit
    expected = np.array([place]) / 64
    moved = refine(expected, heatmap)
    if place == (-0.5, 20.5):
        np.testing.assert_allclose(moved * 64, [[0, 20]], atol=1e-4)  # as MediaPipe truncates
    else:
        np.testing.assert_array_equal(moved, expected)


def test_at_the_map_s_edge_there_is_less_to_weigh() -> None:
    heatmap = blank()
    heatmap[0, 0, 0] = 5
    np.testing.assert_allclose(refine(np.array([[1.5 / 64, 0.5 / 64]]), heatmap), [[0, 0]], atol=1e-6)


def test_landmarks_come_out_on_the_axes_of_the_wire() -> None:
    points = np.zeros((39, 5), np.float32)
    points[:, :2] = 128
    points[0, :3] = 192, 64, -25.6  # right of the middle, above it, nearer
    points[33, :2], points[34, :2] = (128, 128), (128, 64)
    points[:, 3] = 0
    points[:, 4] = 100
    world = np.zeros((39, 3), np.float32)
    world[0] = 0.1, 0.2, 0.3
    region = Region(300, 200, 100, math.pi / 2)  # the region's up is the picture's right
    person, following = decode(points.ravel(), blank(), world.ravel(), region, 640, 480)
    np.testing.assert_allclose(person.image[0], [(300 + 25) / 640, (200 + 25) / 480, -10 / 640, 0.5], atol=1e-6)
    np.testing.assert_allclose(person.world[0], [-0.2, -0.1, -0.3, 0.5], atol=1e-6)
    assert person.score == pytest.approx(1)
    assert (following.x, following.y) == pytest.approx((300, 200))
    assert following.rotation == pytest.approx(math.pi / 2)
    assert following.side == pytest.approx(2 * 25 * 1.25)
