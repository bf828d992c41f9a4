import numpy as np

from posewire.feed import axes
from posewire.feed.quaternion import rotate


def test_positions_are_those_of_the_specification() -> None:
    np.testing.assert_array_equal(axes.position((1, 2, 3)), (1, -3, 2))
    np.testing.assert_array_equal(axes.position(np.eye(3)), [[1, 0, 0], [0, 0, 1], [0, -1, 0]])


def test_rotations_come_in_the_order_of_mathutils() -> None:
    np.testing.assert_array_equal(axes.rotation_wxyz((0.1, 0.2, 0.3, 0.9)), (0.9, 0.1, -0.3, 0.2))


def test_up_stays_up_and_the_camera_is_at_minus_y() -> None:
    np.testing.assert_array_equal(axes.position((0, 1, 0)), (0, 0, 1))
    np.testing.assert_array_equal(axes.position((0, 0, 1)), (0, -1, 0))


def test_turning_and_converting_may_change_places() -> None:
    random = np.random.default_rng(3)
    q = random.normal(size=(50, 4))
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    v = random.normal(size=(50, 3))
    w, x, y, z = axes.rotation_wxyz(q).T
    turned = rotate(np.stack((x, y, z, w), axis=-1), axes.position(v))
    np.testing.assert_allclose(turned, axes.position(rotate(q, v)), atol=1e-12)


def test_the_type_of_the_numbers_is_kept() -> None:
    assert axes.position(np.zeros((2, 3), np.float32)).dtype == np.float32
    assert axes.rotation_wxyz(np.zeros((2, 4), np.float32)).dtype == np.float32
