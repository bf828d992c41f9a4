"""What a server holds: memory, threads, open files, asyncio's tasks and Python's objects. For the endurance benchmarks.

The server is the real one in a process of its own. A signal handler that Python's `sitecustomize` sets up in it counts,
when asked, what can't be seen from outside.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.harness import ServerProcess, running_server

ROOT = Path(__file__).resolve().parent.parent
_COUNTER = """
import asyncio, gc, json, os, signal
def _count(*_):
    counts = {"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())}
    with open("census.new", "w") as file:
        json.dump(counts, file)
    os.replace("census.new", "census.json")
signal.signal(signal.SIGUSR1, _count)
"""


@dataclass(frozen=True)
class Census:
    """At one moment. `resident_mb` in 10^6 bytes."""

    resident_mb: float
    threads: int
    files: int
    tasks: int
    objects: int


class Counted:
    """A running server that can be counted."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        self.server = server
        self._process = psutil.Process(server.process.pid)
        self._answer = folder / "census.json"

    def resident_mb(self) -> float:
        return self._process.memory_info().rss / 1e6

    def count(self) -> Census:
        self._answer.unlink(missing_ok=True)
        os.kill(self._process.pid, signal.SIGUSR1)
        until = time.monotonic() + 10
        while not self._answer.exists():
            assert time.monotonic() < until, "the server doesn't count"
            time.sleep(0.01)
        counts = json.loads(self._answer.read_text())
        return Census(self.resident_mb(), self._process.num_threads(), self._process.num_fds(), **counts)


@contextmanager
def counted_server(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Iterator[Counted]:
    """`posewire serve ARGUMENTS` on a free port."""
    (folder / "sitecustomize.py").write_text(_COUNTER)
    path = os.pathsep.join([str(folder), str(ROOT), str(ROOT / "clients" / "python")])
    with running_server(folder, *arguments, env={**(env or {}), "PYTHONPATH": path}) as server:
        yield Counted(server, folder)
