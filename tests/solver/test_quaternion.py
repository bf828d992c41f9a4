import numpy as np
import pytest

from streamer.solver import quaternion as q
from streamer.solver import single

RNG = np.random.default_rng(0)


def random(count: int = 50) -> np.ndarray:
    rotations = RNG.normal(size=(count, 4))
    return rotations / np.linalg.norm(rotations, axis=1, keepdims=True)


VECTORS = RNG.normal(size=(50, 3))


def rotate(rotations: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (q.matrix(rotations) @ vectors[..., None])[..., 0]


def assert_same(found: np.ndarray, rotations: np.ndarray) -> None:
    """The same rotations, of either sign."""
    sign = np.sign((found * rotations).sum(axis=-1, keepdims=True))
    np.testing.assert_allclose(sign * found, rotations, atol=1e-9)


def test_a_product_turns_by_one_after_the_other() -> None:
    a, b = random(), random()
    np.testing.assert_allclose(rotate(q.multiply(a, b), VECTORS), rotate(a, rotate(b, VECTORS)), atol=1e-12)


def test_a_rotation_and_the_difference_lead_to_the_other() -> None:
    a, b = random(), random()
    np.testing.assert_allclose(q.multiply(a, q.difference(a, b)), b, atol=1e-12)


def test_a_quarter_turn_about_z_takes_x_to_y() -> None:
    np.testing.assert_allclose(
        rotate(q.about(np.array([0.0, 0.0, 1.0]), np.array(np.pi / 2)), np.eye(3)[0]), np.eye(3)[1], atol=1e-12
    )


def test_the_cross_product_is_the_cross_product() -> None:
    np.testing.assert_allclose(q.cross(VECTORS, VECTORS[::-1]), np.cross(VECTORS, VECTORS[::-1]))


def test_vectors_and_back() -> None:
    rotations = random()
    assert_same(q.from_vector(q.to_vector(rotations)), rotations)
    np.testing.assert_array_equal(q.from_vector(np.zeros(3)), q.IDENTITY)
    np.testing.assert_array_equal(q.to_vector(q.IDENTITY), np.zeros(3))
    np.testing.assert_allclose(q.to_vector(np.array([1e-9, 0.0, 0.0, -1.0])), [-2e-9, 0.0, 0.0], rtol=1e-9)
    np.testing.assert_allclose(q.norm(q.to_vector(np.array([0.6, 0.0, 0.8, 0.0]))), np.pi)


def test_the_shortest_arc_leads_there_and_is_the_shortest() -> None:
    for a, b in zip(VECTORS / q.norm(VECTORS), VECTORS[::-1] / q.norm(VECTORS)[::-1], strict=True):
        arc = single.between(tuple(a), tuple(b))
        assert single.rotate(arc, tuple(a)) == pytest.approx(b)
        assert np.dot(arc[:3], a) == pytest.approx(0.0, abs=1e-9)  # no twist about the vector itself


def test_a_vector_without_length_becomes_what_was_asked_for() -> None:
    found = q.unit(np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 0.0]]), np.array([1.0, 0.0, 0.0]))
    np.testing.assert_array_equal(found, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@pytest.mark.parametrize("index", range(10))
def test_one_at_a_time_gives_the_same(index: int) -> None:
    a, b = random(10)[index], random(10)[index]
    v, w = VECTORS[index], VECTORS[index + 10]
    one, other, x, y = tuple(a), tuple(b), tuple(v), tuple(w)
    np.testing.assert_allclose(single.multiply(one, other), q.multiply(a, b))
    np.testing.assert_allclose(single.difference(one, other), q.difference(a, b))
    np.testing.assert_allclose(single.rotate(one, x), rotate(a, v))
    np.testing.assert_allclose(single.cross(x, y), np.cross(v, w))
    np.testing.assert_allclose(single.plus(x, y), v + w)
    np.testing.assert_allclose(single.times(x, 0.7), 0.7 * v)
    np.testing.assert_allclose(single.blend(x, y, 0.25), 0.75 * v + 0.25 * w)
    np.testing.assert_allclose(single.to_vector(one), q.to_vector(a))
    np.testing.assert_allclose(single.from_vector(x), q.from_vector(v))
    u = single.unit(x, y)
    np.testing.assert_allclose(single.about(u, 0.7), q.about(np.array(u), np.array(0.7)))
    np.testing.assert_allclose(single.conjugate(one), a * [-1, -1, -1, 1])
    for turn in (a, *np.eye(4)):
        columns = [tuple(column) for column in q.matrix(turn).T]
        assert_same(np.array(single.from_columns(*columns)), turn)
