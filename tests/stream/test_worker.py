import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from streamer.clock import now_us
from streamer.engine.base import Detection
from streamer.errors import EngineError
from streamer.hub.outgoing import Estimate
from streamer.settings import Settings, Smoothing
from streamer.slot import Slot
from streamer.source.base import Frame
from streamer.stream.worker import MAX_HUNG, Worker

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (33, 4)).astype(np.float32)


class ScriptedEngine:
    """An engine that finds one person, and fails or hangs when told to: what real native code can't be made to do."""

    name, model, smoothed = "scripted", "none", True

    def __init__(self) -> None:
        self.fail_on: set[int] = set()
        self.hang_on: set[int] = set()
        self.released = threading.Event()
        self.close_error: Exception | None = None
        self.calls = 0
        self.closed = 0

    def estimate(self, image: np.ndarray, media_us: int) -> list[Detection]:
        self.calls += 1
        if self.calls in self.fail_on:
            raise EngineError("inference broke")
        if self.calls in self.hang_on:
            assert self.released.wait(30)
        return [Detection(POINTS, POINTS, 0.9)]

    def close(self) -> None:
        self.closed += 1
        if self.close_error is not None:
            raise self.close_error


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
            self,
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
        self.renewed = 0
        self.prepare: Callable[[ScriptedEngine], None] = lambda engine: None
        self.seq = 0

    # What the worker asks of Engines.

    def make(self, settings: Settings) -> ScriptedEngine:
        engine = ScriptedEngine()
        self.prepare(engine)
        self.engines.append(engine)
        return engine

    def renew(self) -> None:
        self.renewed += 1

    def take(self) -> None:
        if self.taking and (estimate := self.worker.estimates.take()) is not None:
            self.estimates.append(estimate)

    def offer(self) -> None:
        """One more frame, once the one before was taken."""
        self.seq += 1
        frame = Frame(np.zeros((48, 64, 3), np.uint8), self.seq * 1000, self.seq * 33_333, self.seq)
        assert self.frames.put_wait(frame, 10)

    def feed(self, count: int) -> None:
        for _ in range(count):
            self.offer()
        self.end()

    def end(self) -> None:
        wait_until(lambda: self.frames._item is None)
        self.frames.close()
        assert self.worker.join(10)

    def hang(self) -> None:
        """Have the engine in use hang at its next frame, until the watchdog has noticed."""
        engine, hangs = self.engines[-1], self.worker.hangs
        engine.hang_on = {engine.calls + 1}
        self.offer()
        wait_until(lambda: self.watched() and self.worker.hangs > hangs)

    def watched(self) -> bool:
        self.worker.check()
        return True


def assert_true(value: object) -> None:
    assert value


def wait_until(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.stream.worker.RETRY_S", 0.01)


def test_every_frame_becomes_an_estimate() -> None:
    bench = Bench()
    bench.worker.start()
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
    bench.worker.start()
    bench.feed(8)
    assert bench.faults == ["engine: inference broke", None]
    assert len(bench.engines) == 2
    assert [engine.closed for engine in bench.engines] == [1, 1]
    assert len(bench.estimates) == 7


def test_an_engine_that_fails_again_and_again_is_replaced_each_time() -> None:
    bench = Bench()
    bench.engines[0].fail_on = {1}
    bench.prepare = lambda engine: engine.fail_on.add(1) if len(bench.engines) < 20 else None
    bench.worker.start()
    bench.feed(25)
    assert bench.faults == ["engine: inference broke"] * 20 + [None]
    assert [engine.closed for engine in bench.engines] == [1] * 21
    assert [estimate.seq for estimate in bench.estimates] == [1, 2, 3, 4, 5]
    assert bench.worker.failures == 20


def test_an_engine_that_cannot_be_closed_or_made_is_no_end(caplog: pytest.LogCaptureFixture) -> None:
    def none_at_first(engine: ScriptedEngine) -> None:
        if len(bench.faults) < 3:
            raise EngineError("no network")

    bench = Bench()
    bench.engines[0].fail_on, bench.engines[0].close_error = {1}, RuntimeError("double free")
    bench.prepare = none_at_first
    bench.worker.start()
    bench.feed(5)
    assert bench.faults == ["engine: inference broke", "engine: no network", "engine: no network", None]
    assert len(bench.estimates) == 2
    assert "an engine can't be closed: double free" in caplog.text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HANG_S", "FIRST_HANG_S", "SLOW_RETRY_S"):
        monkeypatch.setattr(f"streamer.stream.worker.{name}", 0.05)


@pytest.mark.usefixtures("impatient")
class TestHangs:
    def test_the_stream_goes_on_in_another_thread_with_a_new_engine(self, caplog: pytest.LogCaptureFixture) -> None:
        bench = Bench()
        bench.worker.start()
        bench.offer()
        wait_until(lambda: bench.estimates)
        bench.hang()
        assert bench.faults == ["engine: no answer for 0.05 s"]
        assert "stream cam: engine: no answer for 0.05 s (it is tried again with a new engine)" in caplog.text
        assert (bench.worker.hung, bench.renewed) == (1, 1)
        bench.offer()
        bench.offer()
        wait_until(lambda: len(bench.estimates) == 3)
        assert bench.faults[1:] == [None]
        assert [estimate.seq for estimate in bench.estimates] == [1, 2, 3]
        assert bench.worker.busy_since_us == 0
        # The late answer is thrown away, and the engine that gave it closed.
        assert bench.engines[0].closed == 0
        bench.engines[0].released.set()
        wait_until(lambda: bench.worker.hung == 0)
        assert bench.engines[0].closed == 1
        bench.end()
        assert [estimate.seq for estimate in bench.estimates] == [1, 2, 3]
        assert [engine.closed for engine in bench.engines] == [1, 1]

    def test_nobody_gets_the_id_of_another(self) -> None:
        bench = Bench()
        bench.worker.start()
        bench.offer()
        wait_until(lambda: bench.estimates)
        bench.hang()
        bench.seq += 1000  # half a minute later
        bench.offer()
        wait_until(lambda: len(bench.estimates) == 2)
        assert [[person.id for person in estimate.people] for estimate in bench.estimates] == [[1], [2]]
        bench.engines[0].released.set()
        bench.end()

    def test_a_bounded_number_of_threads_is_left_hanging(self, caplog: pytest.LogCaptureFixture) -> None:
        bench = Bench()
        bench.worker.start()
        for count in range(1, MAX_HUNG + 1):
            bench.offer()
            wait_until(lambda count=count: len(bench.estimates) == count)
            bench.hang()
        assert bench.worker.hung == MAX_HUNG == len(bench.engines) == 3
        assert bench.faults[-1] == "engine: no answer for 0.05 s, 3 times over; restart the server"
        threads = threading.active_count()
        bench.offer()
        time.sleep(0.1)
        for _ in range(5):
            bench.worker.check()
        assert threading.active_count() == threads
        assert bench.worker.hangs == caplog.text.count("no answer") == 3
        assert not bench.worker.join(0.05)  # whoever ends the server is told
        # One comes back after all: there is room for another attempt.
        bench.engines[1].released.set()
        wait_until(lambda: bench.worker.hung == 2)
        assert bench.engines[1].closed == 1
        bench.worker.check()
        wait_until(lambda: len(bench.estimates) == 4)
        assert bench.faults[-1] is None
        for engine in bench.engines:
            engine.released.set()
        bench.end()
        assert [engine.closed for engine in bench.engines] == [1] * 4

    def test_a_new_engine_that_hangs_in_the_making_is_closed_when_it_comes(self) -> None:
        made = threading.Event()
        bench = Bench()
        bench.engines[0].fail_on = {1}
        bench.prepare = lambda engine: assert_true(made.wait(30)) if len(bench.engines) == 1 else None
        bench.worker.start()
        bench.offer()
        bench.offer()
        wait_until(lambda: bench.watched() and bench.worker.hung == 1)
        bench.prepare = lambda engine: None
        bench.offer()
        wait_until(lambda: bench.estimates)
        made.set()
        wait_until(lambda: bench.worker.hung == 0)
        bench.end()
        assert sorted(engine.closed for engine in bench.engines) == [1, 1, 1]

    def test_an_engine_handed_over_meanwhile_is_used(self) -> None:
        bench = Bench()
        bench.worker.start()
        bench.offer()
        wait_until(lambda: bench.estimates)
        other = ScriptedEngine()
        engine = bench.engines[0]
        engine.hang_on = {engine.calls + 1}
        bench.offer()
        wait_until(lambda: bench.worker.busy_since_us)
        bench.worker.change(Settings("heavy"), other)
        wait_until(lambda: bench.watched() and bench.worker.hung == 1)
        bench.offer()
        wait_until(lambda: len(bench.estimates) == 2)
        assert (other.calls, len(bench.engines)) == (1, 1)
        engine.released.set()
        bench.end()
        assert (engine.closed, other.closed) == (1, 1)

    def test_one_look_too_late_is_no_hang(self) -> None:
        """As when the whole process was stopped for a while."""
        bench = Bench()
        bench.engines[0].hang_on = {1}
        bench.worker.start()
        bench.offer()
        wait_until(lambda: bench.worker.busy_since_us)
        time.sleep(0.1)
        bench.worker.check()
        bench.engines[0].released.set()
        wait_until(lambda: bench.estimates)
        bench.worker.check()
        bench.end()
        assert (bench.faults, bench.worker.hangs) == ([], 0)


def test_a_first_inference_may_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.stream.worker.HANG_S", 0.05)
    bench = Bench()
    bench.engines[0].hang_on = {1}
    bench.worker.start()
    bench.offer()
    wait_until(lambda: bench.worker.busy_since_us)
    time.sleep(0.1)
    for _ in range(3):
        bench.worker.check()
    bench.engines[0].released.set()
    wait_until(lambda: bench.estimates)
    assert bench.worker.hangs == 0
    bench.engines[0].released.clear()
    bench.hang()
    assert bench.faults == ["engine: no answer for 0.05 s"]
    bench.engines[0].released.set()
    bench.end()


def test_an_event_loop_that_is_late_gets_the_newest_estimate() -> None:
    bench = Bench(lossless=False)
    bench.taking = False
    bench.worker.start()
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
    bench.worker.start()
    bench.feed(3)
    for estimate in bench.estimates:
        [person] = estimate.people
        assert estimate.solved == set(wanted)
        assert (person.body is not None, person.angles is not None) == (with_body, with_angles)


def test_pictures_are_offered_in_step_with_their_estimates() -> None:
    bench = Bench()
    bench.worker.start()
    bench.feed(4)
    assert bench.pictures == [1, 2, 3, 4]


def test_a_change_works_from_the_next_frame_on_and_closes_the_engine_before() -> None:
    bench = Bench()
    heavy = ScriptedEngine()
    bench.worker.change(Settings("heavy", smoothing=Smoothing("moving-average")), heavy)
    bench.worker.start()
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
    bench.worker.start()
    assert bench.worker.join(10)
    assert [engine.closed for engine in (bench.engines[0], second)] == [1, 1]
    late = ScriptedEngine()
    bench.worker.change(Settings("full"), late)
    assert late.closed == 1


def test_a_mirrored_person_is_another() -> None:
    bench = Bench()
    bench.worker.start()
    frame = Frame(np.zeros((48, 64, 3), np.uint8), 1, 33_333, 1)
    assert bench.frames.put_wait(frame, 10)
    wait_until(lambda: bench.estimates)
    bench.worker.change(Settings(mirror=True), None)
    # One picture that was taken before is still on its way.
    for seq, mirrored in ((2, False), (3, True)):
        assert bench.frames.put_wait(Frame(frame.image, seq, seq * 33_333, seq, mirrored), 10)
    wait_until(lambda: len(bench.estimates) == 3)
    bench.frames.close()
    assert bench.worker.join(10)
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
    bench.worker.start()
    bench.feed(3)
    assert bench.worker.busy_since_us == 0
    for called_us, estimate in zip(seen, bench.estimates, strict=True):
        stamps = estimate.stamps
        assert stamps is not None
        assert before_us <= stamps.taken_us <= called_us
        assert stamps.inferred_us - stamps.taken_us >= 20_000
        assert stamps.inferred_us <= stamps.solved_us <= now_us()


def test_a_worker_that_failed_is_not_busy_while_it_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.stream.worker.RETRY_S", 0.3)
    bench = Bench()
    bench.engines[0].fail_on = {1}
    bench.worker.start()
    assert bench.frames.put_wait(Frame(np.zeros((48, 64, 3), np.uint8), 1, 1, 1), 10)
    wait_until(lambda: bench.engines[0].closed and not bench.worker.busy_since_us)
    busy_since_us = bench.worker.busy_since_us
    bench.frames.close()
    assert bench.worker.join(10)
    assert busy_since_us == 0
