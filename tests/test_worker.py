import threading
import time

import numpy as np
import pytest

from streamer.clock import now_us
from streamer.engine import Detection
from streamer.errors import EngineError
from streamer.hub import Estimate
from streamer.settings import Settings, Smoothing
from streamer.slot import Slot
from streamer.source.base import Frame
from streamer.worker import Worker

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (33, 4)).astype(np.float32)


class ScriptedEngine:
    """An engine that finds one person, and fails or blocks when told to: what real native code can't be made to do."""

    name, model, smoothed = "scripted", "none", True

    def __init__(self) -> None:
        self.fail_on: set[int] = set()
        self.calls = 0
        self.closed = 0

    def estimate(self, image: np.ndarray, media_us: int) -> list[Detection]:
        self.calls += 1
        if self.calls in self.fail_on:
            raise EngineError("inference broke")
        return [Detection(POINTS, POINTS, 0.9)]

    def close(self) -> None:
        self.closed += 1


class Bench:
    """A worker in a thread, with what it said."""

    def __init__(self, lossless: bool = True) -> None:
        self.engines = [ScriptedEngine()]
        self.frames: Slot[Frame] = Slot()
        self.faults: list[str | None] = []
        self.estimates: list[Estimate] = []
        self.pictures: list[int] = []
        self.worker = Worker(
            "cam",
            self.frames,
            self.engines[0],
            self.make,
            Settings(smoothing=Smoothing("none")),
            fov_deg=65.0,
            lossless=lossless,
            wanted=lambda: self.wanted,
            on_estimate=self.take,
            on_picture=lambda frame: self.pictures.append(frame.seq),
            on_fault=self.faults.append,
        )
        self.taking = True
        self.wanted: frozenset = frozenset()
        self.thread = threading.Thread(target=self.worker.run)

    def make(self, settings: Settings) -> ScriptedEngine:
        self.engines.append(ScriptedEngine())
        return self.engines[-1]

    def take(self) -> None:
        if self.taking and (estimate := self.worker.estimates.take()) is not None:
            self.estimates.append(estimate)

    def feed(self, count: int) -> None:
        for index in range(1, count + 1):
            frame = Frame(np.zeros((48, 64, 3), np.uint8), index * 1000, index * 33_333, index)
            assert self.frames.put_wait(frame, 10)
        while self.frames._item is not None:
            pass
        self.frames.close()
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.worker.RETRY_S", 0.01)


def test_every_frame_becomes_an_estimate() -> None:
    bench = Bench()
    bench.thread.start()
    bench.feed(10)
    assert [estimate.seq for estimate in bench.estimates] == list(range(1, 11))
    assert [estimate.t_us for estimate in bench.estimates] == [index * 1000 for index in range(1, 11)]
    last = bench.estimates[-1]
    assert (last.stream, last.size) == ("cam", (64, 48))
    assert [person.id for person in last.people] == [1]
    assert bench.faults == []
    assert bench.engines[0].closed == 1


def test_a_broken_engine_is_reported_replaced_and_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.engines[0].fail_on = {3}
    bench.thread.start()
    bench.feed(8)
    assert bench.faults == ["engine: inference broke", None]
    assert len(bench.engines) == 2
    assert [engine.closed for engine in bench.engines] == [1, 1]
    assert len(bench.estimates) == 7


def test_an_event_loop_that_is_late_gets_the_newest_estimate() -> None:
    bench = Bench(lossless=False)
    bench.taking = False
    bench.thread.start()
    bench.feed(5)
    assert bench.worker.estimates.take().seq == 5
    assert bench.worker.estimates.replaced == 4


@pytest.mark.parametrize(
    ("wanted", "with_body", "with_angles"),
    [((), False, False), (("bones",), True, False), (("rest", "angles"), True, True), (("angles",), False, True)],
)
def test_bodies_and_angles_are_made_on_demand(wanted: tuple, with_body: bool, with_angles: bool) -> None:
    bench = Bench()
    bench.wanted = frozenset(wanted)
    bench.thread.start()
    bench.feed(3)
    for estimate in bench.estimates:
        [person] = estimate.people
        assert estimate.solved == set(wanted)
        assert (person.body is not None, person.angles is not None) == (with_body, with_angles)


def test_pictures_are_offered_in_step_with_their_estimates() -> None:
    bench = Bench()
    bench.thread.start()
    bench.feed(4)
    assert bench.pictures == [1, 2, 3, 4]


def test_a_change_works_from_the_next_frame_on_and_closes_the_engine_before() -> None:
    bench = Bench()
    heavy = ScriptedEngine()
    bench.worker.change(Settings("heavy", smoothing=Smoothing("moving-average")), heavy)
    bench.thread.start()
    bench.feed(3)
    assert (bench.engines[0].calls, bench.engines[0].closed) == (0, 1)
    assert (heavy.calls, heavy.closed) == (3, 1)
    assert [person.raw is person.detection for person in bench.estimates[0].people] == [False]


def test_of_changes_that_nobody_used_only_the_last_engine_is_kept() -> None:
    bench = Bench()
    first, second = ScriptedEngine(), ScriptedEngine()
    bench.worker.change(Settings("heavy"), first)
    bench.worker.change(Settings("heavy", smoothing=Smoothing("none")), None)
    assert first.closed == 0
    bench.worker.change(Settings("lite"), second)
    assert first.closed == 1
    bench.frames.close()
    bench.thread.start()
    bench.thread.join(10)
    assert [engine.closed for engine in (bench.engines[0], second)] == [1, 1]
    late = ScriptedEngine()
    bench.worker.change(Settings("full"), late)
    assert late.closed == 1


def test_a_mirrored_person_is_another() -> None:
    bench = Bench()
    bench.thread.start()
    frame = Frame(np.zeros((48, 64, 3), np.uint8), 1, 33_333, 1)
    assert bench.frames.put_wait(frame, 10)
    while not bench.estimates:
        pass
    bench.worker.change(Settings(mirror=True), None)
    # One picture that was taken before is still on its way.
    for seq, mirrored in ((2, False), (3, True)):
        assert bench.frames.put_wait(Frame(frame.image, seq, seq * 33_333, seq, mirrored), 10)
    while len(bench.estimates) < 3:
        pass
    bench.frames.close()
    bench.thread.join(10)
    assert [[person.id for person in estimate.people] for estimate in bench.estimates] == [[1], [1], [2]]


def test_each_estimate_says_when_it_left_which_stage() -> None:
    bench = Bench()
    seen: list[int] = []

    def look(image: np.ndarray, media_us: int) -> list[Detection]:
        seen.append(bench.worker.busy_since_us)
        time.sleep(0.02)
        return [Detection(POINTS, POINTS, 0.9)]

    bench.engines[0].estimate = look  # type: ignore[method-assign]
    before_us = now_us()
    bench.thread.start()
    bench.feed(3)
    assert bench.worker.busy_since_us == 0
    for taken_us, estimate in zip(seen, bench.estimates, strict=True):
        stamps = estimate.stamps
        assert stamps is not None
        assert before_us <= stamps.taken_us == taken_us
        assert stamps.inferred_us - stamps.taken_us >= 20_000
        assert stamps.inferred_us <= stamps.solved_us <= now_us()


def test_a_worker_that_failed_is_not_busy_while_it_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.worker.RETRY_S", 0.3)
    bench = Bench()
    bench.engines[0].fail_on = {1}
    bench.thread.start()
    assert bench.frames.put_wait(Frame(np.zeros((48, 64, 3), np.uint8), 1, 1, 1), 10)
    while not bench.engines[0].closed:
        pass
    busy_since_us = bench.worker.busy_since_us
    bench.frames.close()
    bench.thread.join(10)
    assert busy_since_us == 0
