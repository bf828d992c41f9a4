"""The processor: cores, and the instructions that the networks gain from."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from streamer.doctor.finding import Finding, note, ok

CPUINFO: Final = Path("/proc/cpuinfo")
CPU_MAX: Final = Path("/sys/fs/cgroup/cpu.max")
FEATURES: Final = {
    "AVX2": ("avx2",),
    "AVX-512": ("avx512f",),
    "bfloat16": ("avx512_bf16", "amx_bf16", "bf16"),
    "NEON": ("asimd", "neon"),
}
"""By the names that Linux has for them."""


def check_processor(cpuinfo: Path = CPUINFO, cpu_max: Path = CPU_MAX) -> Sequence[Finding]:
    """Cores that may be used, and what the instructions mean for `--precision`."""
    flags = _flags(cpuinfo)
    return [_cores(cpu_max), *_instructions(flags)]


def _cores(cpu_max: Path) -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    text = f"{count} core{'s' * (count != 1)}"
    allowed = _quota(cpu_max)
    if allowed is not None and allowed < count:
        return note(f"{text}, of which this container may use {allowed:g}", "give the container more (docker: --cpus)")
    if count < 2:
        return note(text, "estimation and everything else take turns: use --model lite")
    return ok(text)


def _quota(cpu_max: Path) -> float | None:
    """Processors that a control group lets us use; None for all."""
    try:
        quota, period = cpu_max.read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        return None


def _flags(cpuinfo: Path) -> set[str] | None:
    """The processor's features as Linux names them; None elsewhere."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            return set(value.split())
    return None


def _instructions(flags: set[str] | None) -> Sequence[Finding]:
    if flags is None:
        return [note(f"{platform.machine()}; its instructions can only be told on Linux")]
    has = [name for name, names in FEATURES.items() if flags.intersection(names)]
    text = ", ".join(has) or "none of the instructions that the networks gain from"
    if "bfloat16" in has:
        return [ok(f"{text}: --precision auto takes bf16 (openvino), which is faster still")]
    text += "; no bfloat16: --precision auto means f32, and bf16 is refused"
    if not {"AVX2", "NEON"}.intersection(has):
        return [note(text, "expect a few frames a second: use --model lite")]
    return [ok(text)]
