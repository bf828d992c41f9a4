"""What every engine is: pictures in, landmarks of each person out; stateful from frame to frame."""

from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from streamer.source.base import Image

MODELS: Final = ("lite", "full", "heavy")
"""The embedded networks, from fast to accurate."""

Mode = Literal["video", "image"]
"""`video` follows people from frame to frame, `image` looks at each picture afresh."""
Landmarks = NDArray[np.float32]
"""(33, 4) float32: x, y, z, visibility. The axes are those of the wire (protocol/SPEC.md)."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One person in one frame.

    image: (33, 4) float32; x, y in [0, 1] of the frame from its top left, y down; z scaled like x.
    world: (33, 4) float32; metres, origin midway between the hips, right-handed: +X the image's right, +Y up, +Z toward
        the camera.
    score: presence of the whole pose in [0, 1]. All numbers are finite.
    """

    image: Landmarks
    world: Landmarks
    score: float


class Engine(Protocol):
    """Blocking pose estimation for one stream, used by one thread at a time."""

    name: str
    model: str
    smoothed: bool
    """True when the engine's own graph has already smoothed what it returns, so that no filter does it again."""

    def estimate(self, image: Image, media_us: int) -> list[Detection]:
        """People in the picture, in no particular order. `media_us` strictly increases. Raises EngineError."""

    def close(self) -> None:
        """Release the networks; harmless when already closed."""
