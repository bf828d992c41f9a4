"""The most likely path through noisy samples, looked at from both sides: a smoothing spline that minds its speed.

A value is taken to drift with a velocity that white noise pushes about. For that model the best estimate from all
samples, those after a moment too, is a cubic smoothing spline; a Kalman filter and a Rauch-Tung-Striebel pass back give
the same, but need a guess of how it began (G. Wahba, "Improper Priors, Spline Smoothing and the Problem of Guarding
Against Model Errors in Regression", 1978). It is found by C. Reinsch's way ("Smoothing by Spline Functions", 1967; P.
Green, B. Silverman, "Nonparametric Regression and Generalized Linear Models", 1994, chapter 2): one system of five
diagonals in the second derivatives, in a time that goes with the number of samples. Time runs either way alike, so
nothing comes late. What is still or moves evenly stays as it is.

Twice the path itself says how to find a better one:

- where it goes fast, the noise that pushes it about is taken to be strong, so that quick motion keeps its height and
  what stands is steady: the idea of the One Euro filter, looking ahead as well as back;
- a sample that is too far off for its noise counts less, so that a landmark that jumps away for a frame takes nobody
  along.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

AGILITY: Final = 20.0
"""1/s: how soon a velocity may have become another; the noise that pushes is this times the square of the speed."""
NEAR_S: Final = 0.1
"""The speed is that of the path within so much time on either side."""
FIRST_DRIFT: Final = 8.0
LEAST_DRIFT: Final = 0.1
MOST_DRIFT: Final = 1000.0
"""The noise that pushes, as density: units^2/s^3, for the first path, and the least and the most after it."""
FAR: Final = 3.0
"""A sample that is farther from the path than so many standard deviations counts less, with the fourth power of it."""
ROUNDS: Final = 2
WINDOW: Final = 4000
MARGIN_S: Final = 10.0
"""Long takes are smoothed by so many samples at a time, and so much before and after, which bounds the memory: samples
that are farther away than this change nothing that could be seen."""


def smooth(t_s: Array, samples: Array, deviation: Array, unit: Array) -> Array:
    """The paths through (T, M, C) samples of M points, each with C coordinates that share noise and speed.

    t_s: (T,) seconds, increasing. deviation: (T, M) standard deviation of a sample's coordinate, > 0. unit: (T, M) what
    counts as 1 in the units of the drift's constants, such as a body's size. What has fewer than three samples stays.
    """
    if len(t_s) < 3:
        return samples
    noise = np.square(deviation)[..., None]
    unit2 = (unit[:-1] * unit[1:])[..., None]
    near = _near(t_s)
    path = solve(t_s, samples, noise, FIRST_DRIFT * unit2)
    for _ in range(ROUNDS):
        off = _square(samples - path) / (FAR**2 * noise)
        speed2 = _square(np.diff(path, axis=0) / np.diff(t_s)[:, None, None])
        drift = np.clip(AGILITY * _mean(speed2, near), LEAST_DRIFT * unit2, MOST_DRIFT * unit2)
        path = solve(t_s, samples, noise * np.maximum(off, 1.0) ** 2, drift)
    return path


def windows(t_s: Array) -> Iterator[tuple[slice, slice]]:
    """(which samples to smooth together, which of these to keep) of long paths; those kept join without a gap."""
    for start in range(0, len(t_s), WINDOW):
        end = min(start + WINDOW, len(t_s))
        first = int(np.searchsorted(t_s, t_s[start] - MARGIN_S))
        past = int(np.searchsorted(t_s, t_s[end - 1] + MARGIN_S, "right"))
        yield slice(first, past), slice(start - first, end - first)


def solve(t_s: Array, samples: Array, noise: Array, drift: Array) -> Array:
    """The smoothing spline at its T >= 3 knots.

    samples: (T, M, C). noise: (T, M, 1) variance of each. drift: (T - 1, M, 1) density of the white noise in the second
    derivative between two, units^2/s^3.
    """
    step = np.diff(t_s)[:, None, None]
    rate = 1 / step
    both = rate[:-1] + rate[1:]
    bend = np.diff(np.diff(samples, axis=0) * rate, axis=0)
    # The covariance of `bend`: that of the path and that of the samples, as diagonals 0, 1 and 2 of a band.
    push = drift * step
    middle = (push[:-1] + push[1:]) / 3 + (
        noise[:-2] * rate[:-1] ** 2 + noise[1:-1] * both**2 + noise[2:] * rate[1:] ** 2
    )
    beside = push[1:-1] / 6 - (noise[1:-2] * both[:-1] + noise[2:-1] * both[1:]) * rate[1:-1]
    beyond = noise[2:-2] * rate[1:-2] * rate[2:-1]
    force = _solve_band(middle, beside, beyond, bend)
    pull = np.zeros_like(samples)
    pull[:-2] += force * rate[:-1]
    pull[1:-1] -= force * both
    pull[2:] += force * rate[1:]
    return np.asarray(samples - noise * pull)


def _solve_band(middle: Array, beside: Array, beyond: Array, right: Array) -> Array:
    """Of symmetric positive definite systems with five diagonals the solutions, by their Cholesky factors L D L^T.

    middle: (N, M, 1), beside: (N - 1, M, 1), beyond: (N - 2, M, 1) diagonals. right: (N, M, C).
    """
    count = len(middle)
    pivot, solution = middle.copy(), right.copy()
    first, second = np.empty_like(beside), np.empty_like(beyond)  # below the diagonal of L
    for n in range(count):
        if n >= 2:
            pivot[n] -= second[n - 2] ** 2 * pivot[n - 2]
            solution[n] -= second[n - 2] * solution[n - 2]
        if n >= 1:
            pivot[n] -= first[n - 1] ** 2 * pivot[n - 1]
            solution[n] -= first[n - 1] * solution[n - 1]
        if n < count - 1:
            above = first[n - 1] * second[n - 1] * pivot[n - 1] if n >= 1 else 0.0
            first[n] = (beside[n] - above) / pivot[n]
        if n < count - 2:
            second[n] = beyond[n] / pivot[n]
    solution /= pivot
    for n in range(count - 2, -1, -1):
        solution[n] -= first[n] * solution[n + 1]
        if n < count - 2:
            solution[n] -= second[n] * solution[n + 2]
    return np.asarray(solution)


def _near(t_s: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of each interval between two times the first and the one past the last interval within NEAR_S of its middle."""
    middle = (t_s[1:] + t_s[:-1]) / 2
    slack = 1e-6  # frames that are exactly so far off count on both sides, whatever rounding says
    return np.searchsorted(middle, middle - NEAR_S - slack), np.searchsorted(middle, middle + NEAR_S + slack)


def _mean(values: Array, near: tuple[NDArray[np.intp], NDArray[np.intp]]) -> Array:
    first, past = near
    total = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    return np.asarray(np.maximum(total[past] - total[first], 0.0) / (past - first)[:, None, None])


def _square(values: Array) -> Array:
    return np.asarray(np.einsum("...i,...i->...", values, values)[..., None])
