"""One recording in progress: a file, a thread that writes it, and what waits for a slow disk."""

import errno
import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from protocol.codec import encode
from protocol.messages import Hello, Status, StreamInfo
from streamer.errors import RecordingError
from streamer.recording.format import MAX_PIECES
from streamer.recording.writer import RecordingWriter

State = Literal["recording", "finished", "failed"]

MAX_WAITING_BYTES: Final = 33_554_432
"""Messages that wait while the disk is slow: four minutes of one person at 30 frames a second. What comes while it is
full is left out."""
MAX_WAITING_PICTURES: Final = 4
"""Pictures likewise; they are large as long as nobody has packed them."""
JPEG_QUALITY: Final = 85

_NO_RAW: Final = (
    "as MediaPipe smooths one person by itself; for raw ones, which can be filtered again, "
    "use the openvino engine (pip install 'posewire[fast]') or --people 2"
)

log = logging.getLogger("posewire.recording")

Write = Callable[[RecordingWriter], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recording is. start_us, end_us: captures of the first and the last frame, 0 before there is one.

    messages: those that reached the system. left_out: messages that found no room, because the disk was too slow.
    error: why it failed, in words.
    """

    state: State
    bytes: int
    messages: int
    start_us: int
    end_us: int
    left_out: int
    error: str = ""


class Recorder:
    """Records into a new file from now until `stop`. What is handed over never waits; one thread may do so at a time,
    and another hand over pictures.
    """

    def __init__(self, path: Path, streams: Collection[str] | None = None, video: bool = False) -> None:
        """streams: those to keep, None for all. video: whether pictures are kept.

        Raises RecordingError where the file exists or can't be made.
        """
        self.path = path
        self.streams = frozenset(streams) if streams is not None else None
        self.video = video
        self._file = _create(path)
        self._waiting: list[tuple[int, Write]] = []
        self._waiting_bytes = 0
        self._waiting_pictures = 0
        self._ending = False
        self.described: frozenset[str] = frozenset()
        """The streams that `hello` described so far."""
        self._changed = threading.Condition()
        self._state: State = "recording"
        self._error = ""
        self._bytes = self._messages = self._start_us = self._end_us = self._left_out = 0
        # A daemon: a disk that hangs doesn't keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=f"recording-{path.stem}", daemon=True)
        self._thread.start()

    def progress(self) -> Progress:
        """At this moment."""
        with self._changed:
            return Progress(
                *(self._state, self._bytes, self._messages, self._start_us, self._end_us, self._left_out, self._error)
            )

    def wants(self, stream: str) -> bool:
        """Whether it keeps this stream's messages, and can."""
        return self._state == "recording" and not self._ending and (self.streams is None or stream in self.streams)

    def hello(self, hello: Hello) -> None:
        """Describe the streams; again where that changed."""
        kept = tuple(info for info in hello.streams if self.streams is None or info.id in self.streams)
        described = Hello(hello.server, hello.now_us, kept, hello.skeleton, hello.bones, hello.angles, hello.version)
        for info in kept:
            if info.id not in self.described and not _has_raw(info):
                log.warning("%s: of stream %s smoothed landmarks only, %s", self.path, info.id, _NO_RAW)
        self.described |= {info.id for info in kept}
        self._put(0, lambda writer: writer.hello(described))

    def clock(self, t_us: int, utc: datetime) -> None:
        """What the monotonic clock shows at a date and time."""
        self._put(0, lambda writer: writer.clock(t_us, utc))

    def frame(self, stream: str, seq: int, t_us: int, data: bytes) -> None:
        """Keep a frame message, if its stream is kept."""
        if self.wants(stream) and self._put(len(data), lambda writer: writer.frame(stream, seq, t_us, data)):
            # Several streams don't come in order.
            self._start_us = min(self._start_us or t_us, t_us)
            self._end_us = max(self._end_us, t_us)

    def status(self, status: Status) -> None:
        """Keep the news of a stream, if it is kept."""
        if self.wants(status.stream):
            data = encode(status)
            self._put(len(data), lambda writer: writer.status(status.stream, status.t_us, data))

    def picture(self, stream: str, t_us: int, image: NDArray[np.uint8]) -> None:
        """Keep what the camera saw, (height, width, 3) RGB, if its stream and pictures are kept; as JPEG."""
        if not self.video or not self.wants(stream):
            return
        with self._changed:
            if self._waiting_pictures >= MAX_WAITING_PICTURES:
                self._leave_out()
                return
            self._waiting_pictures += 1

        def write(writer: RecordingWriter) -> None:
            try:
                writer.picture(stream, t_us, _jpeg(image))
            finally:
                with self._changed:
                    self._waiting_pictures -= 1

        self._put(0, write)

    def stop(self, timeout_s: float) -> bool:
        """Write what waits, and the index. False where that isn't done in time. To be called again it does no harm."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _put(self, size: int, write: Write) -> bool:
        with self._changed:
            if self._ending or self._state != "recording":
                return False
            if self._waiting_bytes + size > MAX_WAITING_BYTES:
                self._leave_out()
                return False
            self._waiting.append((size, write))
            self._waiting_bytes += size
            self._changed.notify()
            return True

    def _leave_out(self) -> None:
        self._left_out += 1
        if self._left_out == 1:
            log.warning("recording %s: the disk is too slow; messages are left out until there is room", self.path)

    def _run(self) -> None:
        error = ""
        try:
            writer = RecordingWriter(self._file)
            try:
                self._write_all(writer)
            finally:
                self._note(writer)
        except OSError as caught:
            error = _words(caught)
        except RecordingError as caught:
            error = str(caught)
        except Exception as caught:
            error = f"{type(caught).__name__}: {caught}"
            log.debug("recording %s", self.path, exc_info=caught)
        with suppress(OSError):  # what the buffer holds can't be written either
            self._file.close()
        with self._changed:
            self._state, self._error = ("failed", error) if error else ("finished", "")
            self._waiting.clear()
            self._waiting_bytes = 0
            left_out = self._left_out
        if error:
            log.error("recording %s has ended: %s; what it holds can be read, and mended by recover", self.path, error)
        if left_out:
            log.warning("recording %s: %d messages were left out", self.path, left_out)

    def _write_all(self, writer: RecordingWriter) -> None:
        ending = False
        while not ending:
            with self._changed:
                if not self._waiting and not self._ending:
                    due_s = writer.due_s
                    self._changed.wait(None if due_s is None else max(0.0, due_s - time.monotonic()))
                taken, self._waiting = self._waiting, []
                ending = self._ending
            for size, write in taken:
                if writer.full:
                    writer.finish()
                    raise RecordingError(f"it has {MAX_PIECES} chunks, as many as a recording can have")
                write(writer)
                self._close_if_due(writer)
                with self._changed:
                    self._waiting_bytes -= size
            self._close_if_due(writer)
            self._note(writer)
        writer.finish()

    def _close_if_due(self, writer: RecordingWriter) -> None:
        due_s = writer.due_s
        if due_s is not None and time.monotonic() >= due_s:
            writer.close_chunk()

    def _note(self, writer: RecordingWriter) -> None:
        written = self._file.tell()
        with self._changed:
            self._bytes, self._messages = written, writer.messages


def _create(path: Path) -> IO[bytes]:
    try:
        return path.open("xb")
    except FileExistsError:
        raise RecordingError(f"{path} exists; a recording never writes over a file") from None
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise RecordingError(f"{path}: there is no folder {path.parent}") from None
        raise RecordingError(f"{path} can't be made: {_words(error)}") from None


def _words(error: OSError) -> str:
    return error.strerror or str(error)


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    written, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), quality)
    if not written:
        raise ValueError(f"a picture of {image.shape[1]}x{image.shape[0]} can't be encoded")
    return data.tobytes()


def _has_raw(info: StreamInfo) -> bool:
    """Whether what the stream calls raw is what the network found."""
    return info.engine != "mediapipe" or info.people > 1
