"""What is known of one person in one frame: the landmarks, and the body that the solver makes of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamer.engine.base import Detection


@dataclass(frozen=True, slots=True)
class Body:
    """A humanoid of constant bone lengths in the pose of a person. B bones as in protocol/skeleton.json.

    bones: (B, 4) float32, unit quaternions (x, y, z, w), local to the parent, identity in the T-pose facing +Z; signs
        are continuous from frame to frame.
    root: (3,) float32, the hips in metres: origin at the camera, right-handed, +X the image's right, +Y up, +Z toward
        the camera, so that z of whoever is seen is negative.
    floor: height (y) of the floor under the person, in metres, in the axes of `root`.
    rest: (B, 3) float32, offset of each bone from its parent in the T-pose, metres, of this person; left and right
        agree, and it changes only while the person is being measured. Of the hips: from the floor below them.
    held: indices of the bones that aren't seen: they keep their last pose, then ease to rest.
    contact: whether the left and the right foot stand on the floor.
    """

    bones: NDArray[np.float32]
    root: NDArray[np.float32]
    floor: float
    rest: NDArray[np.float32]
    held: tuple[int, ...]
    contact: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Person:
    """One person in one frame. What nobody asked for is None.

    id: stays from frame to frame.
    angles: (A,) float32 in degrees, in the order of protocol.ANGLES; NaN where an angle can't be told.
    raw: as the network found it, or at least as the engine gave it; None where nothing was smoothed.
    """

    id: int
    detection: Detection
    body: Body | None = None
    angles: NDArray[np.float32] | None = None
    raw: Detection | None = None
