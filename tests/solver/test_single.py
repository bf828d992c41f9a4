"""That the functions agree with those of quaternion.py is tested there."""

import math

import pytest

from streamer.solver import single


def test_opposite_vectors_have_an_arc_between_them() -> None:
    for axis in ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.6, 0.0, 0.8)):
        opposite = (-axis[0], -axis[1], -axis[2])
        assert single.rotate(single.between(axis, opposite), axis) == pytest.approx(opposite, abs=1e-9)


def test_nothing_has_no_direction() -> None:
    assert single.unit((0.0, 0.0, 0.0), (0.0, 1.0, 0.0)) == (0.0, 1.0, 0.0)
    assert single.from_vector((0.0, 0.0, 0.0)) == single.IDENTITY


@pytest.mark.parametrize(
    ("angle", "same"), [(math.pi, -math.pi), (-3.5, -3.5 + 2 * math.pi), (0.5, 0.5), (7.0, 7.0 - 2 * math.pi)]
)
def test_wrap(angle: float, same: float) -> None:
    assert single.wrap(angle) == pytest.approx(same)


def test_clamp() -> None:
    assert [single.clamp(x, -1.0, 2.0) for x in (-3.0, 0.5, 9.0)] == [-1.0, 0.5, 2.0]
