from itertools import pairwise

import numpy as np
import pytest

from protocol import BONES
from streamer.solver.quaternion import IDENTITY, about, angle_between, from_vector, multiply
from streamer.solver.smooth import PositionFilter, RotationFilter

DT_S = 1 / 30
STILL = np.tile(IDENTITY, (len(BONES), 1))
Y = np.array([0.0, 1.0, 0.0])


def tremble(rng: np.random.Generator, degrees: float) -> np.ndarray:
    return from_vector(np.radians(rng.normal(0, degrees, (len(BONES), 3))))


def test_the_first_rotation_comes_as_it_is() -> None:
    rotations = tremble(np.random.default_rng(0), 40)
    np.testing.assert_array_equal(RotationFilter().update(rotations, 0.0), rotations)


def test_trembling_becomes_less() -> None:
    rng, smoother = np.random.default_rng(0), RotationFilter()
    raw = [tremble(rng, 2.0) for _ in range(200)]
    smooth = [smoother.update(sample, DT_S) for sample in raw]
    before = np.mean([angle_between(a, b) for a, b in pairwise(raw[50:])])
    after = np.mean([angle_between(a, b) for a, b in pairwise(smooth[50:])])
    assert after < before / 3


def test_a_fast_turn_is_followed() -> None:
    smoother = RotationFilter()
    for step in range(60):
        truth = np.tile(about(Y, np.array(step * DT_S * np.pi)), (len(BONES), 1))  # half a turn a second
        smooth = smoother.update(truth, DT_S)
    lag_s = angle_between(smooth, truth) / np.pi
    assert lag_s.max() < 0.06


def test_signs_are_continuous_whatever_comes_in() -> None:
    rng, smoother = np.random.default_rng(0), RotationFilter()
    last = None
    for step in range(120):
        rotation = np.tile(about(Y, np.array(step * 0.1)), (len(BONES), 1)) * rng.choice([-1.0, 1.0], (len(BONES), 1))
        smooth = smoother.update(rotation, DT_S)
        assert np.allclose(np.linalg.norm(smooth, axis=-1), 1.0)
        if last is not None:
            assert (np.einsum("ij,ij->i", smooth, last) > 0.9).all()
        last = smooth


def test_uneven_frame_times_change_little() -> None:
    ends = []
    for steps in ([0.1] * 10, [0.05, 0.15] * 5):
        smoother, t = RotationFilter(), 0.0
        smoother.update(STILL, 0.0)
        for dt_s in steps:
            t += dt_s
            end = smoother.update(multiply(np.tile(about(Y, np.array(t)), (len(BONES), 1)), STILL), dt_s)
        ends.append(end)
    assert np.degrees(angle_between(ends[0], ends[1])).max() < 2.0


def test_a_position_at_rest_is_steady_and_one_in_motion_is_followed() -> None:
    rng, smoother = np.random.default_rng(0), PositionFilter()
    there = np.array([0.3, 0.2, -3.0])
    still = np.array([smoother.update(tuple(there + rng.normal(0, 0.02, 3)), DT_S) for _ in range(300)])
    assert still[100:].std(axis=0)[:2].max() < 0.01
    assert still[100:, 2].std() < 0.006
    assert still[100:].mean(axis=0) == pytest.approx(there, abs=0.01)
    walking = [smoother.update((0.3 + 1.5 * step * DT_S, 0.2, -3.0), DT_S) for step in range(60)]
    assert walking[-1][0] == pytest.approx(0.3 + 1.5 * 59 * DT_S, abs=0.1)
    coming = [smoother.update((0.0, 0.2, -4.0 + 1.0 * step * DT_S), DT_S) for step in range(90)]
    assert coming[-1][2] == pytest.approx(-4.0 + 1.0 * 89 * DT_S, abs=0.35)
