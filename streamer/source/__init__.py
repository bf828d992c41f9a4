"""Sources: where pictures come from. `open_sources` turns what the user named into sources with stream ids."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from streamer.errors import SourceError, UsageError
from streamer.source.base import Source
from streamer.source.browser import Browser
from streamer.source.camera import Camera, list_cameras
from streamer.source.images import ImageFolder
from streamer.source.network import NetworkStream
from streamer.source.video import Video, demo

MAX_SOURCES = 16
_NAMED = re.compile(r"([A-Za-z0-9_-]{1,32})=(.+)")
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


def open_sources(specs: Sequence[str], wish: SourceWish) -> list[NamedSource]:
    """The sources that `--source` names, in order, with distinct ids. Raises SourceError for one that can't be."""
    if len(specs) > MAX_SOURCES:
        raise UsageError(f"{len(specs)} sources; at most {MAX_SOURCES}")
    found: list[NamedSource] = []
    for spec in specs:
        name, source = parse_source(spec, wish)
        taken = {other.id for other in found}
        candidates = [name, *(f"{name}-{number}" for number in range(2, MAX_SOURCES + 2))]
        found.append(NamedSource(next(id for id in candidates if id not in taken), source))
    return found


def parse_source(spec: str, wish: SourceWish) -> tuple[str, Source]:
    """A source and the id its stream has by default.

    spec: `demo`, `browser`, a camera, a URL, a folder or a file, or NAME=any of these. Raises SourceError that says
    what was tried and which cameras there are.
    """
    named = _NAMED.fullmatch(spec)
    if named and not _URL.match(spec) and not Path(spec).exists():
        return named[1], parse_source(named[2], wish)[1]
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
        except ValueError as error:
            raise SourceError(f"no source {spec.partition('?')[0]!r}: {error}") from None
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


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:32] or "source"
