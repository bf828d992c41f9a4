"""What the sources that OpenCV reads have in common."""

import cv2


class OpenCvSource:
    """Holds one cv2.VideoCapture, None while the source isn't open."""

    t_us: int | None = None

    def __init__(self) -> None:
        self._capture: cv2.VideoCapture | None = None

    def skip(self) -> bool:
        """Pass over one picture without converting it. False at the end, and where nothing is open."""
        return self._capture is not None and self._capture.grab()

    def close(self) -> None:
        """Release the device, file or connection; harmless when not open."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
