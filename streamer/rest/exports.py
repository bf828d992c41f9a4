"""Recordings in other formats, made by `posewire export` in a process beside the server, one at a time."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, get_args

from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from streamer.config import ExportName
from streamer.errors import RecordingError, UsageError
from streamer.export.cut import WHOLE, Cut, parse_cut
from streamer.export.rate import SOURCE, parse_rate
from streamer.photo.request import RequestError, read_options
from streamer.recording.reader import Recording
from streamer.take.refilter import parse_choice

MAX_RECORDING_BYTES: Final = 134_217_728
"""Longest recording that is exported over HTTP; the command takes any."""
MAX_EXPORT_BYTES: Final = 1_073_741_824
MAX_EXPORT_FRAMES: Final = 216_000
"""At a rate that is asked for: an hour at 60 a second. At the recording's own its length is the limit."""
MAX_ASKED: Final = 4
"""Exports that are made or wait."""
TIMEOUT_S: Final = 120.0
"""What one export may take, and the packing of its files likewise."""
FORMATS: Final = get_args(ExportName)
FOLDERS: Final = ("openpose-json",)
"""The formats that are a folder of files."""
GLB: Final = ("gltf", "vrma")
"""The formats that are binary glTF, the only ones with a media type of their own."""
KEYS: Final = ("to", "fps", "start_s", "end_s", "stream", "person", "filter")
_LOWEST_PRIORITY: Final = 19
_REFUSED: Final = 2
_MAX_ID: Final = 2**53 - 1


class BadWish(Exception):
    """What can't be made: an unknown option, a person who isn't there. The text is one line."""


class TooLarge(Exception):
    """The recording, or what was made of it, is longer than allowed."""


class TooManyWait(Exception):
    """MAX_ASKED exports are made or wait."""


class ExportFailed(Exception):
    """It should have been possible, and wasn't."""


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What to make of a recording.

    to: one of FORMATS. fps: samples a second, None for as many as were captured. cut: what of it. stream, person: the
    only ones to take. filter: as the command's --filter.
    """

    to: str
    fps: float | None = None
    cut: Cut = WHOLE
    stream: str | None = None
    person: int | None = None
    filter: str = "live"


def parse(query: Iterable[tuple[str, str]]) -> ExportWish:
    """The wish in a query string. Raises BadWish."""
    try:
        given = read_options(query, KEYS)
    except RequestError as error:
        raise BadWish(str(error)) from None
    if "to" not in given:
        raise BadWish(f"to is missing; one of {', '.join(FORMATS)}")
    if given["to"] not in FORMATS:
        raise BadWish(f"to is {given['to'][:40]!r}; one of {', '.join(FORMATS)}")
    person = given.get("person")
    if person is not None and not (
        person.isascii() and person.isdigit() and len(person) < 20 and int(person) <= _MAX_ID
    ):
        raise BadWish(f"person is {person[:40]!r}; the id of one, a whole number")
    stream = given.get("stream")
    if stream is not None and "\0" in stream:
        raise BadWish("stream has a character that no id has")
    filter = given.get("filter", "live")
    try:
        fps = parse_rate(given.get("fps", SOURCE), "fps")
        cut = parse_cut(given.get("start_s"), given.get("end_s"), "start_s", "end_s")
        parse_choice(filter)
    except UsageError as error:
        raise BadWish(str(error).replace("--filter", "filter")) from None
    return ExportWish(given["to"], fps, cut, stream, None if person is None else int(person), filter)


class Exports:
    """The exports of one server. Streams go before: what works here has the lowest priority and one thread."""

    def __init__(self) -> None:
        self._asked = 0
        self._turn = asyncio.Lock()

    async def make(self, path: Path, wish: ExportWish, receive: Receive) -> FileResponse:
        """The answer with what was made of the recording at `path`: a file, or a ZIP archive of several.

        receive: of the request, whose end is the end of the work. Raises BadWish, TooLarge, TooManyWait, ExportFailed,
        ClientDisconnect.
        """
        if self._asked >= MAX_ASKED:
            raise TooManyWait(f"{MAX_ASKED} exports are in progress or wait; try again")
        self._asked += 1
        work = asyncio.create_task(self._make(path, wish))
        gone = asyncio.create_task(_wait_for_end(receive))
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ClientDisconnect
            return work.result()
        finally:
            self._asked -= 1
            work.cancel()
            gone.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)

    async def _make(self, path: Path, wish: ExportWish) -> FileResponse:
        await asyncio.to_thread(_check, path, wish)
        place = TemporaryDirectory(prefix="posewire-export-", ignore_cleanup_errors=True)
        try:
            async with self._turn:
                return await _make_in(Path(place.name), path, wish, place)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(place.cleanup))
            raise


class _MadeFile(FileResponse):
    """A file that is gone once it is sent."""

    def __init__(self, path: Path, media_type: str, place: "TemporaryDirectory[str]") -> None:
        super().__init__(path, media_type=media_type, filename=path.name, headers={"cache-control": "no-store"})
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await asyncio.shield(asyncio.to_thread(self._place.cleanup))


async def _make_in(folder: Path, recording: Path, wish: ExportWish, place: "TemporaryDirectory[str]") -> FileResponse:
    made = folder / f"{recording.stem}-{wish.to}"
    path = await asyncio.to_thread(recording.resolve)  # which begins as no option does
    command = ["-m", "streamer", "export", str(path), f"--to={wish.to}", f"--filter={wish.filter}"]
    command += [f"--fps={SOURCE if wish.fps is None else wish.fps}", f"--start={wish.cut.start_s}"]
    command += [] if wish.cut.end_s is None else [f"--end={wish.cut.end_s}"]
    command.append(f"--output={made / path.stem if wish.to in FOLDERS else made}")
    command += [] if wish.stream is None else [f"--stream={wish.stream}"]
    command += [] if wish.person is None else [f"--person={wish.person}"]
    await asyncio.to_thread(made.mkdir)
    status, told = await _run(*command)
    if status == _REFUSED:
        raise BadWish(told.replace(str(path), path.name))
    if status:
        raise ExportFailed(f"the export failed: {told}")
    files = await asyncio.to_thread(_collect, made)
    if len(files) == 1:
        kind = "model/gltf-binary" if wish.to in GLB else "application/octet-stream"
        return _MadeFile(files[0], kind, place)
    archive = folder / f"{made.name}.zip"
    status, told = await _run("-I", "-m", "zipfile", "-c", str(archive), str(made))
    if status:
        raise ExportFailed(f"packing the files failed: {told}")
    return _MadeFile(archive, "application/zip", place)


def _check(recording: Path, wish: ExportWish) -> None:
    size = recording.stat().st_size
    if size > MAX_RECORDING_BYTES:
        raise TooLarge(
            f"{recording.name} has {size:,} bytes; here at most {MAX_RECORDING_BYTES:,}, and any with posewire export"
        )
    if wish.fps is None:
        return
    with suppress(RecordingError), Recording.open(recording) as found:  # one that can't be read is told by the command
        end_s = (found.end_us - found.start_us) / 1e6
        frames = round((min(end_s, wish.cut.end_s or end_s) - wish.cut.start_s) * wish.fps)
        if frames > MAX_EXPORT_FRAMES:
            raise TooLarge(
                f"that would be {frames:,} frames; here at most {MAX_EXPORT_FRAMES:,}, and more with posewire export"
            )


def _collect(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if size > MAX_EXPORT_BYTES:
        raise TooLarge(f"the export has {size:,} bytes; here at most {MAX_EXPORT_BYTES:,}, any with posewire export")
    return files


async def _run(*arguments: str) -> tuple[int, str]:
    """Python with these arguments: its exit status, and what it told last, without the command's name."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.IDLE_PRIORITY_CLASS
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        creationflags=flags,
    )
    try:
        if sys.platform != "win32":
            with suppress(OSError):  # it may have ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, _LOWEST_PRIORITY)
        _, told = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    except (TimeoutError, asyncio.TimeoutError):
        raise ExportFailed(f"it took more than {TIMEOUT_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    lines = told.decode(errors="replace").strip().splitlines()
    return process.returncode, lines[-1].removeprefix("posewire: ")[:300] if lines else ""


async def _wait_for_end(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
