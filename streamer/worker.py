"""One stream's estimation: takes the latest frame, finds, smooths and solves people, hands it to the event loop.

`run` blocks and belongs in an executor thread. The result goes through a slot: were the event loop late, it would get
the newest estimate, not a queue of old ones.
"""

import logging
from collections.abc import Callable

from protocol.messages import Field
from streamer.body import Person
from streamer.clock import now_us
from streamer.engine import Engine
from streamer.errors import EngineError
from streamer.filter import Smoother
from streamer.hub import Estimate
from streamer.settings import Settings
from streamer.slot import Slot
from streamer.solver import Solver, joint_angles
from streamer.source.base import Frame
from streamer.stages import Stamps
from streamer.tracks import Tracker

RETRY_S = 1.0
"""Pause before another engine is tried after one failed."""

log = logging.getLogger("posewire.worker")


class Worker:
    """Turns the frames of one slot into estimates in another.

    settings: what it starts with; `change` gives others. make_engine: an engine for settings.
    fov_deg: the camera's field of view along the picture's longer side, for the solver.
    wanted: the fields that somebody wants, asked at each frame from this thread: bodies and angles are made on demand.
    lossless: wait until each estimate was taken instead of replacing it, for work that may not lose a frame.
    on_estimate: called after each one, from this thread; on_picture then, with the frame that it was made from.
    on_fault: called with a reason when estimation fails, and with None when it works again, from this thread.

    busy_since_us: when the picture in hand was taken, 0 while there is none; any thread may read it.
    """

    def __init__(
        self,
        stream: str,
        frames: Slot[Frame],
        engine: Engine,
        make_engine: Callable[[Settings], Engine],
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
        self._engine: Engine | None = engine
        self._make_engine = make_engine
        self._settings = settings
        self._changes: Slot[tuple[Settings, Engine | None]] = Slot()
        self._fov_deg = fov_deg
        self._mirrored = settings.mirror
        self._tracker = Tracker()
        self._smoother = Smoother(settings.smoothing, engine.smoothed)
        self._solver = self._make_solver(settings)
        self._wanted = wanted
        self._lossless = lossless
        self._on_estimate = on_estimate
        self._on_picture = on_picture
        self._on_fault = on_fault
        self.seq = 0
        self.busy_since_us = 0

    def _make_solver(self, settings: Settings) -> Solver:
        return Solver(self._fov_deg, smooth=settings.smoothing.kind != "none")

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

    def run(self) -> None:
        """Work until the frames' slot is closed and empty."""
        faulty = False
        while True:
            frame = self._frames.take(None)
            if frame is None:
                break
            self.busy_since_us = now_us()
            try:
                estimate = self._estimate(frame, self.busy_since_us)
            except Exception as error:
                self.busy_since_us = 0
                log.error("stream %s: estimation failed: %s", self._stream, error, exc_info=error)
                faulty = True
                self._on_fault(f"engine: {error}"[:200])
                self._replace_engine()
                continue
            self.busy_since_us = 0
            if faulty:
                faulty = False
                self._on_fault(None)
            if self._lossless:
                self.estimates.put_wait(estimate)
                self._on_estimate()
            elif self.estimates.put(estimate):
                self._on_estimate()
            self._on_picture(frame)
        self._changes.close()
        untried = self._changes.take()
        for engine in (self._engine, untried[1] if untried else None):
            if engine is not None:
                engine.close()

    def _take_change(self) -> None:
        change = self._changes.take()
        if change is None:
            return
        before, (now, engine) = self._settings, change
        self._settings = now
        if engine is not None:
            if self._engine is not None:
                self._close(self._engine)
            self._engine = engine
        if engine is not None or now.smoothing != before.smoothing:
            self._smoother = Smoother(now.smoothing, self._engine is not None and self._engine.smoothed)
        if (now.smoothing.kind == "none") != (before.smoothing.kind == "none"):
            self._solver = self._make_solver(now)  # else it stays: it has measured who is there

    def _estimate(self, frame: Frame, taken_us: int) -> Estimate:
        self._take_change()
        if self._engine is None:
            self._engine = self._make_engine(self._settings)
            self._smoother = Smoother(self._settings.smoothing, self._engine.smoothed)
        detections = self._engine.estimate(frame.image, frame.media_us)
        inferred_us = now_us()
        if frame.mirrored != self._mirrored:
            self._mirrored = frame.mirrored
            self._tracker.forget()  # nobody jumps from one side to the other
        height, width = frame.image.shape[:2]
        tracked = self._tracker.update(detections, frame.media_us, width / height)
        smooth = self._smoother.apply(tracked, frame.media_us, width / height)
        wanted = self._wanted()
        bodies = self._solver.solve(smooth, frame.media_us, width / height) if wanted & {"bones", "rest"} else {}
        with_angles = "angles" in wanted
        people = [
            Person(id, found, bodies.get(id), joint_angles(found.world) if with_angles else None, raw)
            for (id, found), (_, raw) in zip(smooth, tracked, strict=True)
        ]
        self.seq += 1
        stamps = Stamps(taken_us, inferred_us, now_us())
        return Estimate(self._stream, self.seq, frame.t_us, (width, height), people, wanted, stamps)

    def _replace_engine(self) -> None:
        """A network that failed once may be in any state: start a fresh one, after a pause."""
        broken, self._engine = self._engine, None
        if broken is not None:
            self._close(broken)
        self._frames.wait_closed(RETRY_S)

    def _close(self, engine: Engine) -> None:
        try:
            engine.close()
        except EngineError as error:
            log.warning("stream %s: %s", self._stream, error)
