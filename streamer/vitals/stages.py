"""How long a frame spends in each stage, as histograms.

The stamps travel with the frame; the durations are noted once for each, where it leaves, to however many clients.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

BOUNDS_US: Final = (
    *(100, 250, 500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000, 40_000, 50_000, 75_000),
    *(100_000, 150_000, 200_000, 300_000, 500_000, 1_000_000),
)
"""Upper bounds of the buckets, each included in its own; what takes longer is in one more."""
STAGES: Final = ("waiting", "engine", "solve", "handover", "deliver")
"""waiting: from the capture until the engine takes it. engine: the networks. solve: tracks, filter, bones, angles.
handover: until the event loop takes it. deliver: encoded and written to everyone who isn't behind.
"""


@dataclass(frozen=True, slots=True)
class Stamps:
    """When a frame left each stage before the event loop, in monotonic microseconds."""

    taken_us: int
    inferred_us: int
    solved_us: int


class Histogram:
    """Durations in buckets. One thread at a time."""

    __slots__ = ("buckets", "sum_us")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_US) + 1)
        self.sum_us = 0

    def note(self, duration_us: int) -> None:
        """One more."""
        self.buckets[bisect_left(BOUNDS_US, duration_us)] += 1
        self.sum_us += duration_us


class Stages:
    """One stream's: each stage by name, and `whole`, from the capture to the last write."""

    def __init__(self) -> None:
        self.by_name = {name: Histogram() for name in STAGES}
        self.whole = Histogram()

    def note(self, captured_us: int, stamps: Stamps, published_us: int, written_us: int) -> None:
        """A frame has been written to its clients."""
        waiting, engine, solve, handover, deliver = self.by_name.values()
        waiting.note(stamps.taken_us - captured_us)
        engine.note(stamps.inferred_us - stamps.taken_us)
        solve.note(stamps.solved_us - stamps.inferred_us)
        handover.note(published_us - stamps.solved_us)
        deliver.note(written_us - published_us)
        self.whole.note(written_us - captured_us)
