"""Video files, the embedded demo clip among them."""

import math
from pathlib import Path
from typing import Final

import cv2

from streamer.errors import SourceError
from streamer.source.base import Image, SourceInfo, check_size, to_rgb
from streamer.source.opencv import OpenCvSource

DEMO_CLIP = Path(__file__).parent.parent / "clips" / "demo.mp4"
FALLBACK_FPS = 30.0
"""For files that tell no rate, or one that can't be."""

MAX_FRAMES: Final = 10**9
MAX_US: Final = 10**15
"""What a file says beyond these, thirty years, isn't so."""


class Video(OpenCvSource):
    """A file that OpenCV can decode. Raises SourceError where it can't, before anything is played."""

    live = False

    def __init__(self, path: Path, label: str | None = None) -> None:
        super().__init__()
        self.path = path
        self.label = label or f"video {path.name}"
        self.shown_us: int | None = None
        """When the picture last read is shown, as the file has it, microseconds; None where it tells nothing usable."""
        self.frames = 0
        """About how many pictures there are, as the file has it; 0 where that can't be told. Set by `open`."""

    def open(self) -> SourceInfo:
        """Open the file from its start."""
        self.close()
        if not self.path.is_file():
            raise SourceError(f"{self.label}: no file {self.path}")
        if self.path.stat().st_size == 0:
            raise SourceError(f"{self.label}: the file is empty")
        # One decoding thread keeps up with any camera's rate and leaves the other cores to the engine.
        capture = cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not capture.isOpened():
            capture.release()
            raise SourceError(f"{self.label}: not a video that can be decoded, or cut off at its start")
        self._capture = capture
        width, height = (int(capture.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        try:
            check_size(width, height, self.label)
        except SourceError:
            self.close()
            raise
        frames = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frames = int(frames) if 0 < frames < MAX_FRAMES else 0
        fps = capture.get(cv2.CAP_PROP_FPS)
        return SourceInfo(width, height, fps if math.isfinite(fps) and 0.1 <= fps <= 1000 else FALLBACK_FPS)

    def read(self) -> Image | None:
        """The next picture, None at the end; a cut-off file ends where it was cut."""
        if self._capture is None:
            return None
        ok, picture = self._capture.read()
        shown_us = self._capture.get(cv2.CAP_PROP_POS_MSEC) * 1000
        self.shown_us = round(shown_us) if 0 <= shown_us < MAX_US else None
        return to_rgb(picture) if ok and picture is not None else None


def demo() -> Video:
    """The embedded clip. Raises SourceError where the installation lacks it."""
    if not DEMO_CLIP.is_file():
        raise SourceError(f"the embedded demo clip {DEMO_CLIP} is missing; reinstall posewire")
    return Video(DEMO_CLIP, "the demo clip")
