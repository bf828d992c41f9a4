"""What a folder of exports was made from: so that work that was stopped goes on, and what is done isn't done again.

It is a file in that folder. It says what belongs to what even before anything is written: whatever stops the work,
what it left is told from files that were there before.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from streamer.errors import PosewireError

NAME: Final = ".posewire-exports.json"
_VERSION: Final = 1


class Ledger:
    """Of one folder. options: all that decides what is made of a file, without which exports are others.

    What belongs to a file made with other options of the same format is replaced, what is of another format stays.
    Raises PosewireError where the folder's file can't be read or written, or is none of ours.
    """

    def __init__(self, folder: Path, options: Mapping[str, Any]) -> None:
        self._path = folder / NAME
        self._folder = folder
        self._options = dict(options)
        self._entries: dict[str, dict[str, Any]] = self._read()

    def is_done(self, source: Path) -> bool:
        """Whether all that is made of a file is there, made with these options from the file as it is now."""
        entry = self._entries.get(self._key(source))
        return entry is not None and entry == self._entry(source, self.owned(source)) and self._all_there(source)

    def owned(self, source: Path) -> list[Path]:
        """What was made of a file, or was going to be, with any options of this format."""
        names = self._entries.get(self._key(source), {}).get("files", [])
        return [self._folder / name for name in names]

    def claim(self, source: Path, paths: Sequence[Path]) -> None:
        """Before anything is written: `paths` are going to be made of a file."""
        known = self.owned(source)
        entry = self._entry(source, known + [path for path in paths if path not in known])
        self._entries[self._key(source)] = entry | {"done": False}
        self._write()

    def finish(self, source: Path, paths: Sequence[Path]) -> None:
        """All `paths` are written; files of an earlier export that aren't among them go."""
        for path in self.owned(source):
            if path not in paths and path.is_file():
                path.unlink()
        self._entries[self._key(source)] = self._entry(source, paths)
        self._write()

    def _key(self, source: Path) -> str:
        return f"{self._options['to']} {source.name}"

    def _entry(self, source: Path, paths: Sequence[Path]) -> dict[str, Any]:
        try:
            state = source.stat()
        except OSError as error:
            raise PosewireError(f"can't read {source}: {error.strerror or error}") from None
        names = [path.name for path in paths]
        return {
            "done": True,
            "options": self._options,
            "size": state.st_size,
            "mtime_ns": state.st_mtime_ns,
            "files": names,
        }

    def _all_there(self, source: Path) -> bool:
        paths = self.owned(source)
        return bool(paths) and all(path.is_file() or (path.is_dir() and any(path.iterdir())) for path in paths)

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            held = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise PosewireError(f"can't read {self._path}: {error.strerror or error}") from None
        except ValueError:
            held = None
        if not _is_sound(held):
            raise PosewireError(f"{self._path} isn't what this version of posewire writes; remove it to begin anew")
        entries: dict[str, dict[str, Any]] = held["entries"]
        return entries

    def _write(self) -> None:
        part = self._path.with_name(f"{NAME}.part")
        try:
            part.write_text(json.dumps({"version": _VERSION, "entries": self._entries}, indent=1), encoding="utf-8")
            os.replace(part, self._path)
        except OSError as error:
            raise PosewireError(f"can't write {self._path}: {error.strerror or error}") from None


def _is_sound(held: object) -> bool:
    """Names in it are of files in the folder itself: those are overwritten and removed."""
    if not isinstance(held, dict) or held.get("version") != _VERSION or not isinstance(held.get("entries"), dict):
        return False
    return all(isinstance(entry, dict) and _are_names(entry.get("files")) for entry in held["entries"].values())


def _are_names(names: object) -> bool:
    return isinstance(names, list) and all(
        isinstance(name, str) and name not in ("", ".", "..") and Path(name).name == name for name in names
    )
