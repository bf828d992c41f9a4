import numpy as np
import pytest

from posewire.feed.quaternion import inverse, multiply, nlerp, rotate

HALF = np.sqrt(0.5)
ABOUT_Z = np.array((0, 0, HALF, HALF))  # a quarter turn


def random_rotations(count: int) -> np.ndarray:
    q = np.random.default_rng(1).normal(size=(count, 4))
    return q / np.linalg.norm(q, axis=1, keepdims=True)


def test_a_quarter_turn_about_z() -> None:
    np.testing.assert_allclose(rotate(ABOUT_Z, (1, 0, 0)), (0, 1, 0), atol=1e-15)


def test_a_product_turns_by_the_right_one_first() -> None:
    a, b = random_rotations(40).reshape(2, 20, 4)
    v = np.random.default_rng(2).normal(size=(20, 3))
    np.testing.assert_allclose(rotate(multiply(a, b), v), rotate(a, rotate(b, v)), atol=1e-12)


def test_the_inverse_turns_back() -> None:
    q = random_rotations(20)
    np.testing.assert_allclose(multiply(q, inverse(q)), np.tile((0, 0, 0, 1.0), (20, 1)), atol=1e-12)


def test_nlerp_goes_from_one_to_the_other_and_stays_normalized() -> None:
    a, b = random_rotations(40).reshape(2, 20, 4)
    np.testing.assert_allclose(nlerp(a, b, 0), a, atol=1e-12)
    assert np.abs(np.abs((nlerp(a, b, 1) * b).sum(-1)) - 1).max() < 1e-12
    assert np.linalg.norm(nlerp(a, b, 0.3), axis=1) == pytest.approx(np.ones(20))
    half = nlerp((0, 0, 0, 1), ABOUT_Z, 0.5)
    np.testing.assert_allclose(half, (0, 0, np.sin(np.pi / 8), np.cos(np.pi / 8)), atol=1e-12)


def test_nlerp_goes_the_short_way_and_bears_what_cancels_out() -> None:
    np.testing.assert_allclose(nlerp(ABOUT_Z, -ABOUT_Z, 0.5), ABOUT_Z, atol=1e-12)
    np.testing.assert_array_equal(nlerp(np.zeros(4), np.zeros(4), 0.5), np.zeros(4))
