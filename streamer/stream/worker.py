"""One stream's estimation: takes the latest frame, finds, smooths and solves people, hands it to the event loop.

It works in a thread of its own, which is replaced, engine and all, when native code in it hangs. The result goes
through a slot: were the event loop late, it would get the newest estimate, not a queue of old ones.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from protocol.messages import Field
from streamer.clock import now_us
from streamer.engine.base import Engine
from streamer.hub.outgoing import Estimate
from streamer.settings import Settings
from streamer.slot import Slot
from streamer.source.base import Frame
from streamer.stream.follower import Follower
from streamer.vitals.stages import Stamps

RETRY_S = 1.0
"""Pause before another engine is tried after one failed."""
HANG_S: Final = 10.0
"""An inference that takes longer hangs. The heaviest work there is, 8 people with the heavy model, takes half a second
on two cores of a PC and a few on the slowest that is of any use."""
FIRST_HANG_S: Final = 60.0
"""The same for an engine that is made, and for its first inference: networks are read and compiled then."""
MAX_HUNG: Final = 3
"""Threads of one stream that hang at a time. A thread can't be ended from outside; each holds an engine."""
SLOW_RETRY_S: Final = 60.0
"""Between two attempts where MAX_HUNG were hanging and one came back."""

T = TypeVar("T")

log = logging.getLogger("posewire.worker")


class EngineMaker(Protocol):
    """Makes a stream's engines."""

    def make(self, settings: Settings) -> Engine:
        """An engine for settings. Raises EngineError."""

    def renew(self) -> None:
        """From now on make engines that share nothing with those made before, one of which hangs."""


class _Abandoned(Exception):
    """The watchdog has given up the thread that this is raised in."""


class _Attempt:
    """One thread and its engine. Native code, which may hang, is called within `Worker._native` only."""

    def __init__(self, engine: Engine | None) -> None:
        self.engine = engine
        self.thread: threading.Thread | None = None
        self.fresh = True  # the engine has estimated nothing yet
        self.busy_since_us = 0
        self.limit_s = 0.0
        self.overdue = False
        self.abandoned = False


class Worker:
    """Turns the frames of one slot into estimates in another, from `start` until the frames' slot is closed.

    settings: what it starts with, and engine is for; `change` gives others.
    fov_deg: the camera's field of view along the picture's longer side, for the solver.
    wanted: the fields that somebody wants, asked at each frame from this thread: bodies and angles are made on demand.
    lossless: wait until each estimate was taken instead of replacing it, for work that may not lose a frame.
    on_estimate: called after each one, from this thread; on_picture then, with the frame that it was made from.
    on_fault: called with a reason when estimation fails or hangs, and with None when it works again, from any thread.
    """

    def __init__(
        self,
        stream: str,
        frames: Slot[Frame],
        engine: Engine,
        engines: EngineMaker,
        settings: Settings,
        fov_deg: float,
        lossless: bool,
        wanted: Callable[[], frozenset[Field]],
        on_estimate: Callable[[], None],
        on_picture: Callable[[Frame], None],
        on_fault: Callable[[str | None], None],
    ) -> None:
        self.estimates: Slot[Estimate] = Slot()
        self._stream = stream
        self._frames = frames
        self._engines = engines
        self._settings = settings
        self._changes: Slot[tuple[Settings, Engine | None]] = Slot()
        self._follower = Follower(settings, engine.smoothed, fov_deg)
        self._wanted = wanted
        self._lossless = lossless
        self._on_estimate = on_estimate
        self._on_picture = on_picture
        self._on_fault = on_fault
        self._faulty = False
        self.seq = 0
        self.failures = 0
        self.hangs = 0
        self._lock = threading.Lock()
        self._attempt = _Attempt(engine)
        self._hung: set[_Attempt] = set()
        self._retry_s = 0.0

    def change(self, settings: Settings, engine: Engine | None) -> None:
        """Use other settings from the next frame on, with the engine made for them where model or people differ.

        The engine before is closed then. One thread at a time may call this.
        """
        untried = self._changes.take()
        if untried is not None and untried[1] is not None:
            if engine is None:
                engine = untried[1]  # made for the same model and people: those of the settings before these
            else:
                self._close(untried[1])
        if not self._changes.put((settings, engine)) and engine is not None:
            self._close(engine)  # the worker has ended

    def start(self) -> None:
        """Begin to work, in a thread."""
        self._begin(self._attempt)

    @property
    def busy_since_us(self) -> int:
        """When the native code that runs now was called, 0 where none does. Any thread may ask."""
        return self._attempt.busy_since_us

    @property
    def hung(self) -> int:
        """Threads given up that haven't come back."""
        return len(self._hung)

    @property
    def over(self) -> bool:
        """Whether no thread is at work, nor hangs."""
        thread = self._attempt.thread
        return thread is not None and not thread.is_alive()

    def check(self) -> None:
        """Once a second, from the event loop: give up a thread that hangs, and go on in another with a new engine."""
        if self._attempt.thread is None:  # there was none to be had the second before
            self._begin(self._attempt)
            return
        with self._lock:
            attempt = self._attempt
            if attempt.abandoned:
                if len(self._hung) >= MAX_HUNG or time.monotonic() < self._retry_s:
                    return
                reason = None
            else:
                overdue = 0 < attempt.busy_since_us < now_us() - attempt.limit_s * 1e6
                # Twice in a row, or a process that was stopped for a while would find its own threads to hang.
                given_up, attempt.overdue = overdue and attempt.overdue, overdue
                if not given_up:
                    return
                attempt.abandoned = True
                self._hung.add(attempt)
                self.hangs += 1
                self._faulty = True
                self._retry_s = time.monotonic() + SLOW_RETRY_S
                reason = f"engine: no answer for {attempt.limit_s:g} s"
            goes_on = len(self._hung) < MAX_HUNG
            if goes_on:
                self._attempt = _Attempt(None)
        if reason is not None and not goes_on:
            reason += f", {MAX_HUNG} times over; restart the server"
        if reason is not None:
            then = "it is tried again with a new engine" if goes_on else f"at most {MAX_HUNG} threads are left hanging"
            log.error("stream %s: %s (%s)", self._stream, reason, then)
            self._on_fault(reason)
        if goes_on:
            self._engines.renew()
            self._begin(self._attempt)

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads, once the frames' slot is closed. False where one hangs."""
        until_s = time.monotonic() + timeout_s
        with self._lock:
            threads = [attempt.thread for attempt in (self._attempt, *self._hung) if attempt.thread is not None]
        for thread in threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _begin(self, attempt: _Attempt) -> None:
        # A daemon: the interpreter's end waits for none that hangs.
        thread = threading.Thread(target=self._run, args=(attempt,), name=f"engine-{self._stream}", daemon=True)
        thread.start()
        attempt.thread = thread

    def _run(self, attempt: _Attempt) -> None:
        try:
            while (frame := self._frames.take(None)) is not None and not self._frames.closed:
                self._work(attempt, frame)
            self._changes.close()
            untried = self._changes.take()
            if untried is not None and untried[1] is not None:
                self._close(untried[1])
        except _Abandoned:
            log.warning("stream %s: the engine that hung came back; it is closed", self._stream)
        if attempt.engine is not None:
            self._close(attempt.engine)
        with self._lock:
            self._hung.discard(attempt)

    def _work(self, attempt: _Attempt, frame: Frame) -> None:
        try:
            estimate = self._estimate(attempt, frame)
            if self._faulty:
                self._faulty = False
                self._on_fault(None)
            if self._lossless:
                self.estimates.put_wait(estimate)
                self._on_estimate()
            elif self.estimates.put(estimate):
                self._on_estimate()
            self._on_picture(frame)
        except _Abandoned:
            raise
        except Exception as error:
            log.error("stream %s: estimation failed: %s", self._stream, error, exc_info=error)
            self.failures += 1
            self._faulty = True
            self._on_fault(f"engine: {error}"[:200])
            self._replace_engine(attempt)

    def _native(self, attempt: _Attempt, work: Callable[[], T]) -> T:
        """Do what may hang. Raises _Abandoned where it took so long that another thread has gone on meanwhile."""
        attempt.limit_s = FIRST_HANG_S if attempt.fresh else HANG_S
        attempt.busy_since_us = now_us()
        try:
            return work()
        finally:
            with self._lock:
                attempt.busy_since_us = 0
                if attempt.abandoned:
                    raise _Abandoned

    def _take_change(self, attempt: _Attempt) -> None:
        change = self._changes.take()
        if change is None:
            return
        self._settings, engine = change
        if engine is not None:
            self._swap(attempt, engine)
        smoothed = attempt.engine is not None and attempt.engine.smoothed
        self._follower.change(self._settings, smoothed, engine is not None)

    def _estimate(self, attempt: _Attempt, frame: Frame) -> Estimate:
        taken_us = now_us()
        self._take_change(attempt)
        engine = attempt.engine
        if engine is None:
            engine = self._native(attempt, lambda: self._make(attempt))
            self._follower.change(self._settings, engine.smoothed, True)
        detections = self._native(attempt, lambda: engine.estimate(frame.image, frame.media_us))
        inferred_us = now_us()
        attempt.fresh = False
        height, width = frame.image.shape[:2]
        wanted = self._wanted()
        people = self._follower.follow(frame, detections, wanted)
        self.seq += 1
        stamps = Stamps(taken_us, inferred_us, now_us())
        return Estimate(self._stream, self.seq, frame.t_us, (width, height), people, wanted, stamps)

    def _replace_engine(self, attempt: _Attempt) -> None:
        """A network that failed once may be in any state: start a fresh one, after a pause."""
        self._swap(attempt, None)
        self._frames.wait_closed(RETRY_S)

    def _make(self, attempt: _Attempt) -> Engine:
        # Where this hangs and comes back after all, the engine is closed with its thread's other things.
        attempt.engine = self._engines.make(self._settings)
        return attempt.engine

    def _swap(self, attempt: _Attempt, engine: Engine | None) -> None:
        before, attempt.engine, attempt.fresh = attempt.engine, engine, True
        if before is not None:
            self._native(attempt, lambda: self._close(before))

    def _close(self, engine: Engine) -> None:
        try:
            engine.close()
        except Exception as error:
            log.warning("stream %s: an engine can't be closed: %s", self._stream, error, exc_info=error)
