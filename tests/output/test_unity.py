import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.output import unity
from streamer.solver.quaternion import Array, about, matrix, multiply

X, Y, Z = np.eye(3)
ANGLES = st.floats(-180, 180)


def compose(degrees: tuple[float, float, float]) -> Array:
    """As Unity does: about z first, then x, then y."""
    x, y, z = (np.array(np.radians(angle)) for angle in degrees)
    return multiply(about(Y, y), multiply(about(X, x), about(Z, z)))


def same(a: Array, b: Array) -> bool:
    return bool(np.abs(np.dot(a, b)) > 1 - 1e-6)


@given(ANGLES, ANGLES, ANGLES)
def test_euler_angles_compose_to_the_rotation(x: float, y: float, z: float) -> None:
    rotation = compose((x, y, z))
    assert same(compose(unity.euler_degrees(rotation.tolist())), rotation)


@given(st.sampled_from([90.0, -90.0, 89.999, -89.9999]), ANGLES, ANGLES)
def test_and_at_the_poles(x: float, y: float, z: float) -> None:
    rotation = compose((x, y, z))
    found = unity.euler_degrees(rotation.tolist())
    assert np.isfinite(found).all()
    assert same(compose(found), rotation)


@pytest.mark.parametrize(("axis", "found"), [(X, (30, 0, 0)), (Y, (0, 30, 0)), (Z, (0, 0, 30))])
def test_each_axis_alone(axis: Array, found: tuple[float, ...]) -> None:
    assert unity.euler_degrees(about(axis, np.array(np.radians(30))).tolist()) == pytest.approx(found)


def test_a_hanging_left_arm_in_unity() -> None:
    """Ours turns about +z by -90 degrees, in the mirror by +90: Unity's left arm points to -x and goes down."""
    hanging = unity.rotation(about(Z, np.array(np.radians(-90))).tolist())
    assert unity.euler_degrees(hanging) == pytest.approx((0, 0, 90), abs=1e-4)
    np.testing.assert_allclose(matrix(np.array(hanging)) @ unity.position((1, 0, 0)), (0, -1, 0), atol=1e-9)


def test_positions_and_rotations_are_mirrored_alike() -> None:
    rng = np.random.default_rng(0)
    turn, point = rng.normal(size=4), rng.normal(size=3)
    turn /= np.linalg.norm(turn)
    mirrored = matrix(np.array(unity.rotation(turn.tolist()))) @ unity.position(point.tolist())
    np.testing.assert_allclose(mirrored, unity.position((matrix(turn) @ point).tolist()))
