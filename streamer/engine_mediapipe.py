"""MediaPipe Pose on the CPU, with the embedded networks handed over in memory: no file to find, nothing to download."""

import io
import zipfile
from pathlib import Path
from typing import Any, Final, Literal

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

from streamer.engine import Detection
from streamer.errors import EngineError, UsageError
from streamer.source.base import Image

MODELS: Final = ("lite", "full", "heavy")
MAX_PEOPLE: Final = 8
MODEL_FOLDER: Final = Path(__file__).parent / "models"
# MediaPipe's axes (x right, y down, z away from the camera) turned half around x give the wire's.
_TO_WIRE: Final = np.array([1, -1, -1, 1], np.float32)


class MediaPipeEngine:
    """One stream's landmarker. MediaPipe finds a person once and then follows; it looks again when one is lost.

    model: lite, full or heavy. people: 1 to 8. mode: `video` follows people from frame to frame, `image` looks at each
    picture afresh. Raises EngineError where a network is missing or damaged.

    With one person MediaPipe's VIDEO graph smooths the landmarks itself (a One Euro filter) and can't be told not to;
    with several it doesn't. `smoothed` says so.
    """

    name = "mediapipe"

    def __init__(self, model: str = "full", people: int = 1, mode: Literal["video", "image"] = "video") -> None:
        if model not in MODELS:
            raise UsageError(f"no model {model!r}; one of {', '.join(MODELS)}")
        if not 1 <= people <= MAX_PEOPLE:
            raise UsageError(f"can't track {people} people; from 1 to {MAX_PEOPLE}")
        self.model = model
        self.smoothed = mode == "video" and people == 1
        self._is_video = mode == "video"
        self._last_ms = -1
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=bundle(model)),
            running_mode=vision.RunningMode.VIDEO if self._is_video else vision.RunningMode.IMAGE,
            num_poses=people,
        )
        try:
            self._landmarker: Any = vision.PoseLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"MediaPipe refuses the {model} model: {_first_line(error)}") from error

    def estimate(self, image: Image, media_us: int) -> list[Detection]:
        """People in an RGB picture. `media_us` has to increase; steps under MediaPipe's millisecond are rounded up."""
        if self._landmarker is None:
            raise EngineError("the engine is closed")
        try:
            picture = mp.Image(mp.ImageFormat.SRGB, image)
            if self._is_video:
                self._last_ms = max(self._last_ms + 1, media_us // 1000)
                result = self._landmarker.detect_for_video(picture, self._last_ms)
            else:
                result = self._landmarker.detect(picture)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"MediaPipe failed on a frame: {_first_line(error)}") from error
        return [
            detection
            for points, world in zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
            if (detection := _detection(points, world)) is not None
        ]

    def close(self) -> None:
        """Release the networks."""
        landmarker, self._landmarker = self._landmarker, None
        if landmarker is not None:
            try:
                landmarker.close()
            except (RuntimeError, ValueError) as error:
                raise EngineError(f"MediaPipe failed to close: {_first_line(error)}") from error


def _detection(points: list[Any], world: list[Any]) -> Detection | None:
    """One person as arrays; None for one with a number that isn't finite, which no filter or client could use."""
    image = np.array([(p.x, p.y, p.z, p.visibility) for p in points], np.float32)
    metres = np.array([(p.x, p.y, p.z, p.visibility) for p in world], np.float32) * _TO_WIRE
    if not (np.isfinite(image).all() and np.isfinite(metres).all()):
        return None
    # MediaPipe gives no score for a whole pose; presence tells of each landmark whether it is in the picture.
    return Detection(image, metres, float(np.mean([p.presence for p in points])))


def bundle(model: str) -> bytes:
    """A MediaPipe task bundle made in memory: a stored zip of the detector and one landmark network."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("pose_detector.tflite", _network("pose_detector.tflite"))
        archive.writestr("pose_landmarks_detector.tflite", _network(f"pose_landmarks_{model}.tflite"))
    return buffer.getvalue()


def _network(name: str) -> bytes:
    path = MODEL_FOLDER / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineError(f"the embedded model {path} can't be read ({error.strerror}); reinstall posewire") from None


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200]
