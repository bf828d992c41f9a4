"""The capture thread: reads one source into a latest-wins slot, at its own pace, and gets it back when it is lost."""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import cv2
import numpy as np

from streamer.clock import now_us
from streamer.errors import SourceAbsent, SourceError, SourceLost
from streamer.slot import Slot
from streamer.source.base import Frame, Image, Source, SourceInfo, check_size
from streamer.source.rhythm import Rhythm, stalled
from streamer.vitals.health import Camera as Condition

FIRST_BACKOFF_S: Final = 0.1
MAX_BACKOFF_S: Final = 0.5
"""Keypoints come again within two seconds of a source's return: at most this, and an attempt under way in vain."""
WATCH_S: Final = 0.05
"""How often silence is looked for."""
REFUSED_S: Final = 0.5
"""A source that can't be opened again, and says so sooner, is gone; one that is waited for may just be frozen."""

State = Literal["live", "lost", "ended"]
_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

log = logging.getLogger("posewire.source")


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """mirror: flip left and right, after rotating. rotate: degrees clockwise. loop: files start over at their end.
    pace: `realtime` plays a file as a camera would, late frames dropped; `max` takes every frame, as fast as the
    slot is emptied."""

    mirror: bool = False
    rotate: Literal[0, 90, 180, 270] = 0
    loop: bool = True
    pace: Literal["realtime", "max"] = "realtime"


class Capture:
    """One source, one thread.

    on_state: called with live, lost or ended and a reason, from the capture thread, its watchdog or within `start`.
    Nothing is said of the first live: `start` returning is that. A source that isn't there yet is first of all lost.

    Any thread may read what is counted. captured: pictures that went into the slot. skipped: those of a file passed
    over undecoded, because their time was past. picture_us: when the last one came, 0 before. condition: how it is.
    """

    def __init__(
        self, source: Source, slot: Slot[Frame], options: CaptureOptions, on_state: Callable[[State, str], None]
    ) -> None:
        self._source = source
        self._slot = slot
        self._options = options
        self._on_state = on_state
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self._info = SourceInfo(0, 0, 0.0)
        self.captured = 0
        self.skipped = 0
        self.picture_us = 0
        self.condition: Condition = "live"
        self._mirrored = options.mirror
        self._t_us = 0
        self._media_us = 0
        self._last_frame_s = 0.0
        self._rhythm = Rhythm()
        self._state: State = "live"
        self._detail = ""
        self._state_lock = threading.Lock()

    def start(self) -> SourceInfo:
        """Open the source, read its first picture, start the thread. The size returned is after rotation.

        A source that is absent, and comes by itself, is waited for in the thread.

        Raises SourceError where that fails; nothing is left open or running then.
        """
        # OpenCV's worker threads spin while they wait, which takes from the engine more than they give here.
        cv2.setNumThreads(1)
        try:
            self._info = self._source.open()
            picture = self._source.read()
            if picture is None:
                raise SourceError(f"{self._source.label}: not one picture in it")
            self._check(picture)
        except SourceAbsent as error:
            self._set_state("lost", str(error), "waiting")
            self._spawn(self._run, "capture")
            self._spawn(self._watch, "capture-watchdog")
            return self._info
        except SourceLost as error:
            self._source.close()
            raise SourceError(f"{self._source.label}: {error}") from None
        except BaseException:
            self._source.close()
            raise
        first = self._orient(picture)
        self._last_frame_s = time.monotonic()
        self._spawn(lambda: self._run(first), "capture")
        if self._source.live:
            self._spawn(self._watch, "capture-watchdog")
        return replace(self._info, width=first.shape[1], height=first.shape[0])

    def set_mirror(self, mirror: bool) -> None:
        """Flip left and right, or don't, from the next picture on."""
        self._options = replace(self._options, mirror=mirror)

    def stop(self, timeout_s: float) -> None:
        """End the threads; one that hangs in native code is left behind after `timeout_s`."""
        self._ending.set()
        self._slot.close()
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _spawn(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)  # now that `stop`, which may come meanwhile, can join it

    def _run(self, first: Image | None = None) -> None:
        try:
            if self._source.live:
                self._run_live(first)
            else:
                self._run_file(first)
        finally:
            self._source.close()

    # Live sources: drained as fast as they deliver, so that no old picture waits in a driver's or decoder's queue.

    def _run_live(self, first: Image | None) -> None:
        if first is not None:
            self._put_live(first)
        while not self._ending.is_set():
            try:
                picture = self._source.read()
                if picture is None:
                    raise SourceLost("the stream ended")
                self._check(picture)
                self._put_live(self._orient(picture))
            except SourceAbsent as error:
                self._set_state("lost", str(error), "frozen" if error.frozen else "waiting", renew=True)
            except (SourceLost, SourceError) as error:
                frozen = isinstance(error, SourceLost) and error.frozen
                self._recover(str(error), "frozen" if frozen else "gone")
            except Exception as error:
                log.exception("%s: unexpected error", self._source.label)
                self._recover(f"{type(error).__name__}: {error}")

    def _put_live(self, picture: Image) -> None:
        t_us = now_us() if self._source.t_us is None else self._source.t_us
        self._t_us = max(self._t_us + 1, t_us)
        self._media_us = max(self._media_us + 1, t_us)
        self._slot.put(self._frame(picture, self._t_us, self._media_us))
        self._last_frame_s = time.monotonic()
        self._rhythm.beat()
        self._set_state("live", "", "live")

    def _recover(self, reason: str, condition: Condition = "gone") -> None:
        """Reopen with growing pauses until it works or the end comes. The next picture makes the source live again."""
        self._set_state("lost", reason, condition)
        self.condition = condition  # also where the watchdog was first
        self._rhythm.pause()
        backoff_s = FIRST_BACKOFF_S
        while not self._ending.is_set():
            self._source.close()
            if self._ending.wait(backoff_s * random.uniform(0.75, 1.0)):
                return
            tried_s = time.monotonic()
            try:
                self._info = self._source.open()
                return
            except SourceError as error:
                if time.monotonic() - tried_s < REFUSED_S:
                    self.condition = "gone"
                log.debug("%s: %s", self._source.label, error)
            except Exception:
                log.exception("%s: unexpected error", self._source.label)
            backoff_s = min(2 * backoff_s, MAX_BACKOFF_S)

    def _watch(self) -> None:
        """Notice a source that falls silent, also where its read hangs in native code: the thread inside can't."""
        while not self._ending.wait(WATCH_S):
            limit_s = self._rhythm.limit_s
            if time.monotonic() - self._last_frame_s > limit_s:
                self._set_state("lost", stalled(limit_s), "frozen")

    # Files: paced by their own frame rate, or taken frame by frame.

    def _run_file(self, first: Image | None) -> None:
        try:
            picture = first
            start_s, start_us, index = time.monotonic(), now_us(), 0
            while not self._ending.is_set():
                if picture is None:
                    if not self._options.loop:
                        self._set_state("ended", "the file came to its end", "ended")
                        return
                    self._info = self._source.open()
                    picture = self._read_file()
                    if picture is None:
                        raise SourceError("not one picture in it any more")
                media_us = start_us + round(index / self._info.fps * 1e6)
                if self._options.pace == "max":
                    self._slot.put_wait(self._frame(picture, now_us(), media_us))
                else:
                    if self._ending.wait(max(0.0, start_s + index / self._info.fps - time.monotonic())):
                        return
                    t_us = now_us()
                    self._media_us = max(self._media_us + 1, t_us)
                    self._slot.put(self._frame(picture, t_us, self._media_us))
                index += 1
                index += self._skip_late(start_s, index)
                picture = self._read_file()
        except Exception as error:
            log.error("%s: %s", self._source.label, error)
            self._set_state("ended", str(error), "ended")

    def _read_file(self) -> Image | None:
        picture = self._source.read()
        return None if picture is None else self._orient(picture)

    def _skip_late(self, start_s: float, index: int) -> int:
        """Pass over the pictures whose time is past, as a camera would have lost them; how many were."""
        skipped = 0
        if self._options.pace == "realtime":
            late = int((time.monotonic() - start_s) * self._info.fps) - index
            while skipped < late and self._source.skip():
                skipped += 1
        self.skipped += skipped
        return skipped

    # Both.

    def _check(self, picture: Image) -> None:
        check_size(picture.shape[1], picture.shape[0], self._source.label)

    def _frame(self, picture: Image, t_us: int, media_us: int) -> Frame:
        self.captured += 1
        self.picture_us = now_us()
        return Frame(picture, t_us, media_us, self.captured, self._mirrored)

    def _orient(self, picture: Image) -> Image:
        if self._options.rotate:
            picture = np.asarray(cv2.rotate(picture, _ROTATIONS[self._options.rotate]), np.uint8)
        self._mirrored = self._options.mirror  # which may change before the picture is on its way
        if self._mirrored:
            picture = np.asarray(cv2.flip(picture, 1), np.uint8)
        return np.ascontiguousarray(picture)

    def _set_state(self, state: State, detail: str, condition: Condition, renew: bool = False) -> None:
        """Report a change; with `renew` also of the reason alone."""
        with self._state_lock:
            same = state == self._state and not (renew and detail != self._detail)
            if same or self._ending.is_set():
                return
            self._state, self._detail, self.condition = state, detail, condition
            # Inside the lock, so that the reports of two threads can't overtake each other.
            self._on_state(state, detail)
