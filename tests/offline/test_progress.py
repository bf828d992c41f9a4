import io
import sys

import pytest

from streamer.offline import progress
from streamer.offline.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def show(monkeypatch: pytest.MonkeyPatch, where: io.StringIO, *steps: tuple[int, int]) -> str:
    monkeypatch.setattr(sys, "stderr", where)
    monkeypatch.setattr(progress, "REDRAWN_S", 0)
    with Progress("clip.mp4") as bar:
        for done, total in steps:
            bar.show(done, total)
    return where.getvalue()


def test_who_watches_sees_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = show(monkeypatch, Terminal(), (1, 4), (2, 4), (4, 4))
    assert "clip.mp4" in shown
    assert "4/4" in shown
    assert shown.split("\r")[-1] == ""
    assert shown.split("\r")[-2].strip() == ""  # nothing stays


def test_a_file_that_does_not_say_how_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "3 frames" in show(monkeypatch, Terminal(), (1, 0), (3, 0))


def test_more_than_was_said_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "5/5" in show(monkeypatch, Terminal(), (1, 4), (5, 4))


def test_without_a_standard_error_there_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with Progress("clip.mp4") as bar:
        bar.show(1, 2)


def test_a_log_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert show(monkeypatch, io.StringIO(), (1, 4), (4, 4)) == ""
