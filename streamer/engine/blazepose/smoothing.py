"""What MediaPipe's graph does to one person's landmarks from frame to frame, so that both engines give the same stream.

A One Euro filter for each coordinate by itself (G. Casiez, N. Roussel, D. Vogel, "1 Euro Filter", CHI 2012), with the
derivative taken from the raw value before; speeds in the picture are counted in sides of the person's region.
Posewire's own filters (streamer.filter) come after the engine, where they are asked for.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from streamer.engine.base import Detection
from streamer.engine.blazepose.region import Region

_DERIVATIVE_CUTOFF_HZ: Final = 1.0
_IMAGE: Final = (0.05, 80.0)
"""Cut-off at rest, Hz, and its rise for each region's side a second."""
_WORLD: Final = (0.1, 40.0)
_VISIBILITY_SHARE: Final = 0.1
"""Of the new value, at each frame."""
_MIN_SIDE: Final = 1e-6

Values = NDArray[np.float64]


class OneEuro:
    """Of an array of values, each by itself."""

    def __init__(self, min_cutoff_hz: float, beta: float) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._raw: Values | None = None
        self._smooth: Values = np.zeros(())
        self._speed: Values = np.zeros(())
        self._t_us = 0

    def apply(self, values: Values, scale: float, t_us: int) -> Values:
        """The smoothed values at `t_us`; scale: what speeds are multiplied by."""
        if self._raw is None:
            self._smooth, self._speed = values, np.zeros_like(values)
        elif t_us > self._t_us:
            rate_hz = 1e6 / (t_us - self._t_us)
            speed = (values - self._raw) * scale * rate_hz
            self._speed = self._speed + _share(_DERIVATIVE_CUTOFF_HZ, rate_hz) * (speed - self._speed)
            cutoff = self._min_cutoff_hz + self._beta * np.abs(self._speed)
            self._smooth = self._smooth + _share(cutoff, rate_hz) * (values - self._smooth)
        else:
            return values
        self._raw, self._t_us = values, t_us
        return self._smooth


class GraphSmoothing:
    """Of one person, who may be lost in between."""

    def __init__(self) -> None:
        self._image = OneEuro(*_IMAGE)
        self._world = OneEuro(*_WORLD)
        self._visibility: Values | None = None

    def apply(self, found: Detection, region: Region, width: int, height: int, t_us: int) -> Detection:
        """region: of the next picture. width, height: of this one, pixels."""
        size = np.array([width, height, width], np.float64)
        visibility = found.image[:, 3].astype(np.float64)
        if self._visibility is not None:
            visibility = self._visibility + _VISIBILITY_SHARE * (visibility - self._visibility)
        self._visibility = visibility
        image, world = np.empty_like(found.image), np.empty_like(found.world)
        pixels = found.image[:, :3].astype(np.float64) * size
        image[:, :3] = self._image.apply(pixels, 1 / max(region.side, _MIN_SIDE), t_us) / size
        world[:, :3] = self._world.apply(found.world[:, :3].astype(np.float64), 1.0, t_us)
        image[:, 3] = world[:, 3] = visibility
        return Detection(image, world, found.score, found)

    def lost(self) -> None:
        """Nobody is followed any more: the graph forgets where in the picture the person was, and nothing else."""
        self._image = OneEuro(*_IMAGE)


def _share(cutoff_hz: Values | float, rate_hz: float) -> Values | float:
    """Of the new value in a low-pass."""
    return 1 / (1 + rate_hz / (2 * math.pi * cutoff_hz))
