import argparse

import pytest

from streamer.command.arguments import Parser, in_range
from streamer.errors import UsageError


def test_a_number_is_of_its_kind_and_within_its_range() -> None:
    assert in_range(int, 1, 8)("8") == 8
    assert in_range(float, 0.1, 2)("0.5") == 0.5
    for text in ("0", "9", "2.5", "x", "nan", ""):
        with pytest.raises(argparse.ArgumentTypeError, match="is not a number from 1 to 8"):
            in_range(int, 1, 8)(text)
    with pytest.raises(argparse.ArgumentTypeError):
        in_range(float, 0, 1)("nan")


def test_a_mistake_is_ours_to_tell() -> None:
    parser = Parser(prog="posewire x")
    with pytest.raises(UsageError, match=r"unrecognized arguments: --y \(posewire x --help lists the options\)"):
        parser.parse_args(["--y"])
