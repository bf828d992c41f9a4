"""Without waiting for time where that can be: at pace max, time goes as the frames go."""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

import pytest

from protocol import Frame, Status, encode
from protocol.messages import State
from streamer.body import Person
from streamer.clock import now_us
from streamer.errors import RecordingError
from streamer.recording.reader import Recorded, Recording
from streamer.recording.writer import RecordingWriter
from streamer.replay import player as player_module
from streamer.replay.player import ENDED, PAUSED, Change, Player
from tests.recording.made import CAM, SIDE, STEP_US, T0_US, frame, frames, pose, recording


class Sink:
    """Keeps what it gets; takes the next only when told to, unless `free`."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, list[Person]]] = []
        self.pictures: list[tuple[int, Recorded]] = []
        self.idle = self.watched = True
        self.came = threading.Condition()

    def frame(self, t_us: int, size: tuple[int, int], people: list[Person]) -> None:
        with self.came:
            self.frames.append((t_us, people))
            self.came.notify_all()

    def picture(self, t_us: int, picture: Recorded) -> None:
        with self.came:
            self.pictures.append((t_us, picture))
            self.came.notify_all()

    def wait(self, count: int) -> list[int]:
        """Their times, once there are so many frames."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.frames) >= count, 10), f"{len(self.frames)} of {count} frames"
            return [t_us for t_us, _ in self.frames]


class Replayed:
    def __init__(self, messages: Sequence[Frame | Status], finish: bool, options: dict) -> None:
        self.sinks = {"cam": Sink(), "side": Sink()} if any(m.stream == "side" for m in messages) else {"cam": Sink()}
        self.cam = self.sinks["cam"]
        self.states: list[tuple[State, str]] = []
        self.told = threading.Condition()
        opened = Recording(BytesIO(recording(messages, (CAM, SIDE), finish)), "take.mcap")
        self.player = Player(opened, "take", self.sinks, self._tell, **options)

    def _tell(self) -> None:
        with self.told:
            self.states.append(self.player.state)
            self.told.notify_all()

    def wait(self, state: State) -> str:
        with self.told:
            assert self.told.wait_for(lambda: bool(self.states) and self.states[-1][0] == state, 10), self.states
            return self.states[-1][1]


@contextmanager
def replayed(
    messages: Sequence[Frame | Status], finish: bool = True, begin: bool = True, **options: object
) -> Iterator[Replayed]:
    made = Replayed(messages, finish, {"pace": "max", "loop": False, **options})
    if begin:
        made.player.start()
    try:
        yield made
    finally:
        made.player.stop()
        assert made.player.join(10)


def intervals(times: Sequence[int]) -> list[int]:
    return [after - before for before, after in itertools.pairwise(times)]


UNEVEN = [frame(n, pose(seed=n), t_us=T0_US + n * 20_000 + n * n * 37) for n in range(1, 31)]


@pytest.mark.parametrize("finish", [True, False])
def test_every_frame_once_with_its_intervals(finish: bool) -> None:
    with replayed(UNEVEN, finish) as made:
        times = made.cam.wait(30)
        assert made.wait("ended") == ENDED
        assert intervals(times) == intervals([sent.t_us for sent in UNEVEN])
        people = [found for _, [found] in made.cam.frames]
        assert [list(one.detection.image.ravel()) for one in people] == [
            list(sent.poses[0].image.ravel()) for sent in UNEVEN
        ]


def test_the_next_round_comes_one_interval_later() -> None:
    with replayed(frames(5), loop=True) as made:
        times = made.cam.wait(14)[:14]
        assert intervals(times) == [STEP_US] * 13


def test_no_frame_goes_out_before_the_last_was_taken_or_while_nobody_watches() -> None:
    with replayed(frames(5), begin=False) as made:
        made.cam.watched = False
        made.player.start()
        time.sleep(0.05)
        assert not made.cam.frames
        made.cam.idle, made.cam.watched = False, True
        time.sleep(0.05)
        assert not made.cam.frames
        made.cam.idle = True
        made.cam.wait(5)


def test_in_real_time_none_is_early_and_they_rise_on_the_servers_clock() -> None:
    arrivals: list[int] = []
    with replayed(frames(8), begin=False, pace="realtime", speed=2.0) as made:
        keep = made.cam.frame
        made.cam.frame = lambda t_us, size, people: (arrivals.append(now_us()), keep(t_us, size, people))[1]
        begun_us = now_us()
        made.player.start()
        times = made.cam.wait(8)
        assert made.wait("ended") == ENDED
    assert all(came >= t_us >= begun_us - 10_000_000 for came, t_us in zip(arrivals, times, strict=True))
    assert all(abs(step - STEP_US / 2) <= 1 for step in intervals(times))


def test_while_it_is_paused_nothing_comes_but_what_is_where_one_goes() -> None:
    with replayed(frames(30)) as made:
        made.wait("ended")
        made.player.change(Change(paused=True, position_s=10 * STEP_US / 1e6 - 0.001))
        times = made.cam.wait(31)
        assert made.wait("live") == PAUSED
        time.sleep(0.05)
        assert len(made.cam.frames) == 31
        assert times[-1] > times[-2]
        assert list(made.cam.frames[-1][1][0].detection.world.ravel()) == list(frames(30)[10].poses[0].world.ravel())
        standing = made.player.standing()
        assert (standing.position_s, standing.paused, standing.ended) == (10 * STEP_US / 1e6, True, False)
        made.player.change(Change(paused=False))
        times = made.cam.wait(50)
        assert intervals(times[31:]) == [STEP_US] * 18
        assert made.wait("ended") == ENDED
    assert times == sorted(set(times))


def test_while_it_is_paused_the_picture_comes_whether_it_is_before_its_frame_or_after_it() -> None:
    output = BytesIO()
    writer = RecordingWriter(output)
    for one in frames(10):
        if one.seq % 2:
            writer.picture("cam", one.t_us, b"jpeg")
        writer.frame("cam", one.seq, one.t_us, encode(one))
        if not one.seq % 2:
            writer.picture("cam", one.t_us, b"jpeg")
    writer.finish()
    sink, states = Sink(), []
    player = Player(Recording(output, "take.mcap"), "take", {"cam": sink}, lambda: states.append(1), pace="max")
    player.change(Change(paused=True))
    player.start()
    try:
        for count, number in enumerate((0, 5, 6, 1, 8), start=1):
            if count > 1:
                player.change(Change(position_s=(number * STEP_US - 1000) / 1e6))
            times = sink.wait(count)
            with sink.came:
                assert sink.came.wait_for(lambda wanted=count: len(sink.pictures) == wanted, 10)
            assert sink.pictures[-1][0] == times[-1]
            assert player.standing().position_s == number * STEP_US / 1e6
    finally:
        player.stop()
        assert player.join(10)


def test_while_it_is_paused_streams_of_other_rates_are_all_seen_where_one_goes() -> None:
    slow = [frame(n, pose(seed=n), stream="side", t_us=T0_US + n * 2 * STEP_US + 500) for n in range(1, 11)]
    with replayed([*frames(20), *slow], pace="realtime") as made:
        made.wait("ended")
        for number in range(10):
            count = len(made.sinks["side"].frames)
            made.player.change(Change(paused=True, position_s=number * STEP_US / 1e6))
            made.sinks["side"].wait(count + 1)
            position_us = made.player.standing().position_s * 1e6 - number * STEP_US
            assert 0 <= position_us <= 2 * STEP_US + 500
            seen = len(made.cam.frames), len(made.sinks["side"].frames)
            time.sleep(0.05)
            assert (len(made.cam.frames), len(made.sinks["side"].frames)) == seen


def test_while_it_is_paused_the_end_is_a_place_like_any_other() -> None:
    with replayed(frames(5)) as made:
        made.wait("ended")
        made.player.change(Change(paused=True, position_s=4 * STEP_US / 1e6))
        made.cam.wait(6)
        time.sleep(0.05)
        assert made.player.state == ("live", PAUSED)
        made.player.change(Change(paused=False))
        assert made.wait("ended") == ENDED
        assert len(made.cam.frames) == 6


def test_after_going_back_the_times_go_on_rising() -> None:
    with replayed(frames(20)) as made:
        made.wait("ended")
        assert made.player.standing().position_s == 19 * STEP_US / 1e6
        made.player.change(Change(position_s=0.0))
        times = made.cam.wait(40)
        assert intervals(times) == [STEP_US] * 39
        made.wait("ended")
        made.player.change(Change(loop=True))
        made.cam.wait(70)


def test_it_begins_where_it_is_told_to_and_the_next_round_at_the_beginning() -> None:
    with replayed(frames(10), start_s=8.5 * STEP_US / 1e6, loop=True) as made:
        made.cam.wait(4)
        shown = [people[0].detection.score for _, people in made.cam.frames]
        assert shown[0] == 0.5
        images = [list(people[0].detection.image[0]) for _, people in made.cam.frames[:3]]
        assert images == [list(frames(10)[n].poses[0].image[0]) for n in (9, 0, 1)]
    with pytest.raises(RecordingError, match=r"take can't start at 9 s; it has 0\.299997 s"):
        replayed(frames(10), start_s=9.0).__enter__()


def test_streams_of_one_recording_keep_step() -> None:
    both = [
        *frames(20),
        *(frame(n, pose(seed=n), stream="side", t_us=T0_US + n * STEP_US + 10_000) for n in range(1, 21)),
    ]
    with replayed(both) as made:
        cam, side = made.cam.wait(20), made.sinks["side"].wait(20)
        assert [there - here for here, there in zip(cam, side, strict=True)] == [10_000] * 20


def test_what_else_is_in_the_file_takes_no_time() -> None:
    """A status of long before: of a stream that had stood still for an hour when the recording began."""
    messages = [Status("cam", "lost", "", 7), *frames(3), Status("cam", "ended", "", T0_US + 3600_000_000)]
    with replayed(messages) as made:
        made.cam.wait(3)
        assert made.player.standing().duration_s == 2 * STEP_US / 1e6


def test_a_recording_without_frames_is_refused() -> None:
    with pytest.raises(RecordingError, match="take: not one frame in it"):
        replayed([Status("cam", "lost", "", 7)]).__enter__()


def test_a_damaged_end_is_found_before_anything_is_played() -> None:
    data = bytearray(recording(frames(40)))
    opened = Recording(BytesIO(bytes(data)), "take.mcap")
    piece = opened._pieces[-1]
    data[piece.offset + piece.length - 20] ^= 0xFF
    with pytest.raises(RecordingError, match=r"take\.mcap is damaged: .*; posewire recover mends it"):
        Player(Recording(BytesIO(bytes(data)), "take.mcap"), "take", {"cam": Sink()}, lambda: None)


def test_one_of_another_skeleton_ends_at_the_frame_that_shows_it() -> None:
    odd = frame(4, *[one for one in [pose()] for one in [type(one)(1, 0.5, image=one.image[:5], world=one.world[:5])]])
    with replayed([*frames(3), odd, *frames(8)[5:]], loop=True) as made:
        made.cam.wait(3)
        assert made.wait("ended") == f"stream cam, {odd.t_us} us: image of a person is 5x4; 33x4 is needed"
        made.player.change(Change(position_s=0.0))
        made.cam.wait(6)


def test_held_up_for_long_it_goes_on_later_instead_of_hurrying(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(player_module, "MAX_LATE_US", 100_000)
    with replayed(frames(10), begin=False, pace="realtime") as made:
        keep = made.cam.frame

        def slow_once(t_us: int, size: tuple[int, int], people: list[Person]) -> None:
            if len(made.cam.frames) == 3:
                time.sleep(0.25)
            keep(t_us, size, people)

        made.cam.frame = slow_once
        made.player.start()
        times = made.cam.wait(10)
    steps = intervals(times)
    assert steps[3] > 3 * STEP_US
    assert steps[:3] + steps[4:] == [STEP_US] * 8
    assert "take: held up for" in caplog.text
