"""A folder of pictures, played in the natural order of their names."""

import logging
import re
from pathlib import Path

import cv2
import imagesize

from streamer.errors import SourceError
from streamer.source.base import Image, SourceInfo, check_size, to_rgb

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
DEFAULT_FPS = 30.0

log = logging.getLogger("posewire.source")


class ImageFolder:
    """Pictures at `fps` a second. One that can't be used is logged and passed over; none at all is a SourceError."""

    live = False
    t_us: int | None = None

    def __init__(self, folder: Path, fps: float | None) -> None:
        self._folder = folder
        self._fps = fps or DEFAULT_FPS
        self.label = f"images in {folder.name or folder}"
        self._paths: list[Path] = []
        self._next = 0
        self._complained: set[Path] = set()

    def open(self) -> SourceInfo:
        """List the folder anew and look at the first picture that can be used."""
        try:
            files = [path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES]
        except OSError as error:
            raise SourceError(f"{self.label}: {error.strerror}") from None
        self._paths, self._next = sorted(files, key=_natural), 0
        for path in self._paths:
            picture = self._load(path)
            if picture is not None:
                return SourceInfo(picture.shape[1], picture.shape[0], self._fps)
        kinds = ", ".join(sorted(SUFFIXES))
        raise SourceError(f"{self.label}: no picture that can be used ({kinds}) among {len(self._paths)} files")

    def read(self) -> Image | None:
        """The next picture that can be used, None after the last."""
        while self._next < len(self._paths):
            picture = self._load(self._paths[self._next])
            self._next += 1
            if picture is not None:
                return picture
        return None

    def skip(self) -> bool:
        """Pass over one file."""
        self._next += 1
        return self._next <= len(self._paths)

    def close(self) -> None:
        """Nothing is kept open."""

    def _load(self, path: Path) -> Image | None:
        try:
            return load_image(path)
        except SourceError as error:
            if path not in self._complained:
                self._complained.add(path)
                log.warning("%s: %s, passed over", self.label, error)
            return None


def load_image(path: Path) -> Image:
    """A picture as RGB, turned as its EXIF data says. Raises SourceError that says what is wrong with the file.

    The size is read from the header first: a file of 50 kB may decode into gigabytes.
    """
    try:
        width, height = imagesize.get(str(path))
    except (OSError, ValueError, SyntaxError) as error:
        raise SourceError(f"{path.name}: {error}") from None
    if width <= 0 or height <= 0:
        raise SourceError(f"{path.name}: not a picture")
    check_size(width, height, path.name)
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise SourceError(f"{path.name}: can't be decoded")
    return to_rgb(picture)


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """img2 before img10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
