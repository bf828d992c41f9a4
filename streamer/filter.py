"""Smoothing of landmarks over time: One Euro, constant-velocity Kalman, moving average.

A filter works on one person's 33 landmarks at once, image and world coordinates side by side in an array of shape
(2, 33, 3): image x, y, z in body sizes (so that it acts the same whether a person is near or far, and along x as along
y), world x, y, z in metres. It is driven by the frames' own times, so uneven frame times change nothing:

- a frame with the time of the one before, or an earlier one, adds nothing and gets the last result again;
- after a gap of over RESET_GAP_US, when a person was lost and when the picture's shape changes, a filter starts anew;
- a landmark counts the less the less visible it is: what MediaPipe can't see it guesses anew in every frame;
- a detection with a number that isn't finite adds nothing: the last result stands in for it.

The parameters are chosen by benchmarks/smoothing.py; docs/smoothing.md has the figures.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from streamer.engine.base import Detection
from streamer.settings import Smoothing

RESET_GAP_US: Final = 500_000
VISIBLE: Final = 0.5
"""Visibility from which on a landmark has its full weight; below it falls linearly, to MIN_TRUST at 0."""
MIN_TRUST: Final = 0.1
VISIBILITY_TAU_S: Final = 0.1
"""Time constant of the low-pass on visibility itself."""
SIZE_STEP: Final = 1.25
"""A person who grows or shrinks in the picture by this factor is measured anew."""

Cutoff = TypeVar("Cutoff", float, NDArray[np.float64])
Values = NDArray[np.float64]
"""(2, 33, 3) float64: image in body sizes, world in metres."""
Trust = NDArray[np.float64]
"""(2, 33, 1) float64 in (0, 1]: how far a measurement counts."""


class Filter(Protocol):
    """Smooths one person's values; the first call after creation returns them as they are."""

    def update(self, values: Values, trust: Trust, t_us: int) -> Values:
        """The smoothed values at `t_us`, which is later than at the call before."""

    def rescale(self, factors: Values) -> None:
        """Go on in other units: what was 1 is now `factors`, which broadcasts to the shape of the values."""


class OneEuro:
    """A low-pass whose cut-off rises with speed: steady when still, quick when moving.

    G. Casiez, N. Roussel, D. Vogel, "1 Euro Filter", CHI 2012. Speed is the length of a landmark's velocity vector, so
    the result doesn't depend on how the axes lie.

    min_cutoff_hz: cut-off at rest. beta: rise of the cut-off in Hz per (body size or metre)/s. d_cutoff_hz: cut-off of
    the velocity's own low-pass.
    """

    def __init__(self, min_cutoff_hz: float = 0.5, beta: float = 10.0, d_cutoff_hz: float = 2.0) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._d_cutoff_hz = d_cutoff_hz
        self._smooth: Values | None = None
        self._raw: Values | None = None
        self._velocity: Values | None = None
        self._t_us = 0

    def update(self, values: Values, trust: Trust, t_us: int) -> Values:
        """See Filter."""
        if self._smooth is None or self._raw is None or self._velocity is None:
            self._smooth, self._raw, self._velocity = values, values, np.zeros_like(values)
        else:
            dt_s = (t_us - self._t_us) / 1e6
            velocity = (values - self._raw) / dt_s
            self._velocity = self._velocity + smoothing_factor(self._d_cutoff_hz, dt_s) * trust * (
                velocity - self._velocity
            )
            speed = np.sqrt(np.einsum("...i,...i->...", self._velocity, self._velocity))[..., None]
            alpha = smoothing_factor(self._min_cutoff_hz + self._beta * speed, dt_s)
            self._smooth = self._smooth + alpha * trust * (values - self._smooth)
            self._raw = values
        self._t_us = t_us
        return self._smooth

    def rescale(self, factors: Values) -> None:
        """See Filter."""
        if self._smooth is not None and self._raw is not None and self._velocity is not None:
            self._smooth, self._raw = self._smooth * factors, self._raw * factors
            self._velocity = self._velocity * factors


class Kalman:
    """A constant-velocity Kalman filter for each coordinate, white-noise acceleration as the disturbance.

    Y. Bar-Shalom, X. Li, T. Kirubarajan, "Estimation with Applications to Tracking and Navigation", 2001, section 6.2.
    The three coordinates of a landmark share one covariance, as their noise is taken to be the same.

    acceleration: density of the disturbance, (body sizes or metres)^2/s^3. noise: standard deviation of a measurement
    at full visibility; it grows as trust falls.
    """

    def __init__(self, acceleration: float = 2.0, noise: float = 0.02) -> None:
        self._q = acceleration
        self._r = noise**2
        self._position: Values | None = None
        self._velocity: Values | None = None
        self._pp = self._pv = self._vv = np.zeros(())
        self._t_us = 0

    def update(self, values: Values, trust: Trust, t_us: int) -> Values:
        """See Filter."""
        if self._position is None or self._velocity is None:
            self._position, self._velocity = values, np.zeros_like(values)
            shape = trust.shape
            self._pp, self._pv, self._vv = np.full(shape, self._r), np.zeros(shape), np.full(shape, 1.0)
        else:
            dt_s = (t_us - self._t_us) / 1e6
            position = self._position + self._velocity * dt_s
            pp = self._pp + dt_s * (2 * self._pv + dt_s * self._vv) + self._q * dt_s**3 / 3
            pv = self._pv + dt_s * self._vv + self._q * dt_s**2 / 2
            vv = self._vv + self._q * dt_s
            variance = pp + self._r / trust**2
            gain_p, gain_v = pp / variance, pv / variance
            innovation = values - position
            self._position = position + gain_p * innovation
            self._velocity = self._velocity + gain_v * innovation
            self._pp, self._pv, self._vv = (1 - gain_p) * pp, (1 - gain_p) * pv, vv - gain_v * pv
        self._t_us = t_us
        return self._position

    def rescale(self, factors: Values) -> None:
        """See Filter. The covariance stays: noise is taken to be so many body sizes, however large those are."""
        if self._position is not None and self._velocity is not None:
            self._position, self._velocity = self._position * factors, self._velocity * factors


class MovingAverage:
    """The mean of the last `window_s` seconds, weighted by trust."""

    MAX_SAMPLES = 64

    def __init__(self, window_s: float = 0.1) -> None:
        self._window_us = round(window_s * 1e6)
        self._samples: deque[tuple[int, Values, Trust]] = deque(maxlen=self.MAX_SAMPLES)

    def update(self, values: Values, trust: Trust, t_us: int) -> Values:
        """See Filter."""
        while self._samples and t_us - self._samples[0][0] > self._window_us:
            self._samples.popleft()
        self._samples.append((t_us, values, trust))
        weight = np.sum([sample[2] for sample in self._samples], axis=0)
        total = np.sum([sample[1] * sample[2] for sample in self._samples], axis=0)
        return np.asarray(total / weight)

    def rescale(self, factors: Values) -> None:
        """See Filter."""
        rescaled = [(t_us, values * factors, trust) for t_us, values, trust in self._samples]
        self._samples = deque(rescaled, maxlen=self.MAX_SAMPLES)


FILTERS: Final[dict[str, Callable[..., Filter]]] = {
    "one-euro": OneEuro,
    "kalman": Kalman,
    "moving-average": MovingAverage,
}


class PoseFilter:
    """One person's filter: turns detections into values and back, and deals with time, gaps, size and visibility."""

    def __init__(self, make: Callable[[], Filter]) -> None:
        self._make = make
        self._filter = make()
        self._last: Detection | None = None
        self._size = self._aspect = 1.0
        self.t_us = 0

    def apply(self, detection: Detection, t_us: int, aspect: float) -> Detection:
        """The detection smoothed at `t_us`; `aspect` is the picture's width over its height."""
        if self._last is not None and t_us <= self.t_us:
            return self._last
        if not (np.isfinite(detection.image).all() and np.isfinite(detection.world).all()):
            return self._last or detection
        seen = detection.image[:, 3].astype(np.float64)
        size = _body_size(detection, aspect)
        if self._last is None or t_us - self.t_us > RESET_GAP_US or aspect != self._aspect:
            self._filter = self._make()
            self._size, self._aspect = size, aspect
            visibility = seen
        else:
            if not 1 / SIZE_STEP < size / self._size < SIZE_STEP:
                self._filter.rescale(np.array([self._size / size, 1.0]).reshape(2, 1, 1))
                self._size = size
            blend = 1 - math.exp(-(t_us - self.t_us) / 1e6 / VISIBILITY_TAU_S)
            visibility = self._last.image[:, 3] + blend * (seen - self._last.image[:, 3])
        scale = np.array([aspect, 1.0, aspect]) / self._size
        values = np.empty((2, len(seen), 3))
        np.multiply(detection.image[:, :3], scale, out=values[0])
        values[1] = detection.world[:, :3]
        trust = np.broadcast_to(np.clip(seen / VISIBLE, MIN_TRUST, 1.0)[None, :, None], (2, len(seen), 1))
        smooth = self._filter.update(values, trust, t_us)
        image, world = np.empty((2, len(seen), 4), np.float32)
        image[:, :3], world[:, :3] = smooth[0] / scale, smooth[1]
        image[:, 3] = world[:, 3] = visibility
        self._last, self.t_us = Detection(image, world, detection.score), t_us
        return self._last


class Smoother:
    """A filter for each person, by id.

    Where the engine has already smoothed (MediaPipe with one person), "one-euro" isn't applied a second time, unless
    parameters were given for it, and "none" gives what the engine gives; "kalman" and "moving-average" work on top, as
    the engine's own can't be switched off.
    """

    def __init__(self, smoothing: Smoothing, engine_smoothed: bool = False) -> None:
        kind = smoothing.kind
        idle = kind == "none" or (kind == "one-euro" and engine_smoothed and not smoothing.tuned)
        self._make = None if idle else partial(FILTERS[kind], **smoothing.parameters)
        self._filters: dict[int, PoseFilter] = {}

    def apply(
        self, people: Sequence[tuple[int, Detection]], t_us: int, aspect: float = 1.0
    ) -> list[tuple[int, Detection]]:
        """The people of one frame, smoothed. Whoever was away for RESET_GAP_US starts anew."""
        if self._make is None:
            return list(people)
        self._filters = {id: kept for id, kept in self._filters.items() if t_us - kept.t_us <= RESET_GAP_US}
        smoothed = []
        for id, detection in people:
            if id not in self._filters:
                self._filters[id] = PoseFilter(self._make)
            smoothed.append((id, self._filters[id].apply(detection, t_us, aspect)))
        return smoothed


def smoothing_factor(cutoff_hz: Cutoff, dt_s: float) -> Cutoff:
    """Of a first-order low-pass over one time step."""
    omega = 2 * math.pi * dt_s * cutoff_hz
    return omega / (1 + omega)


def _body_size(detection: Detection, aspect: float) -> float:
    """Diagonal of the landmarks in the picture, in picture heights."""
    points = detection.image[:, :2]
    width, height = points.max(axis=0) - points.min(axis=0)
    return max(math.hypot(width * aspect, height), 1e-3)
