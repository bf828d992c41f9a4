"""One person's landmarks: from the raw output of the landmark network for a region to the picture and the world.

V. Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020. Each landmark that the network's heat
map shows clearly is moved to the centre of mass of the map about it.
"""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from streamer.engine.base import Detection
from streamer.engine.blazepose.region import Region, aligned, crop
from streamer.source.base import Image

SIZE: Final = 256
"""Side of its input, (1, 256, 256, 3) uint8 RGB here; the network is made to take it so."""
COUNT: Final = 33
"""Landmarks of the body; two more say where the person is in the next picture."""
_USED: Final = COUNT + 2
_MAP: Final = 64
_REACH: Final = 3
"""Cells of the heat map on each side of a landmark that count."""
_CLEAR: Final = 0.5
"""What the map has to reach there, or the landmark stays as it is."""
_TO_WIRE: Final = np.array([1, -1, -1], np.float32)
"""The network's axes (x right, y down, z away from the camera) turned half around x give the wire's."""

_OFFSETS: Final = np.arange(-_REACH, _REACH + 1)


def prepare(image: Image, region: Region, into: Image) -> None:
    """Write the network's input for one region of an RGB picture."""
    crop(image, region, cv2.BORDER_REPLICATE, into)


def decode(
    points: NDArray[np.float32],
    heatmap: NDArray[np.float32],
    world: NDArray[np.float32],
    region: Region,
    width: int,
    height: int,
) -> tuple[Detection, Region]:
    """A person and the region where to look in the next picture.

    points: (195,) raw x, y, z in pixels of the input, visibility and presence as logits, of 39 landmarks. heatmap: (64,
    64, 39) logits. world: (117,) x, y, z in metres, in the region's axes. width, height: of the picture, pixels.
    """
    raw = points.reshape(-1, 5)[:_USED].astype(np.float64)
    sure = 1 / (1 + np.exp(-raw[:COUNT, 3:]))
    place = refine(raw[:, :2] / SIZE, heatmap) - 0.5
    cos, sin = math.cos(region.rotation), math.sin(region.rotation)
    turn = np.array([[cos, sin], [-sin, cos]])  # of rows from the left
    pixels = place @ turn * region.side + (region.x, region.y)
    image = np.empty((COUNT, 4), np.float32)
    image[:, :2] = pixels[:COUNT] / (width, height)
    image[:, 2] = raw[:COUNT, 2] / SIZE * region.side / width
    image[:, 3] = sure[:, 0]
    metres = np.empty((COUNT, 4), np.float32)
    spatial = world.reshape(-1, 3)[:COUNT].astype(np.float64)
    metres[:, :2] = spatial[:, :2] @ turn
    metres[:, 2] = spatial[:, 2]
    metres[:, :3] *= _TO_WIRE
    metres[:, 3] = sure[:, 0]
    return Detection(image, metres, float(sure[:, 1].mean())), aligned(pixels[COUNT], pixels[COUNT + 1])


def refine(place: NDArray[np.float64], heatmap: NDArray[np.float32]) -> NDArray[np.float64]:
    """Landmarks moved to where the heat map has them. place: (n, 2) x, y in [0, 1]."""
    count = len(place)
    column, row = np.trunc(place[:, 0] * _MAP), np.trunc(place[:, 1] * _MAP)
    inside = (column >= 0) & (column < _MAP) & (row >= 0) & (row < _MAP)
    columns = np.where(inside, column, 0).astype(np.intp)[:, None] + _OFFSETS
    rows = np.where(inside, row, 0).astype(np.intp)[:, None] + _OFFSETS
    valid = ((rows >= 0) & (rows < _MAP))[:, :, None] & ((columns >= 0) & (columns < _MAP))[:, None]
    logits = heatmap[
        np.clip(rows, 0, _MAP - 1)[:, :, None], np.clip(columns, 0, _MAP - 1)[:, None], np.arange(count)[:, None, None]
    ]
    weights = valid / (1 + np.exp(-logits.astype(np.float64)))
    total = weights.sum((1, 2))
    moved = inside & (weights.max((1, 2)) >= _CLEAR)
    new = (
        np.stack((weights.sum(1) * columns, weights.sum(2) * rows), 1).sum(2) / _MAP / np.maximum(total, 1e-12)[:, None]
    )
    return np.where(moved[:, None], new, place)
