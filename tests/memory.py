"""How much memory a process and its children take at most for a while (Linux)."""

from collections.abc import Iterator
from pathlib import Path

import psutil


class Footprint:
    """Memory of a process and what it started, from now on: `above` tells by how much it was exceeded at most.

    Each process's own peak is taken, so what they needed at different moments is added up.
    """

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._quiet = 0
        for folder in self._folders():
            (folder / "clear_refs").write_text("5")  # begins the peak anew
            self._quiet += _field(folder, "VmRSS")

    def above(self) -> float:
        """Megabytes beyond what was there at first, at most so far."""
        return (sum(_field(folder, "VmHWM") for folder in self._folders()) - self._quiet) / 1e6

    def now(self) -> float:
        """Megabytes beyond what was there at first, at this moment."""
        return (sum(_field(folder, "VmRSS") for folder in self._folders()) - self._quiet) / 1e6

    def _folders(self) -> Iterator[Path]:
        for process in (self._process, *self._process.children(recursive=True)):
            folder = Path("/proc") / str(process.pid)
            if folder.exists():
                yield folder


def _field(folder: Path, name: str) -> int:
    """Bytes."""
    try:
        lines = (folder / "status").read_text().splitlines()
    except OSError:  # it ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)
