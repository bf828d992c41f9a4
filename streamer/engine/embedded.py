"""The embedded networks, checked before native code gets them."""

import hashlib
from pathlib import Path
from typing import Final

from streamer.errors import EngineError

MODEL_FOLDER: Final = Path(__file__).parents[1] / "models"
DETECTOR: Final = "pose_detector.tflite"
SHA256: Final = {
    DETECTOR: "6f9f1d6b686cbf90c0a5d1160212db42c57536dd35da726015a6aed5a1162e90",
    "pose_landmarks_lite.tflite": "bf49870f0695c76588a2cee26c5b121cc785e2dfad2f6b12343e75c3492e105c",
    "pose_landmarks_full.tflite": "ce7f43f3ca8ae651b197a24b2903e6debab87b3cd00f21111ba2101460c404ae",
    "pose_landmarks_heavy.tflite": "0275d656f6da62befe56d356e3d19f810416265987966c847edbdfe85f76c836",
}


def landmark_network(model: str) -> str:
    """The file of a model's landmark network."""
    return f"pose_landmarks_{model}.tflite"


def read_network(name: str) -> bytes:
    """A network's file. Raises EngineError where it is missing or isn't the one this version was released with."""
    path = MODEL_FOLDER / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EngineError(f"the embedded model {path} can't be read ({error.strerror}); reinstall posewire") from None
    # Native code that parses a damaged network may end the process instead of refusing.
    if hashlib.sha256(data).hexdigest() != SHA256[name]:
        raise EngineError(f"the embedded model {path} is damaged ({len(data):,} bytes); reinstall posewire")
    return data
