"""Streams by URL: RTSP, MJPEG over HTTP, MPEG-TS over UDP, whatever OpenCV's FFmpeg opens."""

import time
from urllib.parse import urlsplit

import cv2

from streamer.errors import SourceError, SourceLost
from streamer.source.base import Image, SourceInfo, to_rgb
from streamer.source.opencv import OpenCvSource
from streamer.source.rhythm import Rhythm

OPEN_TIMEOUT_MS = 2000
REOPEN_TIMEOUT_MS = 1000
"""For a stream that was opened before, or three times what that took, at most OPEN_TIMEOUT_MS: a server that came back
doesn't answer on the connections of before."""
PATIENT_AFTER = 8
"""Attempts in a row that failed; the next ones get OPEN_TIMEOUT_MS, for a server that has become slower."""
READ_TIMEOUT_MS = 1000
"""A stream that brings nothing for this long is opened anew, a slow one after as long as its rhythm allows; left alone,
a read would block for 30 s. What comes before that still comes on the old connection."""


class NetworkStream(OpenCvSource):
    """A live stream. Its label leaves out user, password and query, which may hold secrets."""

    live = True

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._rhythm = Rhythm()
        self._read_ms = READ_TIMEOUT_MS
        self._reopen_ms = OPEN_TIMEOUT_MS
        self._failed = 0
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        self.label = f"stream {parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"

    def open(self) -> SourceInfo:
        """Connect. Raises SourceError where nothing answers in OPEN_TIMEOUT_MS or what comes is no video."""
        self.close()
        self._read_ms = max(READ_TIMEOUT_MS, round(1000 * self._rhythm.limit_s))
        open_ms = self._reopen_ms if self._failed < PATIENT_AFTER else OPEN_TIMEOUT_MS
        # The limits hold only where they are given at construction.
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, open_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, self._read_ms]
        start = time.monotonic()
        # A decoder with several threads holds back as many pictures.
        capture = cv2.VideoCapture(self._url, cv2.CAP_FFMPEG, [*limits, cv2.CAP_PROP_N_THREADS, 1])
        if not capture.isOpened():
            capture.release()
            self._failed += 1
            raise SourceError(f"{self.label}: no video stream answers there within {open_ms / 1000:g} s")
        self._failed = 0
        took_ms = round(1000 * (time.monotonic() - start))
        self._reopen_ms = min(max(REOPEN_TIMEOUT_MS, 3 * took_ms), OPEN_TIMEOUT_MS)
        self._capture = capture
        fps = capture.get(cv2.CAP_PROP_FPS)
        return SourceInfo(
            int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            fps if 0.1 <= fps <= 1000 else 0.0,
        )

    def read(self) -> Image | None:
        """The next picture. Raises SourceLost at the stream's end, on a fault and when it stalls."""
        if self._capture is None:
            raise SourceLost("the stream is closed")
        start = time.monotonic()
        ok, picture = self._capture.read()
        # After a time-out some decoders hand out pictures they had kept, as if nothing had happened.
        timed_out = time.monotonic() - start >= 0.95 * self._read_ms / 1000
        if timed_out or not ok or picture is None:
            self._rhythm.pause()
            why = f"no picture for {self._read_ms / 1000:g} s" if timed_out else "the stream ended"
            raise SourceLost(why, frozen=timed_out)
        self._rhythm.beat()
        return to_rgb(picture)
