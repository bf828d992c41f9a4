"""Skeletons drawn on a picture: white lines, red points, dim where little is visible."""

from collections.abc import Sequence

import cv2
import numpy as np

from protocol.skeleton import EDGES
from streamer.engine import Detection
from streamer.source.base import Image

RED, WHITE = (255, 40, 40), (255, 255, 255)
_FACE = 11  # the edges among landmarks 0 to 10 would blot out a small face


def draw(picture: Image, people: Sequence[Detection]) -> Image:
    """A copy of an RGB picture with the skeletons on it: white lines, red points, dim where little is visible."""
    height, width = picture.shape[:2]
    thickness = max(2, round(min(height, width) / 250))
    canvas: Image = picture.copy()
    for person in people:
        points = np.round(person.image[:, :2] * (width, height)).astype(int).tolist()
        for a, b in EDGES:
            if a >= _FACE or b >= _FACE:
                shown = float(min(person.image[a, 3], person.image[b, 3]))
                layer = canvas.copy()
                cv2.line(layer, points[a], points[b], WHITE, thickness, cv2.LINE_AA)
                cv2.addWeighted(layer, _opacity(shown), canvas, 1 - _opacity(shown), 0, canvas)
        for point, visibility in zip(points, person.image[:, 3], strict=True):
            layer = canvas.copy()
            cv2.circle(layer, point, round(1.6 * thickness), RED, cv2.FILLED, cv2.LINE_AA)
            cv2.addWeighted(layer, _opacity(float(visibility)), canvas, 1 - _opacity(float(visibility)), 0, canvas)
    return canvas


def _opacity(visibility: float) -> float:
    return 0.25 + 0.75 * min(max(visibility, 0.0), 1.0)
