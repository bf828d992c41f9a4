"""Where an avatar stands."""

from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_HIPS_M = 0.05


class RootMotion(Enum):
    """What of a person's way through the room an avatar takes over."""

    FULL = "full"
    HEIGHT = "height"
    """Steps in place; squats still go down."""
    OFF = "off"


class Stage:
    """Has its origin on the floor, under the place where the person was first seen.

    Steps are scaled by the avatar's hip height over the person's. What `place` gives is in the axes of the wire,
    metres. Mirror what comes out, not what goes in: the origin is that of the person as seen.
    """

    def __init__(self, motion: RootMotion = RootMotion.FULL) -> None:
        self.motion = motion
        self._id: int | None = None
        self._x_m = 0.0
        self._z_m = 0.0
        self._floor_m = 0.0

    def forget(self) -> None:
        """The next person seen sets the origin, even if it is the same."""
        self._id = None

    def place(
        self, id: int, root: ArrayLike, floor: float | None, person_hips_m: float, avatar_hips_m: float
    ) -> NDArray[np.float64]:
        """Where the avatar's hips are on the stage.

        id: of the person; another one sets a new origin. root, floor: of the pose. person_hips_m, avatar_hips_m: height
        of the hips over the floor at rest (`rest[0][1]`); a person's below MIN_HIPS_M can't be true and scales nothing.
        """
        x, y, z = (float(value) for value in np.asarray(root))
        if id != self._id:
            self._id, self._x_m, self._z_m = id, x, z
            self._floor_m = y - person_hips_m
        if floor is not None:
            self._floor_m = floor
        scale = avatar_hips_m / person_hips_m if person_hips_m >= MIN_HIPS_M else 1.0
        if self.motion is RootMotion.OFF:
            return np.array((0.0, avatar_hips_m, 0.0))
        height_m = (y - self._floor_m) * scale
        if self.motion is RootMotion.HEIGHT:
            return np.array((0.0, height_m, 0.0))
        return np.array(((x - self._x_m) * scale, height_m, (z - self._z_m) * scale))
