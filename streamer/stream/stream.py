"""One source on its way to the hub: a capture thread, a worker's thread, the slots between, and its settings."""

import asyncio
import logging
import time
from dataclasses import replace

from protocol.messages import State, StreamInfo
from streamer.clock import now_us
from streamer.config import ServeConfig
from streamer.engine.base import Engine
from streamer.engine.engines import Engines
from streamer.engine.model_choice import Overload, heaviest, lighter
from streamer.errors import EngineError
from streamer.hub.hub import Hub
from streamer.output import Outputs
from streamer.settings import AUTO, MODELS, Settings
from streamer.slot import Slot
from streamer.source import NamedSource
from streamer.source.base import Frame
from streamer.source.capture import Capture, CaptureOptions
from streamer.stream.presence import Presence
from streamer.stream.preview import Preview
from streamer.stream.worker import Worker
from streamer.threads import Aside
from streamer.vitals.health import Health, Vitals, diagnose

STOP_TIMEOUT_S = 0.5
"""What a thread gets to finish the frame in hand; one stuck in native code is left behind."""

log = logging.getLogger("posewire")


class Stream:
    """settings: as wished for, where a model can be `auto`. preview: of what it sees, None where the user doesn't allow
    that. engine_faults: times that estimation failed.
    """

    def __init__(
        self,
        named: NamedSource,
        config: ServeConfig,
        settings: Settings,
        engines: Engines,
        hub: Hub,
        outputs: Outputs,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.id = named.id
        self.label = named.source.label
        self.settings = settings
        self.engine_smoothed = False
        self.engine_faults = 0
        self.preview = Preview(loop) if config.preview else None
        self._working = settings  # with the model that `auto` stands for
        self._fps = 0.0
        self._changing = asyncio.Lock()
        self._stepping: asyncio.Task[None] | None = None
        self._overload = Overload()
        self._counted = (0, 0)
        self._note = ""
        self._engines = engines
        self._config = config
        self._hub = hub
        self._presence = Presence(named.id, hub, outputs, loop)
        self._frames: Slot[Frame] = Slot()
        options = CaptureOptions(mirror=settings.mirror, rotate=config.rotate, loop=config.loop, pace=config.pace)
        self._capture = Capture(named.source, self._frames, options, self._on_source_state)
        self._worker: Worker | None = None
        self._aside = Aside(f"making-{self.id}")
        self._source_state: tuple[State, str] = ("live", "")
        self._fault: str | None = None

    async def start(self) -> None:
        """Open source and engine and start both threads. Raises SourceError or EngineError."""
        await self._aside.run(self._start)

    def _start(self) -> None:
        info = self._capture.start()
        self._fps = info.fps
        try:
            self._working = self._chosen(self.settings)
            engine = self._engines.make(self._working)
        except BaseException:
            self._capture.stop(STOP_TIMEOUT_S)
            raise
        self.engine_smoothed = engine.smoothed
        self._worker = Worker(
            self.id,
            self._frames,
            engine,
            self._engines,
            self._working,
            fov_deg=self._config.fov_deg,
            lossless=self._config.pace == "max",
            wanted=lambda: self._presence.wanted,
            on_estimate=self._wake,
            on_picture=self._on_picture,
            on_fault=self._on_fault,
        )
        described = StreamInfo(
            id=self.id,
            width=info.width,
            height=info.height,
            fps=round(info.fps, 3),
            engine=engine.name,
            model=engine.model,
            people=self.settings.people,
            smoothing=self.settings.smoothing.kind,
            mirror=self.settings.mirror,
            preview=self.preview is not None,
        )
        self._presence.offer(described)
        self._presence.call(self._announce)  # what was told before there was a stream to tell it of
        self._worker.start()

    async def change(self, settings: Settings) -> None:
        """Go on with other settings, from the next frame on; a new engine is made beside the old one, which works on
        meanwhile. Raises EngineError where an engine can't be made; then nothing changes.
        """
        async with self._changing:
            await self._aside.run(self._hand_over, settings)
            self._capture.set_mirror(settings.mirror)
            if settings.model != self.settings.model:
                self._set_note("")
            self.settings = settings
            self._presence.describe(
                model=self._working.model,
                people=settings.people,
                smoothing=settings.smoothing.kind,
                mirror=settings.mirror,
            )

    def tick(self) -> None:
        """Once a second: an engine that hangs is replaced; a model that `auto` chose and that can't keep up is followed
        by the next lighter one.
        """
        if self._worker is not None:
            self._worker.check()
        counted = (self._worker.seq if self._worker is not None else 0, self._frames.replaced)
        (estimated, missed), self._counted = self._counted, counted
        lasting = self._overload.note(counted[0] - estimated, counted[1] - missed)
        if lasting and self.settings.model == AUTO and not self.stepping:
            self._stepping = asyncio.create_task(self._step_down())

    @property
    def stepping(self) -> bool:
        """Whether a lighter model is being made."""
        return self._stepping is not None and not self._stepping.done()

    async def _step_down(self) -> None:
        async with self._changing:
            if self.settings.model != AUTO:  # changed while this waited
                return
            slow, model = self._working.model, lighter(self._working.model)
            why = f"couldn't keep up with {self._fps:g} frames a second" if self._fps else "couldn't keep up"
            if model is None:
                self._set_note(f"even model {slow} {why}")
                return
            try:
                await self._aside.run(self._hand_over, replace(self._working, model=model))
            except EngineError as error:
                log.warning("stream %s: model %s %s, and %s can't be made: %s", self.id, slow, why, model, error)
                return
            self._presence.describe(model=model)
            self._set_note(f"model {model}: {slow} {why}")

    def _chosen(self, wish: Settings) -> Settings:
        """With a model in place of `auto`. Blocking. Raises EngineError."""
        if wish.model != AUTO:
            return wish
        if self.settings.model == AUTO != self._working.model and self._working.people == wish.people:
            return replace(wish, model=self._working.model)  # what has been chosen, or stepped down to, stays
        if self._config.pace == "max":
            return replace(wish, model=MODELS[-1])  # there is no rate to hold
        model = heaviest(self._engines.cost_ms, self._fps, wish.people, self._engines.streams)
        log.info("stream %s: model %s, %.1f ms a frame and person", self.id, model, self._engines.cost_ms(model))
        return replace(wish, model=model)

    def _set_note(self, note: str) -> None:
        self._note = note
        self._announce()

    def _hand_over(self, wish: Settings) -> None:
        """Blocking, and in one go: were the change given up half-way, the engine made for it would stay open."""
        assert self._worker is not None
        settings = self._chosen(wish)
        engine: Engine | None = None
        if not self._engines.fits(self._working, settings):
            engine = self._engines.make(settings)
            self.engine_smoothed = engine.smoothed
        self._working = settings
        self._worker.change(settings, engine)

    def stop(self) -> None:
        """End both threads; blocking, bounded."""
        self._capture.stop(STOP_TIMEOUT_S)
        self._frames.close()
        if self._worker is not None:
            self._worker.estimates.close()

    @property
    def captured(self) -> int:
        """Pictures that were offered to the engine."""
        return self._capture.captured

    @property
    def inferred(self) -> int:
        """Estimates made, also those that a newer one replaced before the event loop had time for them."""
        return self._worker.seq if self._worker is not None else 0

    @property
    def skipped(self) -> int:
        """Pictures of a file that were passed over, late as they were."""
        return self._capture.skipped

    @property
    def missed(self) -> int:
        """Pictures that a newer one replaced while the engine was busy."""
        return self._frames.replaced

    @property
    def replacements(self) -> int:
        """Threads that were given up because the engine in them hung."""
        return self._worker.hangs if self._worker is not None else 0

    def health(self) -> Health:
        """Of camera and engine, at this moment."""
        vitals = Vitals(
            camera=self._capture.condition,
            picture_us=self._capture.picture_us,
            interval_us=round(1e6 / self._fps) if self._fps > 0 else 0,
            paced=self._config.pace == "realtime",
            busy_since_us=self._worker.busy_since_us if self._worker is not None else 0,
            estimate_us=self._presence.published_us,
            failed=self._fault is not None,
            over=self._worker is not None and self._worker.over,
        )
        return diagnose(vitals, now_us())

    async def wait(self) -> bool:
        """Whether the worker, and whatever else was at work, ended within STOP_TIMEOUT_S; to be asked once stopped."""
        return await asyncio.to_thread(self._join)

    def _join(self) -> bool:
        until_s = time.monotonic() + STOP_TIMEOUT_S
        ended = self._worker is None or self._worker.join(STOP_TIMEOUT_S)
        return self._aside.join(max(0.0, until_s - time.monotonic())) and ended

    def _wake(self) -> None:
        self._presence.call(self._deliver)

    def _deliver(self) -> None:
        estimate = self._worker.estimates.take() if self._worker is not None else None
        if estimate is not None:
            self._presence.publish(estimate)

    def _on_picture(self, frame: Frame) -> None:
        if self.preview is not None:
            self.preview.offer(frame.t_us, lambda: frame.image)
        if self._hub.recordings is not None:
            self._hub.recordings.picture(self.id, frame.t_us, frame.image)

    def _on_source_state(self, state: State, detail: str) -> None:
        self._presence.call(self._set_source_state, state, detail)

    def _set_source_state(self, state: State, detail: str) -> None:
        self._source_state = (state, detail)
        self._announce()

    def _on_fault(self, reason: str | None) -> None:
        self._presence.call(self._set_fault, reason)

    def _set_fault(self, reason: str | None) -> None:
        self.engine_faults += reason is not None
        self._fault = reason
        self._announce()

    def _announce(self) -> None:
        state, detail = self._source_state
        if state == "live" and self._fault is not None:
            state, detail = "lost", self._fault
        if state == "live":
            detail = detail or self._note
        self._presence.announce(state, detail)
