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


def test_slerp_goes_the_shorter_way_at_constant_speed() -> None:
    a = single.about((0.6, 0.0, 0.8), 0.4)
    b = single.multiply(a, single.about((0.0, 1.0, 0.0), 2.0))
    for other in (b, (-b[0], -b[1], -b[2], -b[3])):
        for share in (0.0, 0.25, 0.5, 1.0):
            x, y, z = single.to_vector(single.difference(a, single.slerp(a, other, share)))
            assert (x, y, z) == pytest.approx((0.0, 2.0 * share, 0.0), abs=1e-9)
