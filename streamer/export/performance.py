"""What a format is given, and what it gives back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from streamer.export.resample import Motion, Timeline
from streamer.export.stage import Stage

Files = dict[Path, Callable[[], Iterable[bytes]]]
"""The files that a format consists of, and how to make what is in each, piece by piece."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What of a take goes into one output: one person or several, all on the same timeline and stage.

    stream: the stream's id. size: (width, height) of the picture in pixels.
    """

    stream: str
    size: tuple[int, int]
    timeline: Timeline
    stage: Stage
    motions: tuple[Motion, ...]
    layout: str


@dataclass(frozen=True, slots=True)
class Format:
    """One of the formats.

    suffix: the ending of its file's name; of a folder's, where `is_folder`. one_person: whether a file holds only one.
    needs_body: whether it is made of solved bodies. gaps: how it shows one, in words.
    files: the files at a path, which is the folder or the file itself; others lie beside it.
    """

    suffix: str
    one_person: bool
    needs_body: bool
    gaps: str
    files: Callable[[Performance, Path], Files]
    is_folder: bool = False

    def split(self, name: str) -> tuple[str, str]:
        """A file's name without its ending, in capitals or not, and the ending; empty for one that has another."""
        stem = name[: -len(self.suffix)]
        ending = name[len(stem) :]
        return (stem, ending) if ending.lower() == self.suffix else (name, "")
