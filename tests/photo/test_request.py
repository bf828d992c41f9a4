import pytest

from protocol import LANDMARKS
from protocol.skeleton import PRESETS
from streamer.photo.report import PHOTO_FIELDS
from streamer.photo.request import PhotoRequest, RequestError, parse


def test_defaults() -> None:
    assert parse([]) == PhotoRequest("full", 1, 0.5, PHOTO_FIELDS, tuple(range(33)), False)


def test_everything_given() -> None:
    asked = parse(
        [
            ("model", "lite"),
            ("people", "8"),
            ("min_confidence", "0.25"),
            ("fields", "angles,world"),
            ("landmarks", "nose,32,left_hip"),
            ("annotated", "1"),
        ]
    )
    assert asked == PhotoRequest("lite", 8, 0.25, ("angles", "world"), (0, 32, LANDMARKS.index("left_hip")), True)


@pytest.mark.parametrize(
    ("text", "indices"), [("upper_body", PRESETS["upper_body"]), ("nose", (0,)), ("5", (5,)), ("5,nose", (5, 0))]
)
def test_landmarks_are_chosen_as_in_a_subscription(text: str, indices: tuple[int, ...]) -> None:
    assert parse([("landmarks", text)]).landmarks == indices


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("colour", "red", "no option 'colour'; there are model, people"),
        ("model", "huge", "model 'huge'; one of lite, full, heavy"),
        ("model", "", "model ''"),
        ("people", "0", "people '0'; a whole number from 1 to 8"),
        ("people", "9", "from 1 to 8"),
        ("people", "2.5", "whole number"),
        ("people", "9" * 5000, "whole number"),
        ("min_confidence", "1.01", "min_confidence '1.01'; a number from 0 to 1"),
        ("min_confidence", "nan", "from 0 to 1"),
        ("min_confidence", "x", "from 0 to 1"),
        ("fields", "image,bones", "fields 'bones'; one of image, world, angles"),
        ("fields", "", "fields ''"),
        ("fields", "image,image", "twice"),
        ("landmarks", "tail", "no preset 'tail'"),
        ("landmarks", "nose,tail", "no landmark 'tail'"),
        ("landmarks", "33", "no landmark 33"),
        ("landmarks", "nose,nose", "twice"),
        ("landmarks", "", "''"),
        ("landmarks", "9" * 5000, "landmarks"),
        ("annotated", "yes", "annotated 'yes'; one of 0, 1"),
    ],
)
def test_what_is_out_of_range_names_value_and_limit(key: str, value: str, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse([(key, value)])
    assert words in str(caught.value)
    assert len(str(caught.value)) <= 200


def test_an_option_given_twice_is_refused() -> None:
    with pytest.raises(RequestError, match="people is given twice"):
        parse([("people", "1"), ("people", "1")])
