"""What every engine is: pictures in, landmarks of each person out; stateful from frame to frame."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from protocol.limits import MAX_PEOPLE
from streamer.errors import EngineError, UsageError
from streamer.settings import MODELS
from streamer.source.base import Image

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
    raw: as the network found it, where an engine that smooths knows that, too.
    """

    image: Landmarks
    world: Landmarks
    score: float
    raw: "Detection | None" = None

    @property
    def is_finite(self) -> bool:
        """Whether every number is: an engine leaves out a person with one that isn't."""
        return bool(np.isfinite(self.image).all() and np.isfinite(self.world).all() and np.isfinite(self.score))


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


def check_wish(model: str, people: int) -> None:
    """Raise UsageError for a model that isn't one of MODELS, or people beyond 1 to MAX_PEOPLE."""
    if model not in MODELS:
        raise UsageError(f"no model {model!r}; one of {', '.join(MODELS)}")
    if not 1 <= people <= MAX_PEOPLE:
        raise UsageError(f"can't track {people} people; from 1 to {MAX_PEOPLE}")


def check_picture(image: Image) -> None:
    """Raise EngineError for what isn't an RGB picture, (height, width, 3) uint8."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise EngineError(f"a picture has to be (height, width, 3) uint8, not {image.shape} {image.dtype}")
