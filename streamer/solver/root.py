"""Where the hips are: metres from the camera, from where landmarks lie in the picture and how large they are."""

import math
from typing import Final

import numpy as np

from streamer.solver.quaternion import Array

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

    def locate(self, points: Array, image: Array, visibility: Array, aspect: float) -> Array | None:
        """(3,) the origin of `points` (33, 3) in the axes of the camera, metres; None where there is no sound answer.

        The translation under which the points are seen where `image` (33, 2 or more; fractions of the picture) has
        them, by weighted linear least squares: x and y of each landmark give one equation each for three unknowns.
        """
        focal = self.focal(aspect)
        p, weights = points[_BODY], visibility[_BODY] ** 2 + 1e-6
        weights = weights / weights.sum()
        rays = np.empty((len(p), 2))  # where each is seen, at distance 1
        rays[:, 0] = (image[_BODY, 0] - 0.5) * aspect / focal
        rays[:, 1] = (0.5 - image[_BODY, 1]) / focal
        aim = -(p[:, :2] + rays * p[:, 2:])  # x + ray * z of the translation has to be this
        ray_mean, aim_mean = weights @ rays, weights @ aim
        spread = float(weights @ np.einsum("ij,ij->i", rays, rays) - ray_mean @ ray_mean)
        if spread < 1e-8:
            return None
        z = float(weights @ np.einsum("ij,ij->i", rays, aim) - ray_mean @ aim_mean) / spread
        if not -MAX_DISTANCE_M < z < -MIN_DISTANCE_M:
            return None
        x, y = aim_mean - z * ray_mean
        return np.array([x, y, z])
