import os
from pathlib import Path

import pytest

from streamer.doctor.processor import check_processor


def texts(tmp_path: Path, flags: str | None, quota: str | None = None) -> list[tuple[str, str]]:
    cpuinfo, cpu_max = tmp_path / "cpuinfo", tmp_path / "cpu.max"
    for path, text in ((cpuinfo, flags), (cpu_max, quota)):
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
    return [(finding.level, finding.text) for finding in check_processor(cpuinfo, cpu_max)]


@pytest.fixture(autouse=True)
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)


def test_instructions_and_what_they_mean_for_precision(tmp_path: Path) -> None:
    cores, found = texts(tmp_path, "processor\t: 0\nflags\t\t: sse avx2 avx512f avx512_bf16\n")
    assert cores == ("ok", "4 cores")
    assert found == ("ok", "AVX2, AVX-512, bfloat16: --precision auto takes bf16 (openvino), which is faster still")
    _, found = texts(tmp_path, "flags\t\t: sse avx2\n")
    assert found == ("ok", "AVX2; no bfloat16: --precision auto means f32, and bf16 is refused")
    _, (level, text) = texts(tmp_path, "flags\t\t: sse\n")
    assert level == "note"
    assert text.startswith("none of the instructions")
    _, found = texts(tmp_path, "Features\t: fp asimd bf16\n")
    assert found[1].startswith("bfloat16, NEON: ")
    _, (level, text) = texts(tmp_path, None)
    assert (level, "only be told on Linux" in text) == ("note", True)


def test_cores_that_may_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert texts(tmp_path, None, "150000 100000\n")[0] == ("note", "4 cores, of which this container may use 1.5")
    assert texts(tmp_path, None, "max 100000\n")[0] == ("ok", "4 cores")
    assert texts(tmp_path, None, "400000 100000\n")[0] == ("ok", "4 cores")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0})
    assert texts(tmp_path, None)[0] == ("note", "1 core")


def test_this_machine_has_some_of_each() -> None:
    assert len(check_processor()) == 2
