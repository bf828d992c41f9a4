"""Which engine: the fastest that is installed and works here, or the one that was asked for."""

import logging
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Protocol

from streamer.engine.base import Engine, Mode
from streamer.engine.model_choice import measure_ms
from streamer.errors import EngineError, UsageError
from streamer.settings import Settings, Smoothing

if TYPE_CHECKING:
    from streamer.engine.blazepose.networks import Precision

INSTALL: Final = "pip install 'posewire[fast]'"

log = logging.getLogger("posewire")


class _Make(Protocol):
    def __call__(self, model: str, people: int, mode: Mode, min_confidence: float, smooth: bool) -> Engine: ...


class Engines:
    """Makes engines of one kind, `name`.

    wish: an EngineName; `auto` takes openvino where it is installed and works, and says so where it doesn't. threads:
    that each network works with, None for as many as suit the machine. streams: engines at work at a time, which share
    the threads. precision: a PrecisionName, of streams; single pictures are looked at in 32-bit floats. Raises
    UsageError where what was asked for isn't installed or can't be done here, EngineError where it doesn't work.
    Imports native code.
    """

    def __init__(self, wish: str, threads: int | None = None, streams: int = 1, precision: str = "auto") -> None:
        self.streams = streams
        self.name = wish
        self._costs_ms: dict[str, float] = {}
        if wish == "auto":
            self.name = "openvino" if find_spec("openvino") else "mediapipe"
        if self.name == "openvino":
            try:
                self._make, self._detector = _openvino(threads, streams, precision)
                return
            except EngineError as error:
                if wish == "openvino" or not find_spec("mediapipe"):
                    raise
                log.warning("%s; mediapipe is used instead", error)
                self.name = "mediapipe"
        elif threads is not None:
            raise UsageError("--threads is for the openvino engine; mediapipe takes as many as it likes")
        elif precision == "bf16":
            raise UsageError("--precision bf16 is for the openvino engine; mediapipe works in f32")
        self._make = _mediapipe()

    def make(self, settings: Settings) -> Engine:
        """For a stream. Raises EngineError."""
        return self._make(settings.model, settings.people, "video", 0.5, _graph_smooths(settings.smoothing))

    def renew(self) -> None:
        """From now on make engines that share no network with those made before, one of which hangs."""
        if self.name == "openvino":
            from streamer.engine.blazepose import networks

            networks.forget()

    def make_for_pictures(self, model: str, people: int, min_confidence: float = 0.5) -> Engine:
        """One that looks at each picture afresh. Raises EngineError."""
        return self._make(model, people, "image", min_confidence, False)

    def cost_ms(self, model: str) -> float:
        """Milliseconds of a frame with one person, measured here at the first call, which takes a second or two.

        Blocking. Raises EngineError.
        """
        if model not in self._costs_ms:
            engine = self.make(Settings(model))
            try:
                self._costs_ms[model] = measure_ms(engine)
            finally:
                engine.close()
        return self._costs_ms[model]

    def fits(self, before: Settings, now: Settings) -> bool:
        """Whether an engine made for the settings before does for these, too."""
        if self.name == "openvino" and _graph_smooths(before.smoothing) != _graph_smooths(now.smoothing):
            return False
        return (before.model, before.people) == (now.model, now.people)


def _graph_smooths(smoothing: Smoothing) -> bool:
    """Whether one person's landmarks are smoothed as MediaPipe's graph does it: unless something else was asked for."""
    return smoothing == Smoothing()


def _openvino(threads: int | None, streams: int, precision: str) -> tuple[_Make, object]:
    """And the detector it was tried with: kept, its network serves every engine and is compiled once."""
    if not find_spec("openvino"):
        raise UsageError(f"the openvino engine isn't installed: {INSTALL}")
    try:
        from streamer.engine.blazepose.networks import DetectorRequest, Tuning, default_threads, has_bf16
        from streamer.engine.openvino import OpenVinoEngine

        if precision == "bf16" and not has_bf16():
            raise UsageError("this processor doesn't compute in bfloat16; leave --precision out or make it f32")
        body: Precision = "bf16" if precision != "f32" and has_bf16() else "f32"
        tuning = Tuning(threads or default_threads(), streams, body)
        exact = replace(tuning, precision="f32")
        detector = DetectorRequest(tuning)
        detector.run()
    except (ImportError, OSError) as error:
        raise EngineError(f"OpenVINO doesn't load: {error}") from error

    def make(model: str, people: int, mode: Mode, min_confidence: float, smooth: bool) -> Engine:
        return OpenVinoEngine(model, people, mode, min_confidence, smooth, exact if mode == "image" else tuning)

    return make, detector


def _mediapipe() -> _Make:
    if not find_spec("mediapipe"):
        raise UsageError(f"mediapipe isn't installed, there is no package of it for this machine; {INSTALL}")
    from streamer.engine.mediapipe import MediaPipeEngine

    return lambda model, people, mode, min_confidence, smooth: MediaPipeEngine(model, people, mode, min_confidence)
