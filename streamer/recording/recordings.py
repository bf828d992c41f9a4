"""All recordings of a server: those in progress, and those in its folder."""

import os
import re
import stat
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.messages import Hello, Status
from streamer.clock import now_us
from streamer.errors import RecordingError
from streamer.recording.format import SUFFIX
from streamer.recording.reader import Recording
from streamer.recording.recorder import Progress, Recorder

MAX_IN_PROGRESS: Final = 8
MAX_LISTED: Final = 1000
"""Files of the folder that are told of, the newest."""
MAX_PER_SECOND: Final = 9
"""Recordings without a name that begin in the same second."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
NAME_RULE: Final = "letters, digits, - and _, 64 at most, a letter or digit first"


class NotFound(RecordingError):
    """There is no recording of that name, it isn't in progress, or the server has no folder for any."""


class Taken(RecordingError):
    """There is a recording of that name."""


class Unavailable(RecordingError):
    """As many recordings are in progress as can be."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One recording, as told to clients.

    name: of its file without the suffix. state: recording, finished, failed, cut (by the end of the process that made
    it) or unreadable. duration_s: from the first message to the last. messages: None where nobody counted them.
    started: date and time of the first message, UTC, ISO 8601; None where that isn't known.
    """

    name: str
    state: str
    bytes: int
    duration_s: float
    streams: tuple[str, ...]
    messages: int | None = None
    left_out: int = 0
    video: bool = False
    error: str = ""
    started: str | None = None


class Recordings:
    """Recordings of one server. Lives on the event loop, but for what says otherwise.

    folder: where those asked for later go; None where none may be. describe: the server's `hello` at this moment.
    video: whether they keep pictures.
    """

    def __init__(self, folder: Path | None, describe: Callable[[], Hello], video: bool) -> None:
        """Raises RecordingError where the folder can't be written to."""
        if folder is not None and not folder.is_dir():
            raise RecordingError(f"there is no folder {folder}")
        if folder is not None and not os.access(folder, os.W_OK | os.X_OK):
            raise RecordingError(f"folder {folder} can't be written to")
        self._folder = folder
        self._describe = describe
        self._video = video
        self._recorders: dict[str, Recorder] = {}
        self._known: dict[Path, tuple[tuple[int, int], Entry]] = {}

    @property
    def possible(self) -> bool:
        """Whether `begin` has a folder."""
        return self._folder is not None

    def want(self, stream: str) -> bool:
        """Whether a stream is being recorded. Any thread may ask."""
        return any(recorder.wants(stream) for recorder in self._recorders.values())

    def frame(self, stream: str, seq: int, t_us: int, data: bytes) -> None:
        """Keep a frame message."""
        for recorder in self._wanting(stream):
            recorder.frame(stream, seq, t_us, data)

    def status(self, status: Status) -> None:
        """Keep the news of a stream, with its description where that changed."""
        for recorder in self._wanting(status.stream):
            if status.info is not None:
                recorder.hello(self._describe())
            recorder.status(status)

    def picture(self, stream: str, t_us: int, image: NDArray[np.uint8]) -> None:
        """Keep what a camera saw, where that is wanted. From the thread of the stream's worker."""
        for recorder in self._recorders.values():
            recorder.picture(stream, t_us, image)

    def add(self, path: Path, streams: Collection[str] | None = None) -> Entry:
        """Begin to record into a file. Blocks for as long as its folder does. Raises RecordingError."""
        name = path.stem
        if name in self._recorders and self._recorders[name].progress().state == "recording":
            raise Taken(f"recording {name} is in progress")
        if len(self._in_progress()) >= MAX_IN_PROGRESS:
            raise Unavailable(f"{MAX_IN_PROGRESS} recordings are in progress; no more can be")
        if path.exists():
            raise Taken(f"{path} exists; a recording never writes over a file")
        recorder = Recorder(path, streams, self._video)
        recorder.clock(now_us(), datetime.now(timezone.utc))
        # Anew, as other threads go through it; what is over and lies in the folder is found there.
        kept = {
            other: before
            for other, before in self._recorders.items()
            if before.progress().state != "finished" or before.path.parent != self._folder
        }
        self._recorders = {**kept, name: recorder}
        return self._entry(recorder)

    def begin(self, name: str | None, streams: Collection[str] | None) -> Entry:
        """Begin to record into the folder, by default under the date and time. Raises RecordingError."""
        if self._folder is None:
            raise NotFound("this server keeps no recordings; start it with --recordings DIR")
        if name is not None and not NAME.fullmatch(name):
            raise RecordingError(f"name is {name[:80]!r}; {NAME_RULE}")
        date = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
        # Several may begin within a second.
        dated = [date, *(f"{date}-{number}" for number in range(2, MAX_PER_SECOND + 1))]
        for wanted in [name] if name is not None else dated:
            with suppress(Taken):
                return self.add(self._folder / f"{wanted}{SUFFIX}", streams)
        raise Taken(f"there is a recording {name or date}")

    def end(self, name: str, timeout_s: float) -> Entry:
        """End one, and wait for its file. Blocks. Raises NotFound."""
        recorder = self._recorders.get(name)
        if recorder is None or recorder.progress().state != "recording":
            in_progress = ", ".join(other.path.stem for other in self._in_progress()) or "none"
            raise NotFound(f"no recording {name[:80]!r} is in progress; in progress: {in_progress}")
        recorder.stop(timeout_s)
        return self._entry(recorder)

    def find(self, name: str) -> Path:
        """The file of one that isn't in progress. Blocks. Raises NotFound, or Taken for one that is."""
        recorder = self._recorders.get(name)
        if recorder is not None and recorder.progress().state == "recording":
            raise Taken(f"recording {name} is in progress; end it first")
        # No path is made of a name that somebody sent: it has to be that of a file which is there.
        paths = [recorder.path] if recorder is not None else self._files()
        for path in paths:
            if path.stem == name and path.is_file():
                return path
        raise NotFound(f"there is no recording {name[:80]!r}")

    def close(self, timeout_s: float) -> bool:
        """End all. Blocks. False where the disk takes longer."""
        until_s = time.monotonic() + timeout_s
        in_progress = self._in_progress()
        for recorder in in_progress:
            recorder.stop(0.0)
        return all([recorder.stop(max(0.0, until_s - time.monotonic())) for recorder in in_progress])  # noqa: C419

    def abandon(self, timeout_s: float) -> bool:
        """As `close`, and remove their files: the server that was to be recorded never came to work."""
        in_time = self.close(timeout_s)
        for recorder in self._recorders.values():
            recorder.path.unlink(missing_ok=True)
        return in_time

    def progress(self) -> list[Progress]:
        """How far those in progress are, and those that failed."""
        return [recorder.progress() for recorder in self._recorders.values()]

    def entries(self) -> list[Entry]:
        """Those of this server since it started, and those in its folder, by name. Blocks."""
        entries = {recorder.path: self._entry(recorder) for recorder in self._recorders.values()}
        files = self._files()
        self._known = {path: self._known[path] for path in files if path in self._known}
        for path in files:
            if path not in entries and (entry := self._look(path)) is not None:
                entries[path] = entry
        return sorted(entries.values(), key=lambda entry: entry.name)

    def _wanting(self, stream: str) -> list[Recorder]:
        """The recorders of a stream, which know its description."""
        wanting = [recorder for recorder in self._recorders.values() if recorder.wants(stream)]
        for recorder in wanting:
            if stream not in recorder.described:
                recorder.hello(self._describe())
        return wanting

    def _in_progress(self) -> list[Recorder]:
        return [recorder for recorder in self._recorders.values() if recorder.progress().state == "recording"]

    def _entry(self, recorder: Recorder) -> Entry:
        progress = recorder.progress()
        streams = tuple(info.id for info in self._describe().streams)
        return Entry(
            recorder.path.stem,
            progress.state,
            progress.bytes,
            (progress.end_us - progress.start_us) / 1e6,
            tuple(stream for stream in streams if recorder.streams is None or stream in recorder.streams),
            progress.messages,
            progress.left_out,
            recorder.video,
            progress.error,
            _date(now_us(), datetime.now(timezone.utc), progress.start_us) if progress.start_us else None,
        )

    def _files(self) -> list[Path]:
        if self._folder is None:
            return []
        found: list[tuple[float, Path]] = []
        with suppress(OSError):  # the folder went
            for path in self._folder.glob(f"*{SUFFIX}"):
                with suppress(OSError):  # it went a moment ago, or is a link to nothing
                    status = path.stat()
                    if stat.S_ISREG(status.st_mode):  # to open a pipe would wait for ever
                        found.append((status.st_mtime, path))
        return [path for _, path in sorted(found, reverse=True)[:MAX_LISTED]]

    def _look(self, path: Path) -> Entry | None:
        """What a file is, read only where it changed. None where it has gone."""
        try:
            found = path.stat()
        except OSError:
            return None
        stamp = (found.st_mtime_ns, found.st_size)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = self._known[path] = (stamp, _read(path, found.st_size))
        return known[1]


def _read(path: Path, size: int) -> Entry:
    try:
        with Recording.open(path) as recording:
            duration_s = (recording.end_us - recording.start_us) / 1e6
            state = "finished" if recording.whole else "cut"
            clock = recording.clock
            started = _date(clock.t_us, clock.utc, recording.start_us) if clock and recording.start_us else None
            return Entry(path.stem, state, size, duration_s, tuple(recording.streams), started=started)
    except RecordingError as error:
        told = str(error).replace(str(path), path.name)  # where the folder is concerns nobody who asks over HTTP
        return Entry(path.stem, "unreadable", size, 0.0, (), error=told)


def _date(t_us: int, utc: datetime, start_us: int) -> str | None:
    """When the monotonic clock showed `start_us`, if it showed `t_us` at `utc`. None where that is no date."""
    try:
        started = (utc + timedelta(microseconds=start_us - t_us)).astimezone(timezone.utc)
    except (OverflowError, ValueError):
        return None
    return started.isoformat(timespec="milliseconds")
