import math

import cv2
import numpy as np
import pytest

from streamer.engine.blazepose.region import Region, aligned, crop


@pytest.mark.parametrize(
    ("edge", "rotation"),
    [((100, 50), 0), ((150, 100), math.pi / 2), ((50, 100), -math.pi / 2), ((100, 150), -math.pi)],
)
def test_a_region_turns_with_its_person(edge: tuple[int, int], rotation: float) -> None:
    region = aligned(np.array([100.0, 100.0]), np.array(edge, float))
    assert (region.x, region.y, region.side) == (100, 100, 125)
    assert region.rotation == pytest.approx(rotation)


def test_a_region_in_a_larger_picture() -> None:
    assert Region(100, 50, 20, 0.3).scaled(2) == Region(200, 100, 40, 0.3)


def test_overlap_of_regions() -> None:
    one = Region(100, 100, 50, 0)
    assert one.overlap(Region(100, 100, 50, 2)) == 1
    assert one.overlap(Region(125, 100, 50, 0)) == pytest.approx(1 / 3)
    assert one.overlap(Region(100, 100, 25, 0)) == pytest.approx(1 / 4)  # wholly inside
    assert one.overlap(Region(150, 100, 50, 0)) == 0
    assert one.overlap(Region(900, 900, 50, 0)) == 0


def test_a_crop_of_the_whole_picture_is_the_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    into = np.zeros_like(picture)
    crop(picture, Region(32, 32, 64, 0), cv2.BORDER_REPLICATE, into)
    np.testing.assert_array_equal(into, picture)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_crop_stands_upright(turns: int) -> None:
    """What a person's region turns by a quarter circle lies in the crop as if the picture had been turned back."""
    picture = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8), (0, 0), 4)
    into = np.zeros_like(picture)
    crop(picture, Region(32, 32, 64, turns * math.pi / 2), cv2.BORDER_REPLICATE, into)
    turned = np.rot90(picture, turns)
    assert np.abs(into.astype(int) - turned)[2:-2, 2:-2].max() <= 24  # but for one pixel's shift
    assert np.abs(into.astype(int) - picture)[2:-2, 2:-2].mean() > 5


def test_what_lies_outside() -> None:
    picture = np.full((32, 32, 3), 200, np.uint8)
    into = np.zeros((64, 64, 3), np.uint8)
    crop(picture, Region(0, 16, 64, 0), cv2.BORDER_REPLICATE, into)
    assert (into == 200).all()
    crop(picture, Region(0, 16, 64, 0), cv2.BORDER_CONSTANT, into)
    assert (into[:, :31] == 0).all()
    assert (into[20:40, 34:60] == 200).all()
