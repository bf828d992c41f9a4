import numpy as np
import pytest

from streamer.engine.base import Detection
from streamer.errors import UsageError
from streamer.filter import Smoother
from streamer.settings import Smoothing, parse_smoothing
from streamer.solver import Solver
from streamer.take.refilter import CHOICES, Choice, parse_choice, refilter
from streamer.take.take import Take
from tests.take.test_smooth import ASPECT, rms, trembling
from tests.takes import make_take

FOV_DEG = 65.0


def take() -> Take:
    made = make_take()
    made.tracks[1] = trembling(made.tracks[1])
    return made


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("none", Smoothing("none")),
        ("live", "live"),
        ("offline", "offline"),
        ("one-euro", Smoothing()),
        ("one-euro:beta=8", Smoothing("one-euro", (("beta", 8.0),))),
        ("kalman", Smoothing("kalman")),
        ("moving-average:window_s=0.2", Smoothing("moving-average", (("window_s", 0.2),))),
    ],
)
def test_what_a_filter_is_called(text: str, choice: Choice) -> None:
    assert parse_choice(text) == choice


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", f"--filter is ''; one of {', '.join(CHOICES)}"),
        ("median", f"--filter is 'median'; one of {', '.join(CHOICES)}"),
        ("offline:beta=1", "--filter offline has no parameters"),
        ("live:", "--filter live has no parameters"),
        ("kalman:beta=1", "--filter: kalman's parameters: no 'beta'; acceleration, noise"),
        ("kalman:noise=x", "--filter: noise is 'x'; it has to be a number"),
        ("one-euro:beta=1000", "--filter: beta is 1000.0; a number from 0 to 200"),
    ],
)
def test_mistakes_are_told(text: str, error: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_choice(text)
    assert str(caught.value) == error


def test_live_is_as_it_was_recorded() -> None:
    recorded = take()
    assert refilter(recorded, "live", FOV_DEG) is recorded


def test_none_is_raw() -> None:
    recorded = take()
    track = refilter(recorded, Smoothing("none"), FOV_DEG).tracks[1]
    assert (track.world == track.world_raw).all()
    assert (track.image == track.image_raw).all()
    assert track.bones is not None


@pytest.mark.parametrize("text", ["one-euro", "one-euro:beta=2", "kalman", "moving-average"])
def test_a_filter_gives_what_a_stream_with_it_gives(text: str) -> None:
    recorded = take()
    smoother, solver = Smoother(parse_smoothing(text)), Solver(FOV_DEG, smooth=True)
    refiltered = refilter(recorded, parse_choice(text), FOV_DEG).tracks[1]
    assert refiltered.bones is not None
    track = recorded.tracks[1]
    for frame, t_us in enumerate(track.t_us.tolist()):
        raw = Detection(track.image_raw[frame], track.world_raw[frame], float(track.score[frame]))
        [(_, smooth)] = smoother.apply([(1, raw)], t_us, ASPECT)
        body = solver.solve([(1, smooth)], t_us, ASPECT)[1]
        assert (refiltered.image[frame] == smooth.image).all()
        assert (refiltered.world[frame] == smooth.world).all()
        assert (refiltered.bones[frame] == body.bones).all()


def test_offline_trembles_least() -> None:
    recorded = take()
    shake = {}
    for text in ("none", "one-euro", "kalman", "offline"):
        track = refilter(recorded, parse_choice(text), FOV_DEG).tracks[1]
        shake[text] = rms(np.diff(track.world[..., :3], 2, axis=0))
        assert track.angles is not None
    assert shake["offline"] < 0.3 * min(shake["one-euro"], shake["kalman"]) < shake["none"]


def test_the_rest_of_the_take_stays() -> None:
    recorded = take()
    changed = refilter(recorded, "offline", FOV_DEG)
    assert (changed.stream, changed.size, changed.fps) == (recorded.stream, recorded.size, recorded.fps)
    assert (changed.t_us == recorded.t_us).all()
    assert (changed.tracks[1].world_raw == recorded.tracks[1].world_raw).all()
