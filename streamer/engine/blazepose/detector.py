"""The person detector: from its raw output to regions.

The parameters are those of the network's training: anchors, two to a cell on four layers; boxes and four alignment
points relative to them. Overlapping finds are merged by their scores (V. Bazarevsky et al., "BlazeFace", 2019).
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from streamer.engine.blazepose.region import Region, aligned, crop
from streamer.source.base import Image

SIZE: Final = 224
"""Side of its input, (1, 224, 224, 3) uint8 RGB here; the network is made to take it so."""
_SUPPRESS: Final = 0.5
"""Finds that overlap by more are one person."""
_LAYERS: Final = ((8, 2), (16, 2), (32, 6))
"""Stride of a layer in pixels and anchors to a cell; the last three layers have the same stride."""


def _anchors() -> NDArray[np.float32]:
    rows = []
    for stride, count in _LAYERS:
        cells = SIZE // stride
        y, x = np.divmod(np.arange(cells * cells), cells)
        rows.append(np.repeat((np.stack((x, y), 1) + 0.5) / cells, count, axis=0))
    return np.concatenate(rows).astype(np.float32)


ANCHORS: Final = _anchors()
"""(2254, 2) float32: centres of the anchors, x and y in [0, 1]."""


def letterbox(width: int, height: int) -> Region:
    """The whole picture with what it takes to a square."""
    return Region(width / 2, height / 2, max(width, height), 0.0)


def prepare(image: Image, into: Image) -> None:
    """Write the network's input for an RGB picture."""
    height, width = image.shape[:2]
    crop(image, letterbox(width, height), cv2.BORDER_CONSTANT, into)


def decode(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], width: int, height: int, min_score: float, most: int
) -> list[Region]:
    """Regions of people, the surest first, at most `most`.

    boxes: (2254, 12) raw x, y, width, height of the box and x, y of four points. scores: (2254,) logits. width, height:
    of the picture, pixels. min_score: in (0, 1).
    """
    likely = np.flatnonzero(scores > np.log(min_score / (1 - min_score)))
    if not likely.size:
        return []
    logits = np.clip(scores[likely], -100, 100)
    sure = 1 / (1 + np.exp(-logits.astype(np.float64)))
    order = np.argsort(-sure, kind="stable")
    likely, sure = likely[order], sure[order]
    raw = boxes[likely].astype(np.float64) / SIZE
    anchors = ANCHORS[likely].astype(np.float64)
    points = raw[:, 4:8].reshape(-1, 2, 2) + anchors[:, None]
    centre, half = raw[:, :2] + anchors, raw[:, 2:4] / 2
    corners = np.concatenate((centre - half, centre + half), axis=1)
    box = letterbox(width, height)
    origin = np.array([box.x, box.y]) - box.side / 2
    regions: list[Region] = []
    while sure.size and len(regions) < most:
        same = _overlap(corners[0], corners) > _SUPPRESS
        same[0] = True
        weights = sure[same] / sure[same].sum()
        hips, top = np.einsum("i,ijk->jk", weights, points[same]) * box.side + origin
        regions.append(aligned(hips, top))
        corners, points, sure = corners[~same], points[~same], sure[~same]
    return regions


def _overlap(one: NDArray[np.float64], all_: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of one box with each; rows of left, top, right, bottom."""
    size = np.maximum(0, np.minimum(one[2:], all_[:, 2:]) - np.maximum(one[:2], all_[:, :2]))
    common: NDArray[np.float64] = size[:, 0] * size[:, 1]
    area: NDArray[np.float64] = (all_[:, 2] - all_[:, 0]) * (all_[:, 3] - all_[:, 1])
    union: NDArray[np.float64] = (one[2] - one[0]) * (one[3] - one[1]) + area - common
    return common / np.maximum(union, 1e-12)
