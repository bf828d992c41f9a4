import json

import pytest

from streamer.errors import UsageError
from streamer.settings import FILTER_PARAMETERS, Settings, Smoothing, describe_filters, parse_smoothing


def test_what_is_asked_for_changes_and_the_rest_stays() -> None:
    settings = Settings("lite", 2, True, Smoothing("kalman", (("noise", 0.5),)))
    assert settings.changed({}) == settings
    assert settings.changed({"model": "heavy", "people": 8, "mirror": False}) == Settings(
        "heavy", 8, False, settings.smoothing
    )
    assert settings.changed({"smoothing": {"parameters": {"acceleration": 3}}}).smoothing.parameters == {
        "acceleration": 3.0,
        "noise": 0.5,
    }


def test_another_kind_or_the_same_named_anew_starts_from_its_defaults() -> None:
    settings = Settings(smoothing=Smoothing("kalman", (("noise", 0.5),)))
    for kind in FILTER_PARAMETERS:
        smoothing = settings.changed({"smoothing": {"kind": kind}}).smoothing
        assert (smoothing.kind, smoothing.tuned) == (kind, False)
    again = settings.changed({"smoothing": {"kind": "kalman", "parameters": {"noise": 0.25}}}).smoothing
    assert (again.parameters["noise"], again.tuned) == (0.25, True)


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ({"size": 1}, "settings: no 'size'; model, people, mirror, smoothing"),
        ({"model": "huge"}, "model is 'huge'; one of auto, lite, full, heavy"),
        ({"model": ["lite"]}, "model is ['lite']; one of auto, lite, full, heavy"),
        ({"people": 9}, "people is 9; an integer from 1 to 8"),
        ({"people": 1.5}, "people is 1.5; an integer from 1 to 8"),
        ({"people": True}, "people is True; an integer from 1 to 8"),
        ({"mirror": 1}, "mirror is 1; true or false"),
        ({"smoothing": "kalman"}, "smoothing is 'kalman'; an object with kind and parameters"),
        ({"smoothing": {"kind": "magic"}}, "smoothing is 'magic'; one of one-euro, kalman, moving-average, none"),
        ({"smoothing": {"beta": 1}}, "smoothing: no 'beta'; kind, parameters"),
        ({"smoothing": {"parameters": [1]}}, "parameters is [1]; an object of numbers"),
        (
            {"smoothing": {"parameters": {"noise": 1}}},
            "one-euro's parameters: no 'noise'; min_cutoff_hz, beta, d_cutoff_hz",
        ),
        ({"smoothing": {"parameters": {"beta": 201}}}, "beta is 201; a number from 0 to 200"),
        ({"smoothing": {"parameters": {"beta": float("nan")}}}, "beta is nan; a number from 0 to 200"),
        ({"smoothing": {"parameters": {"beta": "1"}}}, "beta is '1'; a number from 0 to 200"),
        ({"smoothing": {"kind": "none", "parameters": {"x": 1}}}, "none's parameters: no 'x'; there are none"),
        ({"model": "x" * 10_000}, "model is '" + "x" * 36 + "...; one of auto, lite, full, heavy"),
    ],
)
def test_what_is_wrong_is_said_with_value_and_limit(wish: dict, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings().changed(wish)
    assert str(caught.value) == text


def test_the_command_line_s_spelling() -> None:
    assert parse_smoothing("kalman") == Smoothing("kalman")
    assert parse_smoothing("one-euro:beta=8, min_cutoff_hz=0.3").parameters == {
        "min_cutoff_hz": 0.3,
        "beta": 8.0,
        "d_cutoff_hz": 2.0,
    }
    for text, said in (
        ("magic", "smoothing is 'magic'"),
        ("one-euro:beta", "beta is ''; it has to be a number"),
        ("one-euro:beta=x", "beta is 'x'; it has to be a number"),
        ("one-euro:window_s=1", "no 'window_s'"),
        ("one-euro:beta=-1", "beta is -1.0; a number from 0 to 200"),
    ):
        with pytest.raises(UsageError, match="--smoothing: ") as caught:
            parse_smoothing(text)
        assert said in str(caught.value)


def test_all_of_it_is_json() -> None:
    json.dumps([Settings().as_json(), describe_filters()], allow_nan=False)
    for parameters in FILTER_PARAMETERS.values():
        for known in parameters.values():
            assert known.low <= known.default <= known.high
