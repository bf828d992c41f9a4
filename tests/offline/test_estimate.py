import subprocess
from pathlib import Path

import numpy as np
import pytest

from streamer.engine.base import Detection
from streamer.errors import EngineError, SourceError
from streamer.offline.estimate import Wish, estimate
from streamer.settings import Settings, Smoothing
from streamer.source.base import Image
from streamer.take.refilter import Choice
from tests.harness import DEMO_CLIP, write_clip
from tests.takes import make_take

TRACK = make_take().tracks[1]
GREY = np.full((72, 128, 3), 100, np.uint8)


class Walker:
    """An engine that sees somebody walk, whatever the picture; and that notes what it is asked."""

    name, model = "walker", "full"

    def __init__(self, smoothed: bool, fails_at: int = -1) -> None:
        self.smoothed = smoothed
        self.times: list[int] = []
        self.closed = False
        self._fails_at = fails_at

    def estimate(self, image: Image, media_us: int) -> list[Detection]:
        frame = len(self.times)
        if frame == self._fails_at:
            raise EngineError("it broke")
        self.times.append(media_us)
        noise = np.random.default_rng(frame).normal(size=(33, 4)).astype(np.float32) * [0.01, 0.01, 0.01, 0]
        return [Detection(TRACK.image[frame], TRACK.world[frame] + noise.astype(np.float32), 0.9)]

    def close(self) -> None:
        self.closed = True


class Makers:
    """stubborn: engines smooth one person whatever they are asked for."""

    def __init__(self, fails_at: int = -1, stubborn: bool = False) -> None:
        self.made: list[tuple[Settings, Walker]] = []
        self._fails_at, self._stubborn = fails_at, stubborn

    def make(self, settings: Settings) -> Walker:
        smooths = self._stubborn and settings.people == 1
        self.made.append((settings, Walker(smooths or settings.smoothing == Smoothing(), self._fails_at)))
        return self.made[-1][1]


def clip(tmp_path: Path, frames: int = 20, fps: float = 25) -> Path:
    return write_clip(tmp_path / "walk.avi", [GREY] * frames, fps)


def look(path: Path, choice: Choice = "offline", makers: Makers | None = None) -> tuple:
    makers = makers or Makers()
    shown: list[tuple[int, int]] = []
    take = estimate(path, makers, Wish(Settings("heavy", 2), choice), lambda *told: shown.append(told))
    [(settings, engine)] = makers.made
    return take, settings, engine, shown


def test_every_frame_is_taken_at_the_time_of_the_file(tmp_path: Path) -> None:
    take, settings, engine, shown = look(clip(tmp_path))
    assert (take.stream, take.size, take.fps) == ("walk", (128, 72), 25.0)
    assert take.t_us.tolist() == [40_000 * frame for frame in range(20)] == engine.times
    assert shown == [(frame + 1, 20) for frame in range(20)]
    assert engine.closed
    assert (settings.model, settings.people) == ("heavy", 2)
    track = take.tracks[1]
    assert track.t_us.tolist() == take.t_us.tolist()
    assert (track.image_raw == TRACK.image[:20]).all()
    for name in ("bones", "root", "rest", "floor", "contact", "angles"):
        assert len(getattr(track, name)) == 20


def test_raw_landmarks_are_asked_for_and_smoothed_here(tmp_path: Path) -> None:
    take, settings, _, _ = look(clip(tmp_path))
    assert settings.smoothing == Smoothing("none")
    track = take.tracks[1]
    tremble = [np.diff(values[..., :3], 2, axis=0).std() for values in (track.world, track.world_raw)]
    assert tremble[0] < 0.3 * tremble[1]


def test_an_engine_that_smooths_one_person_by_itself_is_asked_for_two(tmp_path: Path) -> None:
    makers = Makers(stubborn=True)
    take = estimate(clip(tmp_path), makers, Wish(Settings("full", 1)), lambda done, total: None)
    assert [settings.people for settings, _ in makers.made] == [1, 2]
    assert all(engine.closed for _, engine in makers.made)
    assert len(take.tracks[1].t_us) == 20


def test_live_is_what_a_stream_would_have_given(tmp_path: Path) -> None:
    take, settings, _, _ = look(clip(tmp_path), "live")
    assert settings.smoothing == Smoothing()
    track = take.tracks[1]
    assert (track.world == track.world_raw).all()  # this engine said that it has smoothed
    assert track.bones is not None
    assert track.angles is not None


def test_none_is_raw(tmp_path: Path) -> None:
    track = look(clip(tmp_path), Smoothing("none"))[0].tracks[1]
    assert (track.world == track.world_raw).all()


def test_twice_is_the_same_twice(tmp_path: Path) -> None:
    path = clip(tmp_path)
    one, other = look(path)[0].tracks[1], look(path)[0].tracks[1]
    assert (one.bones == other.bones).all()
    assert (one.world == other.world).all()


def test_a_cut_file_ends_where_it_was_cut(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, 72, 128, 3), np.uint8)
    path = write_clip(tmp_path / "cut.avi", list(noise))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    take = look(path)[0]
    assert 5 <= len(take.t_us) < 20


@pytest.mark.parametrize("content", [b"", b"RIFF nonsense"])
def test_what_is_no_video_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.avi"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"^video no\.avi: "):
        look(path)


def test_an_engine_that_fails_is_closed(tmp_path: Path) -> None:
    makers = Makers(fails_at=3)
    with pytest.raises(EngineError, match="it broke"):
        look(clip(tmp_path), makers=makers)
    assert makers.made[0][1].closed


def test_ctrl_c_closes_too(tmp_path: Path) -> None:
    makers = Makers()

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        estimate(clip(tmp_path), makers, Wish(Settings()), interrupt)
    assert makers.made[0][1].closed


@pytest.mark.ffmpeg
def test_a_variable_rate_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "uneven.mp4"
    choose = "select='lt(n,10)+not(mod(n,3))*lt(n,40)'"
    command = ["ffmpeg", "-v", "error", "-i", str(DEMO_CLIP), "-vf", choose, "-fps_mode", "vfr", "-an", str(path)]
    subprocess.run(command, check=True)
    take = look(path)[0]
    taken = [*range(10), *range(12, 40, 3)]
    assert np.abs(take.t_us - np.array(taken) * 1e6 / 60).max() < 1000
