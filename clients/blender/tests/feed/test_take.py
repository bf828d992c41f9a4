import pytest

from posewire.feed import take
from posewire.feed.clock import ClockSync
from posewire.feed.messages import Frame, Pose
from posewire.feed.take import TakeRecorder


def frame(t_us: int, people: int = 1, stream: str = "cam") -> Frame:
    return Frame(1, stream, t_us, t_us, t_us, (640, 480), tuple(Pose(i, 0.5) for i in range(people)))


def clock(offset_us: int) -> ClockSync:
    synced = ClockSync()
    synced.add(0, offset_us, offset_us, 0)
    return synced


def test_nothing_came() -> None:
    recorder = TakeRecorder("cam")
    done = recorder.finish(None, ())
    assert (done.frames, done.times_us, done.gaps, done.seconds) == ((), (), (), 0)
    assert recorder.progress == take.TakeProgress(0, 0, False)


def test_every_frame_of_its_stream_with_its_time_on_our_clock() -> None:
    recorder, synced = TakeRecorder("cam"), clock(1_000_000)
    frames = [frame(1_000_000 + t) for t in (0, 33_000, 70_000)]
    for each in frames:
        recorder.add(each, synced)
        recorder.add(frame(5, stream="other"), synced)
    done = recorder.finish(None, ("nose",))
    assert done.frames == tuple(frames)
    assert done.times_us == (0, 33_000, 70_000)
    assert (done.seconds, done.stream, done.landmarks, done.is_full) == (0.07, "cam", ("nose",), False)


def test_any_stream_is_that_of_the_first_frame() -> None:
    recorder, synced = TakeRecorder("*"), clock(0)
    recorder.add(frame(1, stream="b"), synced)
    recorder.add(frame(2, stream="a"), synced)
    recorder.drop("b", 3)
    recorder.drop("a", 9)
    done = recorder.finish(None, ())
    assert (done.stream, len(done.frames), done.dropped) == ("b", 1, 3)


def test_a_better_estimate_of_the_clock_moves_all_frames_alike() -> None:
    recorder, synced = TakeRecorder("cam"), ClockSync()
    synced.greet(2_000_000, 500_000)
    recorder.add(frame(2_000_000), synced)
    synced.add(0, 1_600_000, 1_600_000, 10)
    recorder.add(frame(2_033_333), synced)
    first, second = recorder.finish(None, ()).times_us
    assert second - first == 33_333
    assert first == 400_005


def test_a_server_started_anew_leaves_a_gap_on_one_clock() -> None:
    recorder, old, new = TakeRecorder("cam"), clock(900_000_000), clock(-2_000_000)
    for t_us in (900_000_000, 900_033_000):
        recorder.add(frame(t_us), old)
    recorder.lose("the server ended the connection")
    for t_us in (10_000, 43_000, 77_000):
        recorder.add(frame(t_us), new)
    assert recorder.progress == take.TakeProgress(5, 2.077, False)
    done = recorder.finish(None, ())
    assert done.times_us == (0, 33_000, 2_010_000, 2_043_000, 2_077_000)
    assert done.gaps == (take.Gap(33_000, 2_010_000, "the server ended the connection"),)


def test_time_goes_on_even_where_two_estimates_overlap() -> None:
    recorder = TakeRecorder("cam")
    recorder.add(frame(1_000), clock(0))
    recorder.lose("cut")
    second = clock(5_000)
    recorder.add(frame(1_500), second)
    recorder.add(frame(1_700), second)
    assert recorder.finish(None, ()).times_us == (1_000, 1_001, 1_201)


def test_a_connection_without_frames_leaves_no_trace_but_its_reason() -> None:
    recorder, synced = TakeRecorder("cam"), clock(0)
    recorder.lose("before anything")
    recorder.add(frame(1), synced)
    recorder.lose("one")
    recorder.lose("two")
    done = recorder.finish(None, ())
    assert (done.times_us, done.gaps) == ((1,), ())


@pytest.mark.parametrize("people", [0, 1, 3])
def test_full_it_takes_no_more_and_says_so(people: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take, "MAX_TAKE_POSES", 9)
    recorder, synced = TakeRecorder("cam"), clock(0)
    count = 9 // max(1, people)
    for t_us in range(count):
        recorder.add(frame(t_us, people), synced)
    assert recorder.progress.is_full is False
    recorder.add(frame(100, people), synced)
    recorder.add(frame(101, 0), synced)
    recorder.drop("cam", 5)
    assert recorder.progress.is_full is True
    done = recorder.finish(None, ())
    assert (len(done.frames), done.times_us[-1], done.is_full, done.dropped) == (count, count - 1, True, 0)
