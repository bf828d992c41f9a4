import threading
import time

import pytest

from streamer.clock import now_us
from streamer.errors import SourceAbsent
from streamer.source import open_sources, parse_source
from streamer.source.base import Image
from streamer.source.browser import MAX_AGE_US, NOBODY, Browser, Publication
from streamer.source.capture import CaptureOptions
from streamer.source.jpeg import decode
from tests.source.test_capture import Recorder
from tests.source.test_jpeg import jpeg


class Phone:
    """A publisher of a source: what it sent, and what it was answered."""

    def __init__(self, source: Browser) -> None:
        self.source = source
        self.answers: list[tuple[int, str | None]] = []
        assert source.claim()

    def send(self, t_us: int | None = None, data: bytes | None = None) -> bool:
        t_us = now_us() if t_us is None else t_us
        answer = lambda problem: self.answers.append((t_us, problem))  # noqa: E731
        return self.source.put(Publication(t_us, jpeg() if data is None else data, answer))


def test_the_command_line_names_it() -> None:
    assert isinstance(parse_source("browser", None)[1], Browser)  # type: ignore[arg-type]
    named = open_sources(["phone=browser", "browser", "browser"], None)  # type: ignore[arg-type]
    assert [one.id for one in named] == ["phone", "browser", "browser-2"]


def test_one_publisher_at_a_time() -> None:
    source = Browser()
    assert source.claim()
    assert not source.claim()
    source.release()
    assert source.claim()


def test_without_a_publisher_it_is_absent() -> None:
    source = Browser()
    assert source.open().width == 0
    with pytest.raises(SourceAbsent, match="open /camera in a browser"):
        source.read()


def test_a_picture_that_nobody_took_is_replaced_and_one_that_waits_ends_with_its_publisher() -> None:
    source = Browser()
    phone = Phone(source)
    assert phone.send(1)
    assert not phone.send(2)
    assert source.read() is not None
    assert [t_us for t_us, _ in phone.answers] == [2]
    phone.send(3)
    source.release()
    with pytest.raises(SourceAbsent):
        source.read()
    assert [t_us for t_us, _ in phone.answers] == [2]


def test_bad_pictures_are_answered_and_passed_over() -> None:
    source = Browser()
    phone = Phone(source)
    phone.send(1, b"no picture")
    reading = threading.Thread(target=source.read)
    reading.start()
    while len(phone.answers) < 1:
        assert reading.is_alive()
    phone.send(2)
    reading.join(10)
    assert phone.answers == [(1, "not a JPEG"), (2, None)]


@pytest.mark.parametrize(
    ("claimed_us", "age_us"), [(0, MAX_AGE_US), (2**64 - 1, 0), (None, None)], ids=["ancient", "future", "true"]
)
def test_capture_times_are_kept_within_what_can_be(claimed_us: int | None, age_us: int | None) -> None:
    source = Browser()
    sent_us = now_us() - 300_000
    Phone(source).send(sent_us if claimed_us is None else claimed_us)
    before_us = now_us()
    source.read()
    assert source.t_us is not None
    if age_us is None:
        assert source.t_us == sent_us
    else:
        assert before_us <= source.t_us + age_us <= now_us()


class TestCaptured:
    def test_it_is_lost_at_first_and_comes_goes_and_comes_again(self) -> None:
        source = Browser()
        with Recorder(source) as recorder:
            assert (recorder.info.width, recorder.info.height, recorder.info.fps) == (0, 0, 0)
            assert recorder.states[0][:2] == ("lost", NOBODY)
            for _ in range(2):
                phone = Phone(source)
                phone.send()
                recorder.wait_state("live")
                source.release()
                assert recorder.wait_state("lost")[0] == NOBODY
        assert [state for state, _, _ in recorder.states] == ["lost", "live", "lost", "live", "lost"]
        assert [frame.seq for frame in recorder.frames] == [1, 2]

    def test_silence_is_noticed_and_leaving_then_is_told_too(self) -> None:
        source = Browser()
        with Recorder(source) as recorder:
            phone = Phone(source)
            phone.send()
            recorder.wait_state("live")
            assert "no picture for 2.0 s" in recorder.wait_state("lost")[0]
            source.release()
            recorder.wait(lambda: recorder.states[-1][1] == NOBODY)
            assert [state for state, _, _ in recorder.states] == ["lost", "live", "lost", "lost"]

    def test_frames_have_the_publishers_times_strictly_increasing(self) -> None:
        source = Browser()
        with Recorder(source) as recorder:
            phone = Phone(source)
            start_us = now_us() - 500_000
            for count, t_us in enumerate((start_us, start_us + 40_000, start_us + 40_000, start_us), 1):
                phone.send(t_us)
                recorder.wait(lambda count=count: len(recorder.frames) == count)
        times = [frame.t_us - start_us for frame in recorder.frames]
        assert times == [0, 40_000, 40_001, 40_002]
        assert [frame.media_us - start_us for frame in recorder.frames] == times

    def test_a_phone_that_is_turned_brings_another_size(self) -> None:
        source = Browser()
        with Recorder(source, CaptureOptions(rotate=90)) as recorder:
            phone = Phone(source)
            for count, size in enumerate(((96, 64), (64, 96)), 1):
                phone.send(data=jpeg(*size))
                recorder.wait(lambda count=count: len(recorder.frames) == count)
                assert recorder.frames[-1].image.shape == (size[0], size[1], 3)


def test_pictures_that_are_dear_to_decode_take_a_quarter_of_the_time_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = decode(jpeg())

    def dear(data: bytes) -> Image:
        time.sleep(0.05)
        return picture

    monkeypatch.setattr("streamer.source.browser.decode", dear)
    source = Browser()
    phone = Phone(source)
    ends: list[float] = []
    for _ in range(4):
        phone.send()
        begun_s = time.monotonic()
        source.read()
        ends.append(time.monotonic() - begun_s)
    assert min(ends[1:]) >= 0.19  # three times 50 ms, and the 50 themselves
