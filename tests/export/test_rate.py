import pytest

from streamer.errors import UsageError
from streamer.export.rate import parse_rate


def test_rates_of_film_and_video_are_numbers() -> None:
    assert parse_rate("source", "--fps") is None
    for text, fps in (("1", 1), ("24", 24), ("25", 25), ("29.97", 29.97), ("5e1", 50), ("240", 240)):
        assert parse_rate(text, "--fps") == fps


@pytest.mark.parametrize("text", ["0", "-1", "0.99", "240.1", "nan", "inf", "1e9", "", "film", "Source", "30 fps"])
def test_what_is_no_rate_is_told_with_the_limits(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_rate(text, "--fps")
    assert str(caught.value) == f"--fps is {text!r}; source, or a number from 1 to 240"


def test_of_a_long_text_the_beginning_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        parse_rate("9" * 10_000, "fps")
    assert str(caught.value) == f"fps is {'9' * 40!r}; source, or a number from 1 to 240"
