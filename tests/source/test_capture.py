import threading
import time
from pathlib import Path

import numpy as np
import pytest

from streamer.errors import SourceError, SourceLost
from streamer.slot import Slot
from streamer.source.base import Frame, SourceInfo
from streamer.source.capture import Capture, CaptureOptions
from streamer.source.network import NetworkStream
from streamer.source.rhythm import RECENT
from streamer.source.video import Video
from tests.harness import write_clip
from tests.mjpeg import MjpegServer


def numbered(count: int, height: int = 64, width: int = 64) -> list[np.ndarray]:
    """Pictures that carry their number as a grey level, ten apart so that compression can't blur it."""
    return [np.full((height, width, 3), 10 * index + 5, np.uint8) for index in range(count)]


def number_of(frame: Frame) -> int:
    return int(frame.image.mean()) // 10


class Recorder:
    """A consumer of a capture: collects frames and states, with the time each came."""

    def __init__(self, source, options: CaptureOptions = CaptureOptions()) -> None:  # noqa: B008
        self.slot: Slot[Frame] = Slot()
        self.states: list[tuple[str, str, float]] = []
        self.frames: list[Frame] = []
        self.news = threading.Condition()
        self.capture = Capture(source, self.slot, options, self._on_state)

    def __enter__(self) -> "Recorder":
        self.info = self.capture.start()
        self._thread = threading.Thread(target=self._collect)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.capture.stop(3)
        self._thread.join(3)
        assert not any(thread.is_alive() for thread in self.capture._threads)

    def _collect(self) -> None:
        while (frame := self.slot.take(None)) is not None:
            with self.news:
                self.frames.append(frame)
                self.news.notify_all()

    def _on_state(self, state: str, detail: str) -> None:
        with self.news:
            self.states.append((state, detail, time.monotonic()))
            self.news.notify_all()

    def wait(self, condition, timeout_s: float = 10) -> None:
        until = time.monotonic() + timeout_s
        with self.news:
            while not condition():
                assert time.monotonic() < until, (len(self.frames), self.states)
                self.news.wait(0.02)

    def wait_state(self, state: str) -> tuple[str, float]:
        self.wait(lambda: self.states and self.states[-1][0] == state)
        return self.states[-1][1:]


class TestFiles:
    def test_realtime_keeps_the_files_pace(self, tmp_path: Path) -> None:
        source = Video(write_clip(tmp_path / "clip.avi", numbered(20), fps=20))
        start = time.monotonic()
        with Recorder(source, CaptureOptions(loop=False)) as recorder:
            recorder.wait_state("ended")
        elapsed = time.monotonic() - start
        assert 0.9 < elapsed < 3
        assert len(recorder.frames) >= 15
        steps = np.diff([frame.t_us for frame in recorder.frames])
        assert 45_000 < np.median(steps) < 55_000
        assert all(frame.media_us == frame.t_us for frame in recorder.frames)

    def test_late_frames_are_dropped_as_a_camera_would(self, tmp_path: Path) -> None:
        class Slow(Video):
            def read(self):
                time.sleep(0.06)
                return super().read()

        source = Slow(write_clip(tmp_path / "clip.avi", numbered(25), fps=50))
        with Recorder(source, CaptureOptions(loop=False)) as recorder:
            recorder.wait_state("ended")
        shown = [number_of(frame) for frame in recorder.frames]
        assert shown == sorted(set(shown))
        assert 4 <= len(shown) <= 14
        age = time.monotonic_ns() // 1000 - recorder.frames[-1].t_us
        assert age < 2_000_000

    def test_max_loses_no_frame_and_keeps_the_files_time(self, tmp_path: Path) -> None:
        source = Video(write_clip(tmp_path / "clip.avi", numbered(20), fps=25))
        with Recorder(source, CaptureOptions(loop=False, pace="max")) as recorder:
            recorder.wait_state("ended")
            recorder.wait(lambda: len(recorder.frames) == 20)
        assert [number_of(frame) for frame in recorder.frames] == list(range(20))
        assert np.diff([frame.media_us for frame in recorder.frames]).tolist() == [40_000] * 19
        assert [frame.seq for frame in recorder.frames] == list(range(1, 21))

    @pytest.mark.parametrize("pace", ["realtime", "max"])
    def test_loop_starts_over_and_time_goes_on(self, tmp_path: Path, pace: str) -> None:
        source = Video(write_clip(tmp_path / "clip.avi", numbered(5), fps=50))
        with Recorder(source, CaptureOptions(pace=pace)) as recorder:
            recorder.wait(lambda: len(recorder.frames) >= 17)
        assert recorder.states == []
        assert (np.diff([frame.media_us for frame in recorder.frames]) > 0).all()
        assert {number_of(frame) for frame in recorder.frames[-8:]} == set(range(5))

    def test_a_file_that_vanishes_between_two_rounds_ends_the_stream(self, tmp_path: Path) -> None:
        clip = write_clip(tmp_path / "clip.avi", numbered(5), fps=20)
        with Recorder(Video(clip)) as recorder:
            clip.unlink()
            detail, _ = recorder.wait_state("ended")
        assert "no file" in detail

    def test_rotate_then_mirror(self, tmp_path: Path) -> None:
        picture = np.zeros((64, 96, 3), np.uint8)
        picture[:32, :48] = 255  # white in the top left quarter
        clip = write_clip(tmp_path / "corner.avi", [picture] * 3)
        corners = {}
        for rotate in (0, 90, 180, 270):
            for mirror in (False, True):
                with Recorder(Video(clip), CaptureOptions(rotate=rotate, mirror=mirror)) as recorder:
                    recorder.wait(lambda recorder=recorder: recorder.frames)
                image = recorder.frames[0].image
                assert image.flags.c_contiguous
                assert (recorder.info.width, recorder.info.height) == ((96, 64) if rotate % 180 == 0 else (64, 96))
                assert image.shape == (recorder.info.height, recorder.info.width, 3)
                top, left = image[10, :, 0].max() > 128, image[:, 10, 0].max() > 128
                corners[rotate, mirror] = ("top" if top else "bottom") + ("left" if left else "right")
        assert corners == {
            (0, False): "topleft",
            (0, True): "topright",
            (90, False): "topright",
            (90, True): "topleft",
            (180, False): "bottomright",
            (180, True): "bottomleft",
            (270, False): "bottomleft",
            (270, True): "bottomright",
        }


class TestLive:
    def test_only_the_latest_picture_waits(self) -> None:
        with MjpegServer(numbered(20), fps=50) as camera:
            slot: Slot[Frame] = Slot()
            capture = Capture(NetworkStream(camera.url), slot, CaptureOptions(), lambda *_: None)
            capture.start()
            try:
                ages = []
                for _ in range(5):
                    time.sleep(0.3)  # a consumer far slower than the camera
                    frame = slot.take()
                    ages.append(time.monotonic_ns() // 1000 - frame.t_us)
                assert slot.replaced > 20
                assert np.median(ages) < 60_000
            finally:
                capture.stop(3)

    def test_a_server_that_goes_is_noticed_and_comes_back(self) -> None:
        with MjpegServer(numbered(5), fps=30) as camera, Recorder(NetworkStream(camera.url)) as recorder:
            recorder.wait(lambda: len(recorder.frames) > 5)
            gone = time.monotonic()
            camera.gone()
            detail, when = recorder.wait_state("lost")
            assert when - gone < 2
            assert detail
            time.sleep(0.5)
            back = time.monotonic()
            camera.back()
            _, when = recorder.wait_state("live")
            assert when - back < 3
            count = len(recorder.frames)
            recorder.wait(lambda: len(recorder.frames) > count + 5)

    def test_a_stall_is_noticed_and_overcome(self) -> None:
        with MjpegServer(numbered(5), fps=30) as camera, Recorder(NetworkStream(camera.url)) as recorder:
            recorder.wait(lambda: len(recorder.frames) > RECENT + 2)
            stalled = time.monotonic()
            camera.stall()
            detail, when = recorder.wait_state("lost")
            assert detail == "stalled: no picture for 0.8 s"
            assert when - stalled < 2
            camera.flow()
            recorder.wait_state("live")

    def test_a_slow_camera_is_not_lost_between_its_pictures(self) -> None:
        with MjpegServer(numbered(5, 480, 640), fps=1) as camera, Recorder(NetworkStream(camera.url)) as recorder:
            recorder.wait(lambda: len(recorder.frames) > 4)
            assert recorder.states == []

    def test_garbage_is_passed_over_and_then_lost(self) -> None:
        with MjpegServer(numbered(5), fps=30) as camera, Recorder(NetworkStream(camera.url)) as recorder:
            recorder.wait(lambda: len(recorder.frames) > RECENT + 2)
            camera.garbage()
            recorder.wait_state("lost")
            camera.show(numbered(5))
            recorder.wait_state("live")

    def test_a_size_change_in_mid_stream_is_scaled_to_the_size_of_before(self) -> None:
        """FFmpeg inside OpenCV scales to the size that the stream had when it was opened."""
        with MjpegServer(numbered(5), fps=30) as camera, Recorder(NetworkStream(camera.url)) as recorder:
            recorder.wait(lambda: len(recorder.frames) > 5)
            camera.show([np.full((96, 128, 3), 250, np.uint8)])
            recorder.wait(lambda: recorder.frames[-1].image.mean() > 200)
            assert recorder.frames[-1].image.shape == (64, 64, 3)
            assert recorder.states == []


class Script:
    """A live source that does what a test says, where no real one can be made to (a hanging driver, a fault)."""

    live = True
    label = "script"
    t_us: int | None = None

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.size = (64, 64)
        self.released = threading.Event()
        self.released.set()
        self.opened = 0

    def open(self) -> SourceInfo:
        self.opened += 1
        return SourceInfo(64, 64, 50)

    def read(self) -> np.ndarray:
        time.sleep(0.01)
        self.released.wait(20)
        if self.fault is not None:
            raise self.fault
        return np.zeros((*self.size, 3), np.uint8)

    def skip(self) -> bool:
        return True

    def close(self) -> None:
        pass


class TestFaults:
    def test_a_read_that_hangs_in_native_code_is_noticed(self) -> None:
        source = Script()
        with Recorder(source) as recorder:
            recorder.wait(lambda: len(recorder.frames) > RECENT + 2)
            hung = time.monotonic()
            source.released.clear()
            detail, when = recorder.wait_state("lost")
            assert when - hung < 2
            assert "stalled" in detail
            source.released.set()
            recorder.wait_state("live")

    def test_stop_does_not_wait_for_a_hanging_read(self) -> None:
        source = Script()
        slot: Slot[Frame] = Slot()
        capture = Capture(source, slot, CaptureOptions(), lambda *_: None)
        capture.start()
        source.released.clear()
        time.sleep(0.05)
        start = time.monotonic()
        capture.stop(0.3)
        assert time.monotonic() - start < 1
        source.released.set()

    @pytest.mark.parametrize("fault", [SourceLost("unplugged"), RuntimeError("driver bug")])
    def test_faults_are_reported_and_retried(self, fault: Exception) -> None:
        source = Script()
        with Recorder(source) as recorder:
            recorder.wait(lambda: len(recorder.frames) > 3)
            source.fault = fault
            detail, _ = recorder.wait_state("lost")
            assert str(fault) in detail
            recorder.wait(lambda: source.opened > 2)
            source.fault = None
            recorder.wait_state("live")

    def test_a_picture_below_the_limit_counts_as_lost(self) -> None:
        source = Script()
        with Recorder(source) as recorder:
            recorder.wait(lambda: len(recorder.frames) > 3)
            source.size = (16, 16)
            detail, _ = recorder.wait_state("lost")
            assert "16x16" in detail
            source.size = (80, 96)
            recorder.wait_state("live")
            recorder.wait(lambda: recorder.frames[-1].image.shape == (80, 96, 3))

    def test_start_leaves_nothing_behind_where_it_fails(self) -> None:
        source = Script()
        source.fault = SourceLost("no picture")
        before = threading.active_count()
        with pytest.raises(SourceError, match="script: no picture"):
            Capture(source, Slot(), CaptureOptions(), lambda *_: None).start()
        assert threading.active_count() == before


def test_a_frame_tells_whether_it_was_mirrored_when_that_changes_under_way(tmp_path: Path) -> None:
    """The picture is dark on the left; each frame has to say truly on which side that is now."""
    picture = np.full((48, 64, 3), 200, np.uint8)
    picture[:, :32] = 20
    with Recorder(Video(write_clip(tmp_path / "half.avi", [picture] * 10))) as recorder:
        for mirror in (True, False):
            recorder.wait(lambda: len(recorder.frames) > 3)
            recorder.capture.set_mirror(mirror)
            recorder.wait(lambda wanted=mirror: recorder.frames[-1].mirrored == wanted)
        for frame in recorder.frames:
            assert (frame.image[:, :32].mean() > frame.image[:, 32:].mean()) == frame.mirrored
        assert {frame.mirrored for frame in recorder.frames} == {True, False}


class TestCondition:
    """What ails a live source: gone or frozen. `/healthz` tells them apart."""

    def test_a_camera_that_goes_and_comes_back(self) -> None:
        with MjpegServer(numbered(20), fps=50) as camera, Recorder(NetworkStream(camera.url)) as recorder:
            assert recorder.capture.condition == "live"
            camera.gone()
            recorder.wait_state("lost")
            recorder.wait(lambda: recorder.capture.condition == "gone")
            camera.back()
            recorder.wait_state("live")
            assert recorder.capture.condition == "live"

    def test_a_camera_that_stands_still_and_then_goes(self) -> None:
        with MjpegServer(numbered(20), fps=50) as camera, Recorder(NetworkStream(camera.url)) as recorder:
            camera.stall()
            recorder.wait_state("lost")
            assert recorder.capture.condition == "frozen"
            recorder.wait(lambda: time.monotonic() - recorder.states[-1][2] > 3)  # reopened in vain, but not refused
            assert recorder.capture.condition == "frozen"
            camera.gone()
            recorder.wait(lambda: recorder.capture.condition == "gone")
            assert [state for state, _, _ in recorder.states] == ["lost"]

    def test_a_read_that_hangs_and_fails_at_last(self) -> None:
        hanging, going_on, over = threading.Event(), threading.Event(), threading.Event()

        class Hanging:
            label, live, t_us = "hanging", True, None

            def open(self) -> SourceInfo:
                if going_on.is_set():  # the read's failure alone has to tell, before this does
                    over.wait(20)
                    raise SourceError("nothing there")
                return SourceInfo(64, 64, 30.0)

            def read(self):
                if hanging.is_set():
                    going_on.wait(20)
                    raise SourceLost("the camera gives no picture")
                time.sleep(0.01)
                return numbered(1)[0]

            def skip(self) -> bool:
                return True

            def close(self) -> None:
                pass

        with Recorder(Hanging()) as recorder:
            recorder.wait(lambda: len(recorder.frames) > RECENT + 2)
            hanging.set()
            recorder.wait_state("lost")
            assert recorder.capture.condition == "frozen"
            silent_us = time.monotonic_ns() // 1000 - recorder.capture.picture_us
            assert silent_us > 700_000
            going_on.set()
            try:
                recorder.wait(lambda: recorder.capture.condition == "gone")
            finally:
                over.set()

    def test_what_is_counted(self, tmp_path: Path) -> None:
        class Slow(Video):
            def read(self):
                time.sleep(0.06)
                return super().read()

        source = Slow(write_clip(tmp_path / "clip.avi", numbered(25), fps=50))
        with Recorder(source, CaptureOptions(loop=False)) as recorder:
            recorder.wait_state("ended")
        capture = recorder.capture
        assert capture.condition == "ended"
        assert capture.skipped > 0
        assert capture.captured + capture.skipped == 25
        assert capture.captured == recorder.frames[-1].seq
