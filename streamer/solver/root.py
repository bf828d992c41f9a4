"""Where the hips are: metres from the camera, from where landmarks lie in the picture and how large they are."""

import math
from typing import Final

import numpy as np

from streamer.solver.quaternion import Array
from streamer.solver.single import Vector

MIN_DISTANCE_M: Final = 0.1
MAX_DISTANCE_M: Final = 50.0
_BODY = slice(11, 33)  # the face is small, and a third of all landmarks are in it


class Camera:
    """A pinhole camera that looks along -z, with square pixels and no distortion.

    fov_deg: its field of view along the longer side of the picture, in degrees.
    """

    def __init__(self, fov_deg: float) -> None:
        self._half = math.tan(math.radians(fov_deg) / 2)

    def focal(self, aspect: float) -> float:
        """Focal length in picture heights, of a picture whose width is `aspect` times its height."""
        return max(aspect, 1.0) / 2 / self._half

    def locate(self, points: Array, image: Array, visibility: Array, aspect: float) -> Vector | None:
        """The origin of `points` (33, 3) in the axes of the camera, metres; None where there is no sound answer.

        The translation under which the points are seen where `image` (33, 2 or more; fractions of the picture) has
        them, by weighted linear least squares: x and y of each landmark give one equation each for three unknowns.
        """
        focal = self.focal(aspect)
        p, weights = points[_BODY], visibility[_BODY] ** 2 + 1e-6
        terms = np.empty((len(p), 5))
        terms[:, 0] = (image[_BODY, 0] - 0.5) * (aspect / focal)  # where each is seen, at distance 1
        terms[:, 1] = (0.5 - image[_BODY, 1]) / focal
        terms[:, 2:4] = -(p[:, :2] + terms[:, :2] * p[:, 2:])  # x + ray * z of the translation has to be this
        terms[:, 4] = 1.0
        # Weighted sums of the products of any two terms.
        (uu, _, ux, _, _), (_, vv, _, vy, _), _, _, (u, v, x, y, total) = ((weights * terms.T) @ terms).tolist()
        spread = uu + vv - (u * u + v * v) / total
        if spread < 1e-8 * total:
            return None
        z = (ux + vy - (u * x + v * y) / total) / spread
        if not -MAX_DISTANCE_M < z < -MIN_DISTANCE_M:
            return None
        return (x - z * u) / total, (y - z * v) / total, z
