import numpy as np
import pytest

from benchmarks.humanoid import HORIZONTAL_FOV_DEG, add_noise, landmarks, project, random_pose
from streamer.solver.root import Camera

SEEN = np.ones(33)


@pytest.mark.parametrize("aspect", [16 / 9, 9 / 16])
@pytest.mark.parametrize("place", [(0.0, 0.0, -2.0), (1.0, -0.5, -4.0), (-0.3, 0.2, -0.9)])
def test_a_person_is_found_where_it_stands(place: tuple[float, float, float], aspect: float) -> None:
    bones = random_pose(np.random.default_rng(0), 1)
    points = landmarks(bones, np.array([place]))[0]
    hips = points[23:25].mean(axis=0)
    found = Camera(HORIZONTAL_FOV_DEG).locate(points - hips, project(points, aspect), SEEN, aspect)
    np.testing.assert_allclose(found, hips, atol=1e-6)


def test_the_field_of_view_is_along_the_longer_side() -> None:
    camera = Camera(90.0)
    assert camera.focal(1.0) == camera.focal(0.5) == pytest.approx(0.5)
    assert camera.focal(2.0) == pytest.approx(1.0)  # as many pixels, in heights half as high


def test_what_is_hidden_counts_little() -> None:
    points = landmarks(random_pose(np.random.default_rng(0), 1), np.array([[0.0, 0.0, -3.0]]))[0]
    hips, image = points[23:25].mean(axis=0), project(points, 1.0)
    image[25:] += 0.3
    visibility = np.where(np.arange(33) >= 25, 0.02, 1.0)
    found = Camera(HORIZONTAL_FOV_DEG).locate(points - hips, image, visibility, 1.0)
    assert np.linalg.norm(found - hips) < 0.02


def test_noise_costs_centimetres() -> None:
    rng = np.random.default_rng(2)
    points = landmarks(random_pose(rng, 1), np.array([[0.0, 0.0, -3.0]]))[0]
    hips, image = points[23:25].mean(axis=0), project(points, 1.0)
    camera = Camera(HORIZONTAL_FOV_DEG)
    errors = [
        np.linalg.norm(camera.locate(add_noise(points - hips, 0.02, rng), image, SEEN, 1.0) - hips) for _ in range(100)
    ]
    assert np.median(errors) < 0.1


@pytest.mark.parametrize("image", [np.full((33, 3), 0.5), np.zeros((33, 3))])
def test_a_picture_of_one_point_tells_nothing(image: np.ndarray) -> None:
    points = landmarks(random_pose(np.random.default_rng(0), 1))[0]
    assert Camera(60.0).locate(points, image, SEEN, 1.0) is None


def test_someone_behind_the_camera_or_beyond_the_horizon_is_not_believed() -> None:
    points = landmarks(random_pose(np.random.default_rng(0), 1), np.array([[0.0, 0.0, -3.0]]))[0]
    hips, image = points[23:25].mean(axis=0), project(points, 1.0)
    inside_out = image.copy()
    inside_out[:, :2] = 1 - inside_out[:, :2]
    assert Camera(60.0).locate(points - hips, inside_out, SEEN, 1.0) is None
    assert Camera(60.0).locate(100 * (points - hips), image, SEEN, 1.0) is None
