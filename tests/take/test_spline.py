import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.take import spline
from streamer.take.spline import Array, smooth, solve, windows

NOISE = 0.02


def times(rng: np.random.Generator, count: int) -> Array:
    """Uneven ones, as of a camera that drops frames."""
    return np.cumsum(rng.uniform(0.005, 0.08, count))


def alike(samples: Array, deviation: float = NOISE) -> tuple[Array, Array]:
    return np.full(samples.shape[:2], deviation), np.ones(samples.shape[:2])


def rms(values: Array) -> float:
    return float(np.sqrt(np.square(values).sum(axis=-1).mean()))


seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 40), st.floats(-50, 50), st.floats(-5, 5))
@settings(max_examples=50)
def test_what_is_still_or_moves_evenly_stays_as_it_is(seed: int, count: int, place: float, speed: float) -> None:
    t_s = times(np.random.default_rng(seed), count)
    line = place + speed * np.repeat(t_s[:, None, None], 2, axis=1) * [1.0, -0.5, 0.0]
    assert np.abs(smooth(t_s, line, *alike(line)) - line).max() < 1e-8


@given(seeds, st.integers(3, 40))
@settings(max_examples=50)
def test_time_runs_either_way_alike(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    t_s, samples = times(rng, count), rng.normal(size=(count, 2, 3))
    deviation, unit = rng.uniform(0.01, 0.2, (count, 2)), rng.uniform(0.5, 2, (count, 2))
    forward = smooth(t_s, samples, deviation, unit)
    backward = smooth(-t_s[::-1], samples[::-1], deviation[::-1], unit[::-1])[::-1]
    assert np.abs(forward - backward).max() < 1e-6


@given(seeds, st.floats(0.1, 10), st.floats(-100, 100))
@settings(max_examples=25)
def test_neither_units_nor_the_origin_matter(seed: int, scale: float, origin: float) -> None:
    rng = np.random.default_rng(seed)
    t_s, samples = times(rng, 20), rng.normal(size=(20, 1, 2))
    deviation, unit = alike(samples)
    scaled = smooth(t_s, samples * scale + origin, deviation * scale, unit * scale)
    assert np.abs((scaled - origin) / scale - smooth(t_s, samples, deviation, unit)).max() < 1e-5


def test_it_is_the_most_likely_path() -> None:
    """Of the model, solved with whole matrices: the path that weighs the samples' noise against its own bends."""
    rng = np.random.default_rng(1)
    count = 30
    t_s, samples = times(rng, count), rng.normal(size=(count, 1, 1))
    noise, drift = rng.uniform(1e-4, 1e-2, (count, 1, 1)), rng.uniform(0.5, 4, (count - 1, 1, 1))
    step, push = np.diff(t_s), drift[:, 0, 0] * np.diff(t_s)
    bends, covariance = np.zeros((count - 2, count)), np.zeros((count - 2, count - 2))
    for n in range(count - 2):
        bends[n, n : n + 3] = 1 / step[n], -1 / step[n] - 1 / step[n + 1], 1 / step[n + 1]
        covariance[n, n] = (push[n] + push[n + 1]) / 3
        if n + 1 < count - 2:
            covariance[n, n + 1] = covariance[n + 1, n] = push[n + 1] / 6
    weight = np.diag(1 / noise[:, 0, 0])
    best = np.linalg.solve(weight + bends.T @ np.linalg.solve(covariance, bends), weight @ samples[:, 0])
    assert np.abs(solve(t_s, samples, noise, drift)[:, 0] - best).max() < 1e-9


@pytest.mark.parametrize("fps", [24, 30, 60])
@pytest.mark.parametrize("hertz", [0.5, 1.0, 1.5])
def test_motion_is_neither_late_nor_flattened(fps: float, hertz: float) -> None:
    t_s = np.arange(0, 6, 1 / fps)
    phase = 2 * np.pi * hertz * t_s
    truth = 0.3 * np.stack([np.cos(phase), np.sin(phase), np.zeros_like(phase)], axis=-1)[:, None]
    noisy = truth + np.random.default_rng(0).normal(size=truth.shape) * NOISE
    path = smooth(t_s, noisy, *alike(noisy))
    inner = slice(fps // 2, -fps // 2)
    turn = np.exp(-1j * phase[inner]) @ (path[inner, 0, 0] + 1j * path[inner, 0, 1]) / len(t_s[inner])
    assert abs(np.angle(turn)) / (2 * np.pi * hertz) < 0.004  # seconds
    assert 0.97 < abs(turn) / 0.3 < 1.01
    assert rms(path - truth) < 0.85 * rms(noisy - truth)


@pytest.mark.parametrize("fps", [30, 60])
@pytest.mark.parametrize("stroke_s", [0.2, 0.4])
def test_a_stroke_keeps_its_height(fps: float, stroke_s: float) -> None:
    """Half a metre out and back at up to 8 m/s, out of rest."""
    t_s = np.arange(0, 3, 1 / fps)
    truth = np.zeros((len(t_s), 1, 3))
    strike = (t_s > 1) & (t_s < 1 + stroke_s)
    truth[strike, 0, 0] = 0.5 * np.sin(np.pi * (t_s[strike] - 1) / stroke_s)
    noisy = truth + np.random.default_rng(0).normal(size=truth.shape) * NOISE / 2
    assert 0.46 < smooth(t_s, noisy, *alike(noisy)).max() < 0.54


def test_what_stands_is_steady() -> None:
    t_s = np.arange(120) / 30
    noisy = np.random.default_rng(0).normal(size=(120, 20, 3)) * NOISE
    path = smooth(t_s, noisy, *alike(noisy))
    assert rms(path) < 0.4 * rms(noisy)
    assert rms(np.diff(path, axis=0)) < 0.1 * rms(np.diff(noisy, axis=0))


def test_a_landmark_that_jumps_away_for_a_frame_takes_nobody_along() -> None:
    t_s = np.arange(60) / 30
    samples = np.zeros((60, 1, 3))
    samples[30] = 0.5
    assert np.abs(smooth(t_s, samples, *alike(samples))).max() < 0.02


def test_one_that_goes_and_stays_is_followed() -> None:
    t_s = np.arange(60) / 30
    samples = np.zeros((60, 1, 3))
    samples[30:] = 0.5
    path = smooth(t_s, samples, *alike(samples))
    assert np.abs(path[:26]).max() < 0.05
    assert np.abs(path[34:] - 0.5).max() < 0.05


def test_what_is_less_sure_counts_less() -> None:
    t_s = np.arange(60) / 30
    samples = np.random.default_rng(0).normal(size=(60, 2, 3)) * NOISE
    deviation, unit = alike(samples)
    deviation[:, 1] *= 10
    path = smooth(t_s, samples, deviation, unit)
    assert rms(np.diff(path[:, 1], axis=0)) < 0.5 * rms(np.diff(path[:, 0], axis=0))


def test_a_long_path_is_smoothed_in_parts_that_join(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    t_s = np.arange(2000) / 30
    samples = np.sin(t_s)[:, None, None] + rng.normal(size=(2000, 1, 1)) * NOISE
    whole = smooth(t_s, samples, *alike(samples))
    monkeypatch.setattr(spline, "WINDOW", 300)
    parts = [smooth(t_s[read], samples[read], *alike(samples[read]))[keep] for read, keep in windows(t_s)]
    assert len(parts) == 7
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-5


def test_short_paths_stay() -> None:
    samples = np.array([[[1.0]], [[5.0]]])
    assert (smooth(np.array([0.0, 0.03]), samples, *alike(samples)) == samples).all()
    assert list(windows(np.zeros(0))) == []
