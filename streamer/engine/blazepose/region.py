"""Where in a picture one person is: a turned square, as BlazePose crops it."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from streamer.source.base import Image

SCALE: Final = 1.25
"""Of a region's side to twice the distance of its two alignment points."""


@dataclass(frozen=True, slots=True)
class Region:
    """x, y: its centre; side: in pixels of the picture. rotation: radians, positive turns the person clockwise."""

    x: float
    y: float
    side: float
    rotation: float

    def scaled(self, factor: float) -> "Region":
        """The same in a picture larger by `factor`."""
        return Region(self.x * factor, self.y * factor, self.side * factor, self.rotation)

    def overlap(self, other: "Region") -> float:
        """Intersection over union of the two as squares that aren't turned, as MediaPipe compares them."""
        half = (self.side + other.side) / 2
        shorter = min(self.side, other.side)
        width = min(shorter, half - abs(self.x - other.x))
        height = min(shorter, half - abs(self.y - other.y))
        if width <= 0 or height <= 0:
            return 0.0
        common = width * height
        return common / (self.side**2 + other.side**2 - common)


def aligned(centre: NDArray[np.float64], edge: NDArray[np.float64]) -> Region:
    """The region of a person with the hips' midpoint at `centre`, upright toward `edge`, which lies on the circle about
    the whole body; both (2,) in pixels.
    """
    dx, dy = edge[0] - centre[0], edge[1] - centre[1]
    turn = math.pi / 2 - math.atan2(-dy, dx)
    rotation = turn - 2 * math.pi * math.floor((turn + math.pi) / (2 * math.pi))
    return Region(float(centre[0]), float(centre[1]), 2 * math.hypot(dx, dy) * SCALE, rotation)


def crop(image: Image, region: Region, border: int, into: Image) -> None:
    """Write the region of an RGB picture into a square one, (size, size, 3) uint8.

    border: cv2's kind, for what lies outside the picture. The region's corners come to lie at 0 and `size`, without the
    shift by half a pixel that one would expect: the networks learnt it so.

    Places in the picture are rounded to 1/32 pixel. That is how OpenCV 4 warps, and MediaPipe with it; version 5 is
    exact, and crops that differ by a mean of 0.04 grey levels move landmarks by a mean of 0.7 pixels.
    """
    size = len(into)
    half, cos, sin = region.side / 2, math.cos(region.rotation), math.sin(region.rotation)
    along = np.arange(size) * (region.side / size)
    x = np.subtract.outer(-sin * along, half * (cos - sin) - region.x - cos * along)
    y = np.add.outer(cos * along, region.y - half * (sin + cos) + sin * along)
    places, fractions = cv2.convertMaps(x.astype(np.float32), y.astype(np.float32), cv2.CV_16SC2)
    cv2.remap(image, places, fractions, cv2.INTER_LINEAR, into, border)
