from typing import Any

import pytest

from streamer.doctor import estimation
from streamer.doctor.estimation import check_engines
from streamer.doctor.probe import ProbeError


def answered(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> None:
    """Engines that aren't named aren't installed."""

    def ask(kind: str, name: str, model: str) -> dict[str, Any]:
        if isinstance(answers[name], Exception):
            raise answers[name]
        assert isinstance(answers[name], dict)
        return answers[name]

    monkeypatch.setattr(estimation, "ask", ask)
    monkeypatch.setattr(estimation, "find_spec", lambda name: name in answers or None)


def test_both_engines_work_here() -> None:
    found = [finding for finding in check_engines() if finding.level != "note"]
    assert [finding.level for finding in found] == ["ok", "ok"]
    assert "ms a frame, model full" in found[0].text


def test_one_is_missing_crashes_or_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, mediapipe={"name": "mediapipe", "ms": 20.0})
    found = check_engines()
    assert [finding.level for finding in found] == ["ok", "note"]
    assert "posewire[fast]" in found[1].todo
    answered(monkeypatch, mediapipe={"name": "mediapipe", "ms": 90.0}, openvino=ProbeError("it crashed (SIGILL)"))
    found = check_engines()
    assert [finding.level for finding in found] == ["problem", "ok", "note"]
    assert found[0].text == "openvino: it crashed (SIGILL)"
    assert "--engine mediapipe" in found[0].todo
    assert "--model lite" in found[2].todo
    answered(monkeypatch, mediapipe={"error": "the embedded model x is damaged; reinstall posewire"})
    assert [finding.level for finding in check_engines()] == ["problem"]


def test_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch)
    [found] = check_engines()
    assert (found.level, found.text) == ("problem", "no engine is installed")
