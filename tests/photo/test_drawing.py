import numpy as np

from protocol import LANDMARKS
from streamer.engine.base import Detection
from streamer.photo.drawing import draw

PICTURE = np.full((400, 300, 3), 60, np.uint8)


def person(visibility: float) -> Detection:
    points = np.zeros((33, 4), np.float32)
    points[:, 0] = np.linspace(0.1, 0.9, 33)
    points[:, 1] = np.linspace(0.9, 0.1, 33)
    points[:, 3] = visibility
    return Detection(points, points, 0.9)


def drawn(*people: Detection) -> np.ndarray:
    canvas = PICTURE.copy()
    draw(canvas, people)
    return canvas


def pixel(canvas: np.ndarray, of: Detection, name: str) -> list[int]:
    x, y = of.image[LANDMARKS.index(name), :2] * (300, 400)
    colour: list[int] = canvas[round(y), round(x)].tolist()
    return colour


def test_points_are_red_lines_white_and_the_rest_stays_as_it_was() -> None:
    seen = person(1.0)
    canvas = drawn(seen)
    red, green, blue = pixel(canvas, seen, "left_hip")
    assert red > 200 > 100 > max(green, blue)
    assert (canvas.min(axis=2) > 200).sum() > 50
    assert (canvas[:30] == 60).all()


def test_what_is_hardly_visible_is_dim() -> None:
    seen, hidden = person(1.0), person(0.0)
    bright, dim = (pixel(drawn(who), who, "left_hip")[0] for who in (seen, hidden))
    assert 60 < dim < bright


def test_nobody_leaves_the_picture_alone() -> None:
    assert (drawn() == PICTURE).all()


def test_points_outside_the_picture_are_no_trouble() -> None:
    far = person(1.0)
    far.image[:, :2] *= 1e12
    assert drawn(far).shape == PICTURE.shape
