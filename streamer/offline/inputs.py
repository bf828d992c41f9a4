"""What can be exported: recordings and videos, told apart, found in folders and made into takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from streamer.errors import SourceError, UsageError
from streamer.take.load import load_takes
from streamer.take.refilter import Choice, refilter
from streamer.take.take import Take

RECORDING: Final = ".mcap"
VIDEOS: Final = frozenset((
    ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg",
    ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv",
))  # fmt: skip
"""Endings that a file in a folder has to have, to be taken for a video. One that is named may have any."""
_MAGIC: Final = b"\x89MCAP"

Tell = Callable[[int, int], None]
"""Is told how many frames are done and about how many there are, 0 where that isn't known."""


def is_recording(path: Path) -> bool:
    """By its ending, or by how it begins. Raises SourceError for what can't be read."""
    try:
        with path.open("rb") as file:
            return path.suffix.lower() == RECORDING or file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise SourceError(f"can't read {path}: {error.strerror or error}") from None


def find(folder: Path) -> list[Path]:
    """The videos and recordings in a folder, not in those in it, in the order of their names.

    Raises UsageError where there is none, SourceError where the folder can't be read.
    """
    try:
        files = [path for path in folder.iterdir() if _may_be_file(path) and not path.name.startswith(".")]
    except OSError as error:
        raise SourceError(f"can't read {folder}: {error.strerror or error}") from None
    found = sorted(path for path in files if path.suffix.lower() in VIDEOS | {RECORDING})
    if not found:
        raise UsageError(f"no video and no recording in {folder}")
    return found


def _may_be_file(path: Path) -> bool:
    """Also a link that leads nowhere: that it can't be read is to be told, not passed over in silence."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def open_takes(
    path: Path, choice: Choice | None, fov_deg: float, estimate: Callable[[Path, Choice, Tell], Take], tell: Tell
) -> dict[str, Take]:
    """The takes of a file by stream, filtered as `choice` says, or if that is None: `offline`, but recordings `live`.

    fov_deg: the camera's field of view along the picture's longer side. estimate: makes the take of a video. Raises
    RecordingError, SourceError, EngineError.
    """
    if is_recording(path):
        takes = load_takes(path)
        return {stream: refilter(take, choice or "live", fov_deg) for stream, take in takes.items()}
    take = estimate(path, choice or "offline", tell)
    return {take.stream: take}
