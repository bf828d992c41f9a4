"""Cameras of this machine, by index or device path."""

import os
import sys
import time
from glob import glob

import cv2

from streamer.errors import SourceError, SourceLost
from streamer.source.base import Image, SourceInfo, to_rgb
from streamer.source.opencv import OpenCvSource

# V4L2 waits this long for a picture; the default of 10 s would hide that a camera is gone. Read when a camera opens.
SELECT_TIMEOUT_S = 1
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(SELECT_TIMEOUT_S))


class Camera(OpenCvSource):
    """A camera; `width`, `height` (pixels) and `fps` are asked for, and the driver gives the nearest it can."""

    live = True

    def __init__(self, device: int | str, width: int | None, height: int | None, fps: float | None) -> None:
        super().__init__()
        self._device = device
        self._wishes = {
            cv2.CAP_PROP_FRAME_WIDTH: width,
            cv2.CAP_PROP_FRAME_HEIGHT: height,
            cv2.CAP_PROP_FPS: fps,
        }
        self.label = f"camera {device}"

    def open(self) -> SourceInfo:
        """Open the device. Raises SourceError that names the cameras there are."""
        self.close()
        capture = cv2.VideoCapture(self._device)
        if not capture.isOpened():
            capture.release()
            raise SourceError(f"{self.label} can't be opened; cameras: {list_cameras()}")
        if any(self._wishes.values()):
            # Many webcams reach their larger sizes and higher rates only as MJPEG.
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        for key, value in self._wishes.items():
            if value is not None:
                capture.set(key, value)
        self._capture = capture
        return SourceInfo(
            int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            max(capture.get(cv2.CAP_PROP_FPS), 0.0),
        )

    def read(self) -> Image | None:
        """The next picture. Raises SourceLost when the camera gives none."""
        if self._capture is None:
            raise SourceLost("the camera is closed")
        start = time.monotonic()
        ok, picture = self._capture.read()
        if not ok or picture is None:
            # A device that has gone says so at once; one that is still there was waited for.
            waited = time.monotonic() - start > 0.9 * SELECT_TIMEOUT_S
            raise SourceLost("the camera gives no picture", frozen=waited)
        return to_rgb(picture)


def list_cameras() -> str:
    """The cameras of this machine, for people; elsewhere than on Linux the first few indices are tried."""
    if sys.platform == "linux":
        found = sorted(glob("/dev/video*"))
    else:
        found = [str(index) for index in range(4) if _opens(index)]
    return ", ".join(found) or "none found"


def _opens(index: int) -> bool:
    capture = cv2.VideoCapture(index)
    try:
        return capture.isOpened()
    finally:
        capture.release()
