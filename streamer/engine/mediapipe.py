"""MediaPipe Pose on the CPU, with the embedded networks handed over in memory: no file to find, nothing to download.

The landmarker is made with MediaPipe's Python API, but each frame goes straight to the C function beneath it, and the
landmarks come straight from its memory into arrays. MediaPipe's own way hands every call to a second thread and builds
66 objects a person; without both a frame takes 0.3 ms less (full model, two cores). The structures are those of
MediaPipe's own ctypes modules, and the version is pinned.
"""

import ctypes
import io
import threading
import zipfile
from typing import Any, Final

import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from mediapipe.tasks.python.components.containers.landmark_c import LandmarkC
from mediapipe.tasks.python.core.mediapipe_c_bindings import load_raw_library
from mediapipe.tasks.python.vision.pose_landmarker import PoseLandmarkerResultC
from numpy.typing import NDArray

from streamer.engine.base import Detection, Mode, check_picture, check_wish
from streamer.engine.embedded import DETECTOR, landmark_network, read_network
from streamer.errors import EngineError
from streamer.source.base import Image

# What MediaPipe's Python layer raises for the status codes of its C functions.
_NATIVE_ERRORS: Final = (RuntimeError, ValueError, OSError, IndexError)
# Where a landmark's numbers lie in memory, counted in float32; the C structures for picture and world are alike.
_WIDTH: Final = ctypes.sizeof(LandmarkC) // 4
_COLUMNS: Final = [getattr(LandmarkC, name).offset // 4 for name in ("x", "y", "z", "visibility")]
_PRESENCE: Final = LandmarkC.presence.offset // 4
# MediaPipe's axes (x right, y down, z away from the camera) turned half around x give the wire's.
_TO_WIRE: Final = np.array([1, -1, -1, 1], np.float32)


class MediaPipeEngine:
    """One stream's landmarker. MediaPipe finds a person once and then follows; it looks again when one is lost.

    model: lite, full or heavy. people: the most to find, 1 to MAX_PEOPLE. mode: `video` follows people from frame to
    frame, `image` looks at each picture afresh. Raises UsageError for a value out of range, EngineError where a network
    is missing or damaged.

    With one person MediaPipe's VIDEO graph smooths the landmarks itself (a One Euro filter) and can't be told not to;
    with several it doesn't. `smoothed` says so.
    """

    name = "mediapipe"

    def __init__(
        self,
        model: str = "full",
        people: int = 1,
        mode: Mode = "video",
        min_confidence: float = 0.5,
    ) -> None:
        check_wish(model, people)
        self.model = model
        self.smoothed = mode == "video" and people == 1
        self._is_video = mode == "video"
        self._last_ms = -1
        # Closing waits for the frame in work: native code that loses its memory under way takes the process along.
        self._lock = threading.Lock()
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=bundle(model)),
            running_mode=vision.RunningMode.VIDEO if self._is_video else vision.RunningMode.IMAGE,
            num_poses=people,
            min_pose_detection_confidence=min_confidence,
            min_pose_presence_confidence=min_confidence,
        )
        try:
            self._landmarker: Any = vision.PoseLandmarker.create_from_options(options)
        except _NATIVE_ERRORS as error:
            raise EngineError(f"MediaPipe refuses the {model} model: {_first_line(str(error))}") from error
        self._library = load_raw_library()

    def estimate(self, image: Image, media_us: int) -> list[Detection]:
        """People in an RGB picture, (height, width, 3) uint8, whose size may change from one to the next.

        `media_us` has to increase; MediaPipe counts in milliseconds, so smaller steps are rounded up to one. A person
        with a number that isn't finite, which no filter or client could use, is left out. MediaPipe gives no score for
        a whole pose: `score` is the mean over its landmarks of presence, how likely each is to be in the picture.
        Raises EngineError.
        """
        check_picture(image)
        with self._lock:
            if self._landmarker is None:
                raise EngineError("the engine is closed")
            try:
                picture = mp.Image(mp.ImageFormat.SRGB, np.ascontiguousarray(image))
            except _NATIVE_ERRORS as error:
                raise EngineError(f"MediaPipe refuses a frame: {_first_line(str(error))}") from error
            return self._detect(picture, media_us)

    def _detect(self, picture: Any, media_us: int) -> list[Detection]:
        result, message = PoseLandmarkerResultC(), ctypes.c_char_p()
        outputs = ctypes.byref(result), ctypes.byref(message)
        handle, pixels = self._landmarker._handle, picture._image_ptr
        if self._is_video:
            self._last_ms = max(self._last_ms + 1, media_us // 1000)
            status = self._library.MpPoseLandmarkerDetectForVideo(handle, pixels, None, self._last_ms, *outputs)
        else:
            status = self._library.MpPoseLandmarkerDetectImage(handle, pixels, None, *outputs)
        if status != 0:
            reason = (message.value or b"").decode("utf-8", "replace")
            self._library.MpErrorFree(message)
            raise EngineError(f"MediaPipe failed on a frame: {_first_line(reason) or f'status {status}'}")
        try:
            people = [
                _detection(_floats(result.pose_landmarks[row]), _floats(result.pose_world_landmarks[row]))
                for row in range(min(result.pose_landmarks_count, result.pose_world_landmarks_count))
            ]
        finally:
            self._library.MpPoseLandmarkerCloseResult(ctypes.byref(result))
        return [person for person in people if person is not None]

    def close(self) -> None:
        """Release the networks."""
        with self._lock:
            landmarker, self._landmarker = self._landmarker, None
            if landmarker is not None:
                try:
                    landmarker.close()
                except _NATIVE_ERRORS as error:
                    raise EngineError(f"MediaPipe failed to close: {_first_line(str(error))}") from error


def _floats(points: Any) -> NDArray[np.float32]:
    """A copy of a C list of landmarks as (landmarks, _WIDTH) float32; only _COLUMNS and _PRESENCE mean anything."""
    data = ctypes.string_at(points.landmarks, points.landmarks_count * ctypes.sizeof(LandmarkC))
    return np.frombuffer(data, np.float32).reshape(-1, _WIDTH)


def _detection(points: NDArray[np.float32], world: NDArray[np.float32]) -> Detection | None:
    """One person as arrays on the wire's axes; None when a number isn't finite."""
    image, metres, score = points[:, _COLUMNS], world[:, _COLUMNS] * _TO_WIRE, float(points[:, _PRESENCE].mean())
    found = Detection(image, metres, score)
    return found if found.is_finite else None


def bundle(model: str) -> bytes:
    """A MediaPipe task bundle made in memory: a stored zip of the detector and one landmark network.

    Raises EngineError for a file that is missing or isn't the one this version was released with.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(DETECTOR, read_network(DETECTOR))
        archive.writestr("pose_landmarks_detector.tflite", read_network(landmark_network(model)))
    return buffer.getvalue()


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:200]
