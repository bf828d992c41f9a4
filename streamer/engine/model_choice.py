"""`--model auto`: the heaviest model that holds a source's rate, and when it has proved too heavy after all.

It only ever steps down: what would go up again on a quiet minute would go down again on the next busy one.
"""

import statistics
import time
from collections.abc import Callable
from typing import Final

from streamer.engine.base import Engine
from streamer.settings import MODELS
from streamer.source.video import demo

HEADROOM: Final = 0.7
"""Of the time between two frames, what estimation may take: decoding, filters and clients need the rest."""
USUAL_FPS: Final = 30.0
"""Of a source that doesn't say."""
WARM_UP: Final = 3
MEASURED: Final = 9
MISSED_SHARE: Final = 0.1
"""More frames than this left out, and a second counts as overloaded."""
LASTING_S: Final = 5


def measure_ms(engine: Engine) -> float:
    """Median milliseconds of a frame of the demo clip, one person followed. Raises EngineError, SourceError."""
    source = demo()
    source.open()
    times = []
    try:
        for index in range(WARM_UP + MEASURED):
            picture = source.read()
            assert picture is not None
            start = time.perf_counter()
            engine.estimate(picture, index * 16_667)
            times.append(time.perf_counter() - start)
    finally:
        source.close()
    return 1000 * statistics.median(times[WARM_UP:])


def heaviest(cost_ms: Callable[[str], float], fps: float, people: int, streams: int) -> str:
    """The model for a source of so many frames a second, 0 where it doesn't say; lite where none holds that.

    cost_ms: of a model's frame with one person, asked from lite upwards, as far as needed. Every person costs the same
    again, and so does every stream beside this one.
    """
    allowed_ms = HEADROOM * 1000 / (fps if fps > 0 else USUAL_FPS)
    chosen = MODELS[0]
    for model in MODELS:
        if cost_ms(model) * people * streams > allowed_ms:
            break
        chosen = model
    return chosen


def lighter(model: str) -> str | None:
    """The next lighter one; None below lite."""
    index = MODELS.index(model)
    return MODELS[index - 1] if index else None


class Overload:
    """Told once a second how many frames there were, says when too many were missed for LASTING_S on end."""

    def __init__(self) -> None:
        self._seconds = 0

    def note(self, estimated: int, missed: int) -> bool:
        """True when it has lasted; then it begins anew. A second without any estimate says nothing: it may hang."""
        if not estimated:
            return False
        overloaded = missed > MISSED_SHARE * (estimated + missed)
        self._seconds = self._seconds + 1 if overloaded else 0
        if self._seconds < LASTING_S:
            return False
        self._seconds = 0
        return True
