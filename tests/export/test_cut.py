import pytest

from streamer.errors import UsageError
from streamer.export.cut import WHOLE, Cut, parse_cut


def test_a_cut_is_between_two_times_or_to_the_end() -> None:
    assert parse_cut(None, None, "--start", "--end") == WHOLE
    assert parse_cut("2.5", None, "--start", "--end") == Cut(2.5)
    assert parse_cut(None, "4", "--start", "--end") == Cut(0, 4)
    assert parse_cut("2.5", "4", "--start", "--end") == Cut(2.5, 4)
    assert [str(Cut(2.5)), str(Cut(0, 3600.125))] == ["from 2.5 s on", "from 0 s to 3600.125 s"]


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e9", "", "00:12", "-0.001"])
def test_what_is_no_time_is_told_with_the_limits(text: str) -> None:
    for times, name in (((text, None), "--start"), ((None, text), "--end")):
        with pytest.raises(UsageError) as caught:
            parse_cut(*times, "--start", "--end")
        assert str(caught.value) == f"{name} is {text!r}; a number of seconds from 0 to 999999"


@pytest.mark.parametrize(("start", "end"), [("3", "2"), ("3", "3"), (None, "0")])
def test_an_end_is_after_the_start(start: str | None, end: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_cut(start, end, "start_s", "end_s")
    assert str(caught.value) == f"end_s is {end}; it has to be after start_s, {start or 0}"
