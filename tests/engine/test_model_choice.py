import time

import numpy as np
import pytest

from streamer.engine.base import Detection
from streamer.engine.model_choice import LASTING_S, Overload, heaviest, lighter, measure_ms

COSTS_MS = {"lite": 2.0, "full": 4.0, "heavy": 12.0}


@pytest.mark.parametrize(
    ("fps", "people", "streams", "model"),
    [
        (30, 1, 1, "heavy"),
        (60, 1, 1, "full"),  # 12 ms of 16.7 leave too little
        (0, 1, 1, "heavy"),  # a source that doesn't say is taken for one of 30
        (30, 2, 1, "full"),
        (30, 1, 2, "full"),
        (30, 8, 1, "lite"),
        (240, 8, 4, "lite"),
    ],
)
def test_the_heaviest_that_holds_the_rate(fps: float, people: int, streams: int, model: str) -> None:
    assert heaviest(COSTS_MS.__getitem__, fps, people, streams) == model


def test_no_model_is_measured_beyond_the_first_that_is_too_slow() -> None:
    asked = []

    def cost_ms(model: str) -> float:
        asked.append(model)
        return 100.0

    assert heaviest(cost_ms, 60, 1, 1) == "lite"
    assert asked == ["lite"]


def test_lighter() -> None:
    assert [lighter(model) for model in ("heavy", "full", "lite")] == ["full", "lite", None]


def test_only_lasting_overload_counts() -> None:
    overload = Overload()
    for _ in range(3):  # busy for a while, then not: as often as it likes
        assert not any(overload.note(estimated=20, missed=10) for _ in range(LASTING_S - 1))
        assert not overload.note(estimated=30, missed=0)
    assert [overload.note(20, 10) for _ in range(LASTING_S)] == [False] * (LASTING_S - 1) + [True]
    assert not overload.note(20, 10)  # and then it has to last again
    assert not any(Overload().note(60, 6) for _ in range(20))  # a tenth may be missed
    assert not any(overload.note(0, 0) for _ in range(20))  # the source is gone


def test_what_a_frame_takes_is_measured_without_the_first_ones() -> None:
    class Slow:
        name, model, smoothed = "scripted", "lite", False
        calls = 0

        def estimate(self, image: np.ndarray, media_us: int) -> list[Detection]:
            self.calls += 1
            time.sleep(0.2 if self.calls <= 3 else 0.005)
            return []

        def close(self) -> None:
            pass

    assert 5 <= measure_ms(Slow()) < 100


def test_an_engine_that_hangs_is_not_overloaded() -> None:
    overload = Overload()
    assert not any(overload.note(0, 30) for _ in range(3 * LASTING_S))
    # One that takes seconds a frame is, if later told.
    assert any(overload.note(second % 3 == 0, 30) for second in range(3 * LASTING_S))
