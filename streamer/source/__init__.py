"""Sources: where pictures come from, or what was made of some. `open_sources` turns what the user named into them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streamer.errors import RecordingError, SourceError, UsageError
from streamer.recording.format import SUFFIX
from streamer.recording.reader import Recording
from streamer.source.base import Source
from streamer.source.browser import Browser
from streamer.source.camera import Camera, list_cameras
from streamer.source.images import ImageFolder
from streamer.source.network import NetworkStream
from streamer.source.video import Video, demo

MAX_SOURCES = 16
_NAMED = re.compile(r"([A-Za-z0-9_-]{1,32})=(.+)")
_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class SourceWish:
    """What a camera is asked for: pixels and frames a second; `fps` is also the rate of an image folder."""

    width: int | None = None
    height: int | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A source, not yet opened, and the id of the stream it becomes."""

    id: str
    source: Source


@dataclass(frozen=True, slots=True)
class NamedRecording:
    """A recording, open, and what its streams become: ids by those that were recorded. label: for people and logs."""

    recording: Recording
    label: str
    ids: Mapping[str, str]


def open_sources(specs: Sequence[str], wish: SourceWish) -> list[NamedSource | NamedRecording]:
    """The sources that `--source` names, in order; ids are distinct. Raises UsageError for one that can't be."""
    found: list[NamedSource | NamedRecording] = []
    taken: set[str] = set()

    def distinct(name: str) -> str:
        if len(taken) >= MAX_SOURCES:
            raise UsageError(f"more than {MAX_SOURCES} sources, the streams of recordings included")
        candidates = [name, *(f"{name}-{number}" for number in range(2, MAX_SOURCES + 2))]
        id = next(id for id in candidates if id not in taken)
        taken.add(id)
        return id

    if len(specs) > MAX_SOURCES:
        raise UsageError(f"{len(specs)} sources; at most {MAX_SOURCES}")
    for spec in specs:
        name, rest = _split(spec)
        if Path(rest).suffix.lower() == SUFFIX and not _URL.match(rest):
            found.append(_open_recording(name, Path(rest), distinct))
        else:
            id, source = parse_source(spec, wish)
            found.append(NamedSource(distinct(id), source))
    return found


def _open_recording(name: str | None, path: Path, distinct: Callable[[str], str]) -> NamedRecording:
    recording = Recording.open(path)
    streams = list(recording.streams)
    try:
        if not streams:
            raise RecordingError(f"{path}: no stream in it")
        ids = {}
        for stream in streams:
            id = stream if _ID.fullmatch(stream) else _slug(stream)
            ids[stream] = distinct(id if name is None else name if len(streams) == 1 else f"{name}-{id}"[:60])
    except UsageError:
        recording.close()
        raise
    return NamedRecording(recording, f"recording {path.name}", ids)


def parse_source(spec: str, wish: SourceWish) -> tuple[str, Source]:
    """A source and the id its stream has by default.

    spec: `demo`, `browser`, a camera, a URL, a folder or a file, or NAME=any of these. Raises SourceError that says
    what was tried and which cameras there are.
    """
    name, rest = _split(spec)
    if name is not None:
        return name, parse_source(rest, wish)[1]
    if spec == "demo":
        return "demo", demo()
    if spec == "browser":
        return "browser", Browser()
    if re.fullmatch(r"[0-9]{1,4}", spec):
        return f"camera{int(spec)}", Camera(int(spec), wish.width, wish.height, wish.fps)
    if re.match(r"/dev/video", spec):
        return _slug(spec.removeprefix("/dev/")), Camera(spec, wish.width, wish.height, wish.fps)
    if _URL.match(spec):
        try:
            return "net", NetworkStream(spec)
        except ValueError:
            shown = re.sub(r"//.*@", "//...@", spec.partition("?")[0])
            raise SourceError(
                f"no source {shown[:200]!r}: that is no URL; special characters in a user's name or password have to "
                "be percent-encoded"
            ) from None
    path = Path(spec)
    try:
        if spec and path.is_dir():
            return _slug(path.resolve().name), ImageFolder(path, wish.fps)
        if path.is_file():
            return _slug(path.stem), Video(path)
    except OSError:
        pass  # a name the system refuses is no file
    raise SourceError(
        f"no source {spec[:200]!r}: neither demo, browser, a camera's index or device, a URL, nor a file or folder "
        f"there; cameras: {list_cameras()}"
    )


def _split(spec: str) -> tuple[str | None, str]:
    """The name in NAME=SOURCE, None where there is none, and the source."""
    named = _NAMED.fullmatch(spec)
    if named and not _URL.match(spec) and not Path(spec).exists():
        return named[1], named[2]
    return None, spec


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:32] or "source"
