"""Skeletons drawn on a picture: white lines, red points, dim where little is visible."""

from collections.abc import Sequence

import cv2
import numpy as np

from protocol.skeleton import EDGES
from streamer.engine.base import Detection
from streamer.source.base import Image

RED, WHITE = (255, 40, 40), (255, 255, 255)
_FACE = 11  # the edges among landmarks 0 to 10 would blot out a small face


def draw(picture: Image, people: Sequence[Detection]) -> None:
    """Draw the skeletons on an RGB picture: white lines, red points, dim where little is visible."""
    height, width = picture.shape[:2]
    thickness = max(2, round(min(height, width) / 250))
    for person in people:
        # Beyond three pictures to each side nothing shows, and a line's ends have to be numbers that OpenCV takes.
        places = np.clip(person.image[:, :2], -3, 4) * (width, height)
        points = np.round(places).astype(int).tolist()
        for a, b in EDGES:
            if a >= _FACE or b >= _FACE:
                shown = float(min(person.image[a, 3], person.image[b, 3]))
                _stroke(picture, points[a], points[b], WHITE, thickness, shown)
        for point, visibility in zip(points, person.image[:, 3], strict=True):
            _stroke(picture, point, point, RED, 2 * round(1.6 * thickness), float(visibility))


def _stroke(
    picture: Image, a: list[int], b: list[int], colour: tuple[int, int, int], thickness: int, shown: float
) -> None:
    """A line, or a dot where its ends are one, blended with what is there. Only the part around it is touched."""
    height, width = picture.shape[:2]
    margin = thickness + 2
    left, right = max(0, min(a[0], b[0]) - margin), min(width, max(a[0], b[0]) + margin)
    top, bottom = max(0, min(a[1], b[1]) - margin), min(height, max(a[1], b[1]) + margin)
    if left >= right or top >= bottom:
        return
    part = picture[top:bottom, left:right]
    layer = part.copy()
    start, end = (a[0] - left, a[1] - top), (b[0] - left, b[1] - top)
    cv2.line(layer, start, end, colour, thickness, cv2.LINE_AA)
    opacity = 0.25 + 0.75 * min(max(shown, 0.0), 1.0)
    part[:] = cv2.addWeighted(layer, opacity, part, 1 - opacity, 0)
