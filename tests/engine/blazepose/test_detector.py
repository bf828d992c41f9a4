import math

import numpy as np

from streamer.engine.blazepose.detector import ANCHORS, SIZE, decode


def outputs(*finds: tuple[int, float, tuple[float, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """The network's output with an anchor, a probability, and box and points in [0, 1] for each find."""
    boxes, scores = np.zeros((2254, 12), np.float32), np.full(2254, -50, np.float32)
    for anchor, probability, (x, y, width, height, *points) in finds:
        offset = np.tile(ANCHORS[anchor], 5)
        places = np.array([x, y, *points, 0, 0, 0, 0], np.float32)
        row = (places - offset) * SIZE
        boxes[anchor] = [row[0], row[1], width * SIZE, height * SIZE, *row[2:]]
        scores[anchor] = math.log(probability / (1 - probability))
    return boxes, scores


PERSON = (0.5, 0.4, 0.2, 0.2, 0.5, 0.5, 0.5, 0.2)
OTHER = (0.2, 0.4, 0.1, 0.1, 0.2, 0.5, 0.2, 0.3)


def test_anchors_lie_on_four_layers() -> None:
    assert ANCHORS.shape == (2254, 2)
    np.testing.assert_allclose(ANCHORS[[0, 1, 2]] * 28, [[0.5, 0.5], [0.5, 0.5], [1.5, 0.5]])
    np.testing.assert_allclose(ANCHORS[[1568, -1]], [[0.5 / 14, 0.5 / 14], [6.5 / 7, 6.5 / 7]])


def test_nobody() -> None:
    assert decode(*outputs(), 640, 480, 0.5, 8) == []
    assert decode(*outputs((100, 0.49, PERSON)), 640, 480, 0.5, 8) == []


def test_a_person_in_a_picture_that_is_no_square() -> None:
    """The short side was padded on both ends."""
    (region,) = decode(*outputs((100, 0.9, PERSON)), 640, 480, 0.5, 8)
    np.testing.assert_allclose([region.x, region.y, region.rotation], [320, 240, 0], atol=1e-3)
    np.testing.assert_allclose(region.side, 2 * 0.3 * 640 * 1.25, rtol=1e-5)
    (upright,) = decode(*outputs((100, 0.9, OTHER)), 480, 640, 0.5, 8)
    np.testing.assert_allclose([upright.x, upright.y], [0.2 * 640 - 80, 0.5 * 640], atol=1e-3)


def test_finds_in_one_place_are_one_person_by_their_weights() -> None:
    shifted = tuple(value + (0.03 if index % 2 == 0 and index != 2 else 0) for index, value in enumerate(PERSON))
    regions = decode(*outputs((100, 0.9, PERSON), (101, 0.6, shifted), (900, 0.7, OTHER)), 640, 640, 0.5, 8)
    assert [round(region.x) for region in regions] == [round(640 * (0.5 + 0.03 * 0.6 / 1.5)), 128]  # the surest first
    assert len(decode(*outputs((100, 0.9, PERSON), (900, 0.7, OTHER)), 640, 640, 0.5, 1)) == 1


def test_how_far_finds_overlap_that_are_one_person() -> None:
    for share, people in ((0.45, 2), (0.55, 1)):
        shift = 0.2 * (1 - share) / (1 + share)  # of a box beside its like
        beside = (PERSON[0] + shift, *PERSON[1:])
        assert len(decode(*outputs((100, 0.9, PERSON), (101, 0.8, beside)), 640, 640, 0.5, 8)) == people


def test_numbers_that_make_no_sense_do_no_harm() -> None:
    boxes, scores = outputs((100, 0.9, PERSON))
    scores[5] = np.inf
    decode(boxes, scores, 640, 480, 0.5, 8)
    scores[:] = np.nan
    assert decode(boxes, scores, 640, 480, 0.5, 8) == []
