import numpy as np

from streamer.engine.base import Detection
from streamer.offline.single import Single
from streamer.source.base import Image
from streamer.stream.tracks import FORGET_US
from tests.takes import make_take

TRACK = make_take().tracks[1]
PICTURE = np.zeros((90, 160, 3), np.uint8)
STEP_US = 40_000


def somebody(x: float, size: float) -> Detection:
    image = TRACK.image[0].copy()
    image[:, :2] = [x, 0.5] + (image[:, :2] - image[:, :2].mean(axis=0)) * size
    return Detection(image, TRACK.world[0], 0.9)


class Scripted:
    """An engine that sees in each picture what it was told to."""

    name, model, smoothed = "scripted", "full", False

    def __init__(self, *frames: list[Detection]) -> None:
        self.frames = list(frames)
        self.closed = False

    def estimate(self, image: Image, media_us: int) -> list[Detection]:
        return self.frames.pop(0)

    def close(self) -> None:
        self.closed = True


def look(engine: Single, count: int, start: int = 0) -> list[list[Detection]]:
    return [engine.estimate(PICTURE, (start + frame) * STEP_US) for frame in range(count)]


def test_the_largest_is_kept_wherever_it_comes_in_the_list() -> None:
    large, small = somebody(0.3, 1.0), somebody(0.8, 0.5)
    engine = Single(Scripted([small, large], [large, small], [small, large]))
    assert look(engine, 3) == [[large]] * 3
    assert (engine.name, engine.model, engine.smoothed) == ("scripted", "full", False)


def test_another_does_not_take_the_place_of_who_is_hidden_for_a_moment() -> None:
    one, other = somebody(0.3, 0.6), somebody(0.8, 1.0)
    engine = Single(Scripted([one], [one, other], [other], [one, other]))
    assert look(engine, 4) == [[one], [one], [], [one]]


def test_who_is_gone_for_good_is_followed_by_another() -> None:
    one, other = somebody(0.3, 1.0), somebody(0.8, 1.0)
    frames = FORGET_US // STEP_US + 2
    engine = Single(Scripted([one], *[[other]] * frames))
    kept = look(engine, frames + 1)
    assert kept[1] == []
    assert kept[-1] == [other]


def test_an_empty_picture_has_nobody_and_closing_closes() -> None:
    scripted = Scripted([], [])
    engine = Single(scripted)
    assert look(engine, 2) == [[], []]
    engine.close()
    assert scripted.closed
