import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posewire.feed.messages import Frame, Pose
from posewire.feed.playout import MAX_DELAY_US, Playout

FRAME_US = 33_333
TICK_US = 16_667


def frame(t_us: int, x: "float | None" = None) -> Frame:
    root = np.array((t_us / 1e6 if x is None else x, 0, 0), np.float64)
    return Frame(1, "cam", t_us, t_us, t_us, (640, 480), (Pose(1, 0.5, root=root),))


class Show:
    """A display at 60 Hz and frames at 30 Hz that arrive late by `latency_us(i)`; times as they are on the server."""

    def __init__(self, latency_us=lambda i: 40_000, missing=lambda i: False) -> None:
        self.playout = Playout()
        self.frames: list[Frame] = []
        self.shown: list[tuple[int, float]] = []
        self._latency_us = latency_us
        self._missing = missing

    def run(self, seconds: float, start_us: int = 0) -> "list[tuple[int, float]]":
        """(now, moment shown) of each tick."""
        count = int(seconds * 1e6 / FRAME_US)
        arrivals = []
        latest_us = 0
        for i in range(count):
            t_us = start_us + i * FRAME_US
            latest_us = max(latest_us, t_us + self._latency_us(i))  # one connection: none overtakes another
            if not self._missing(i):
                arrivals.append((latest_us, t_us))
        for now_us in range(start_us, start_us + int(seconds * 1e6), TICK_US):
            while arrivals and arrivals[0][0] <= now_us:
                arrival_us, t_us = arrivals.pop(0)
                if self.frames:
                    self.playout.arrived(self.frames[-1].t_us, arrival_us)
                self.frames = [*self.frames, frame(t_us)][-16:]
            found = self.playout.sample(self.frames, now_us, now_us)
            if found is not None:
                self.shown.append((now_us, found.t_us))
        return self.shown

    def steps(self, after_s: float = 1.0) -> "list[float]":
        """How far the moment moved in each tick, in ticks."""
        late = [(now, moment) for now, moment in self.shown if now - self.shown[0][0] >= after_s * 1e6]
        return [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(late)]


def test_nothing_yet() -> None:
    assert Playout().sample([], 5, 5) is None


def test_one_frame_is_shown_at_once() -> None:
    only = frame(1000)
    assert Playout().sample([only], 2_000_000, 2_000_000) is only


def test_the_delay_is_one_frame_and_the_latency() -> None:
    show = Show()
    show.run(4)
    assert show.playout.delay_us == pytest.approx(40_000 + FRAME_US, abs=2)
    now_us, moment_us = show.shown[-1]
    assert now_us - moment_us == pytest.approx(show.playout.delay_us, abs=3000)


def test_motion_is_as_even_as_time() -> None:
    show = Show()
    show.run(4)
    assert all(0.99 < step < 1.01 for step in show.steps(2))


def test_what_is_shown_is_between_the_frames() -> None:
    show = Show()
    show.run(2)
    found = show.playout.sample(show.frames, show.shown[-1][0] + 5000, show.shown[-1][0] + 5000)
    assert found.poses[0].root[0] == pytest.approx(found.t_us / 1e6, abs=2e-6)


def test_jitter_neither_jumps_nor_runs_back() -> None:
    generator = random.Random(7)
    show = Show(lambda i: 30_000 + generator.randrange(40_000))
    show.run(10)
    steps = show.steps()
    assert min(steps) >= 0.9 - 1e-3
    assert max(steps) <= 1.1 + 1e-3
    ordered = sorted(now - moment for now, moment in show.shown)
    assert ordered[-1] <= MAX_DELAY_US


def test_the_delay_is_bounded() -> None:
    playout = Playout()
    for i in range(64):
        playout.arrived(i, i + 10_000_000)
    assert playout.delay_us == 250_000
    for i in range(64):
        playout.arrived(i + 10_000, i)
    assert playout.delay_us == 0


def test_the_delay_is_the_95th_percentile_of_the_last_64() -> None:
    playout = Playout()
    for need_us in [*range(1000, 65_000, 1000)]:
        playout.arrived(0, need_us)
    assert playout.delay_us == 61_000  # 3 of 64 are above
    for _ in range(64):
        playout.arrived(0, 7_000)
    assert playout.delay_us == 7_000
    for need_us in (9_000,) * 4 + (7_000,) * 60:
        playout.arrived(0, need_us)
    assert playout.delay_us == 9_000
    playout.arrived(0, 7_000)  # the first of the four is the 65th now
    assert playout.delay_us == 7_000


def test_where_nothing_comes_motion_holds_and_then_catches_up() -> None:
    show = Show(lambda i: 40_000 if i < 60 or i > 70 else 40_000 + (70 - i) * FRAME_US)
    show.run(6)
    newest = [moment for _, moment in show.shown]
    assert newest == sorted(newest)
    held = [step for step in show.steps() if step < 0.01]
    assert held
    assert max(show.steps()) <= 1.11
    now_us, moment_us = show.shown[-1]
    assert now_us - moment_us < 150_000


def test_it_never_passes_the_newest_frame() -> None:
    playout = Playout()
    frames = [frame(0), frame(FRAME_US)]
    for now_us in range(0, 3_000_000, TICK_US):
        assert playout.sample(frames, now_us, now_us).t_us <= FRAME_US
    assert playout.sample(frames, 3_000_000, 3_000_000) is frames[1]


def test_far_off_it_is_set_anew() -> None:
    playout = Playout()
    playout.sample([frame(0), frame(100_000)], 100_000, 100_000)
    later = [frame(5_000_000), frame(5_100_000)]
    assert playout.sample(later, 5_050_000, 5_050_000).t_us == 5_050_000


def test_it_comes_nearer_by_a_tenth_of_the_time() -> None:
    playout = Playout()
    frames = [frame(i * 100_000) for i in range(16)]
    playout.sample(frames, 500_000, 500_000)
    playout.delay_us = 300_000
    assert playout.sample(frames, 510_000, 510_000).t_us == 509_000
    playout.delay_us = 0
    # 1 ms behind: by 1/200 of the time, not by a tenth
    assert playout.sample(frames, 520_000, 520_000).t_us == 519_050


def test_a_long_step_doesnt_go_past_its_aim() -> None:
    playout = Playout()
    frames = [frame(i * 300_000) for i in range(16)]
    playout.sample(frames, 100_000, 100_000)
    playout.delay_us = 50_000
    assert playout.sample(frames, 3_100_000, 3_100_000).t_us == 3_050_000


@pytest.mark.parametrize("error_us", [40_000, -40_000])
def test_a_better_estimate_of_the_clock_is_no_jump(error_us: int) -> None:
    playout = Playout()
    frames = [frame(i * 100_000) for i in range(20)]
    shown = [
        playout.sample(frames, local_us + (0 if local_us < 500_000 else error_us), local_us).t_us
        for local_us in range(0, 1_500_000, 10_000)
    ]
    steps = [b - a for a, b in pairwise(shown)]
    assert 8_999 <= min(steps) <= max(steps) <= 11_001
    assert shown[-1] == pytest.approx(1_490_000 + error_us, abs=3_000)


def test_a_gap_isnt_bridged() -> None:
    playout = Playout()
    frames = [frame(0), frame(500_001)]
    assert playout.sample(frames, 250_000, 250_000) is frames[0]
    near = [frame(0), frame(500_000)]
    assert Playout().sample(near, 250_000, 250_000).t_us == 250_000


def test_before_the_oldest_frame_the_oldest_is_shown() -> None:
    frames = [frame(1_000_000), frame(1_033_333)]
    assert Playout().sample(frames, 900_000, 900_000) is frames[0]


def test_the_same_moment_is_the_same_object() -> None:
    playout = Playout()
    frames = [frame(0), frame(100_000)]
    found = playout.sample(frames, 50_000, 50_000)
    assert playout.sample(frames, 50_000, 50_000) is found
    assert playout.sample(frames, 60_000, 60_000) is not found


@given(
    st.lists(
        st.tuples(st.integers(1, 400_000), st.integers(0, 400_000), st.integers(0, 100_000)), min_size=1, max_size=60
    ),
    st.integers(0, 2**62),
)
def test_whatever_comes_time_never_runs_back_nor_ahead(events: "list[tuple[int, int, int]]", start_us: int) -> None:
    playout = Playout()
    frames: list[Frame] = []
    t_us = now_us = start_us
    moment_us = -1
    for step_us, latency_us, wait_us in events:
        t_us += step_us
        if frames:
            playout.arrived(frames[-1].t_us, t_us + latency_us)
        frames = [*frames, frame(t_us)][-16:]
        now_us = max(now_us + wait_us, t_us + latency_us)
        found = playout.sample(frames, now_us, now_us)
        assert frames[0].t_us <= found.t_us <= frames[-1].t_us
        assert found.t_us >= moment_us - 1
        assert 0 <= playout.delay_us <= MAX_DELAY_US
        moment_us = found.t_us
