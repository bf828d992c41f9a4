import numpy as np

from protocol import ANGLES, LANDMARKS
from streamer.engine.base import Detection
from streamer.photo.report import report

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (33, 4)).astype(np.float32)
PERSON = Detection(POINTS, POINTS * 2, 0.87654)


def test_nobody() -> None:
    assert report([], 640, 480) == {"keypoints": [], "people": [], "size": [640, 480]}


def test_the_first_person_stands_at_the_top_and_everyone_in_people() -> None:
    other = Detection(POINTS[::-1], POINTS, 0.5)
    found = report([PERSON, other], 640, 480)
    assert [point["name"] for point in found["keypoints"]] == list(LANDMARKS)
    assert list(found["keypoints"][3]) == ["id", "name", "x", "y", "z", "visibility"]
    assert found["keypoints"][3]["x"] == round(float(POINTS[3, 0]), 6)
    assert found["people"][0]["keypoints"] == found["keypoints"]
    assert [person["id"] for person in found["people"]] == [1, 2]
    assert found["people"][0]["score"] == 0.8765
    assert found["people"][0]["world"][5]["y"] == round(float(POINTS[5, 1]) * 2, 6)
    assert list(found["people"][1]["angles"]) == list(ANGLES)


def test_an_angle_that_cannot_be_told_is_null() -> None:
    hidden = PERSON.world.copy()
    hidden[:, 3] = 0
    angles = report([Detection(POINTS, hidden, 0.9)], 640, 480)["people"][0]["angles"]
    assert set(angles.values()) == {None}


def test_fields_and_landmarks_choose() -> None:
    found = report([PERSON], 640, 480, ("world",), (32, 0))
    assert list(found["people"][0]) == ["id", "score", "world"]
    assert [point["id"] for point in found["people"][0]["world"]] == [32, 0]
    assert [point["id"] for point in found["keypoints"]] == [32, 0]
