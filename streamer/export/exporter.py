"""Takes to files: who of a take, in which format, at what rate and under which names."""

import errno
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamer.errors import PosewireError, UsageError
from streamer.export.cut import WHOLE, Cut, EmptyCut
from streamer.export.formats import FORMATS
from streamer.export.performance import Files, Format, Performance
from streamer.export.resample import Motion, make_timeline, resample
from streamer.export.stage import make_stage
from streamer.take.take import Take, Track

MAX_FRAMES: Final = 1_200_000
"""Of an export, of all its people: eleven hours of one at 30 frames a second, what fits a usual machine's memory."""
_PART: Final = ".part"
"""What is written has this at its name's end until it is whole."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to make of a take.

    to: one of FORMATS. output: the file, or the folder of a format that is one; with several people in a format that
    holds one, `_person` and the id come before its ending. fps: samples a second, None for the take's own rate. cut:
    what of the take, in which times begin at 0; who isn't seen in it has no file. cut_from_us: as of make_timeline.
    person: the id of the only one to take. layout: of OpenPose's points, one of LAYOUTS. force: overwrite.
    """

    to: str
    output: Path
    fps: float | None = None
    cut: Cut = WHOLE
    cut_from_us: int | None = None
    person: int | None = None
    layout: str = "BODY_25"
    force: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """What is to be made together: a folder, or a file and those that belong beside it.

    path: the folder or the file. description: of what is in it, in a few words.
    """

    path: Path
    description: str
    files: Files
    is_folder: bool

    @property
    def paths(self) -> list[Path]:
        """What a user asks for by name: the folder, or each file."""
        return [self.path] if self.is_folder else list(self.files)


def export_take(take: Take, options: ExportOptions, tell: Callable[[str], None] = lambda line: None) -> list[Path]:
    """Write a take; the files, or folders, that were made. `tell` gets a line for each when it is whole.

    Nothing is written unless everything can be named: raises UsageError for a take or person that the format has no use
    for and for what exists already, PosewireError where writing fails.
    """
    return export_takes([(take, options)], tell)


def export_takes(
    wanted: Iterable[tuple[Take, ExportOptions]], tell: Callable[[str], None] = lambda line: None
) -> list[Path]:
    """The same for several takes at once: either all can be written, or none is."""
    outputs, named = [], set[Path]()
    for take, options in wanted:
        planned = plan(take, options, tell)
        check(planned, options.force, named)
        outputs += planned
    for output in outputs:
        write(output)
        for path in output.paths:
            tell(f"{path}: {output.description}")
    return [path for output in outputs for path in output.paths]


def choose(takes: dict[str, Take], stream: str | None) -> list[Take]:
    """The takes of all streams in which somebody is seen, or the one of the stream that is named.

    Raises UsageError where there is none.
    """
    if stream is not None and stream not in takes:
        raise UsageError(f"the recording has no stream {stream}; it has {', '.join(takes) or 'none'}")
    seen = [take for take in takes.values() if take.tracks and stream in (None, take.stream)]
    if not seen:
        raise UsageError("nobody is seen in the recording" if stream is None else f"nobody is seen in stream {stream}")
    return seen


def plan(take: Take, options: ExportOptions, tell: Callable[[str], None]) -> list[Output]:
    """What would be written; `tell` gets a line for each person who is left out.

    Raises UsageError for a take or person that the format has no use for, EmptyCut for a cut without anybody.
    """
    form = FORMATS[options.to]
    tracks = _choose(take, options, form, tell)
    timeline, stage = make_timeline(take, options.fps, options.cut, options.cut_from_us), make_stage(take)
    spans_s = [(int(track.t_us[-1]) - int(track.t_us[0])) / 1e6 for track in tracks]
    count = max(timeline.count, sum(min(timeline.count, round(span_s * timeline.fps) + 1) for span_s in spans_s))
    if count > MAX_FRAMES:
        found = f"{count} frames at {timeline.fps:g} fps" + (f" of {len(tracks)} people" if len(tracks) > 1 else "")
        raise UsageError(f"stream {take.stream} would be {found}; at most {MAX_FRAMES} are exported")
    motions = [motion for track in tracks if (motion := resample(track, timeline)) is not None]
    if not motions:
        who = "nobody is" if options.person is None else f"person {options.person} isn't"
        raise EmptyCut(f"{who} seen in stream {take.stream} {options.cut}")
    outputs = []
    for shown in [(motion,) for motion in motions] if form.one_person else [tuple(motions)]:
        performance = Performance(take.stream, take.size, timeline, stage, shown, options.layout)
        path = options.output
        if form.one_person and len(motions) > 1:
            stem, ending = form.split(path.name)
            path = path.with_name(f"{stem}_person{shown[0].id}{ending}")
        outputs.append(Output(path, _describe(performance, form), form.files(performance, path), form.is_folder))
    return outputs


def check(outputs: Iterable[Output], force: bool, named: set[Path]) -> None:
    """Before anything is written.

    Raises UsageError for what is `named`, to which all is added, and unless forced for what exists already,
    PosewireError for a folder in which nothing can be written.
    """
    for output in outputs:
        _check_folder(output)
        if output.is_folder and output.path.exists() and not output.path.is_dir():
            raise UsageError(f"{output.path} is a file, and this format is a folder")
        for path in output.paths:
            if path in named:
                raise UsageError(f"{path} would be written twice")
            named.add(path)
            if not output.is_folder and path.is_dir():
                raise UsageError(f"{path} is a folder")
            if not force and path.exists() and not (output.is_folder and not any(path.iterdir())):
                raise UsageError(f"{path} exists; --force overwrites it")


def write(output: Output) -> None:
    """Make the files, all or none; in a folder those of an earlier, longer take of the same name go.

    Raises PosewireError where that fails.
    """
    path, made = output.path, list[Path]()
    try:
        if output.is_folder:
            path.mkdir(parents=True, exist_ok=True)
            _clear(output)
        for path, pieces in output.files.items():
            _write_whole(path, pieces())
            made.append(path)
    except BaseException as error:
        _remove(output, made)
        if isinstance(error, OSError):
            raise PosewireError(f"can't write {path}: {error.strerror or error}") from None
        raise


def _choose(take: Take, options: ExportOptions, form: Format, tell: Callable[[str], None]) -> list[Track]:
    if not take.tracks:
        raise UsageError(f"nobody is seen in stream {take.stream}; there is nothing to export")
    if options.person is not None and options.person not in take.tracks:
        ids = ", ".join(str(id) for id in sorted(take.tracks))
        raise UsageError(f"there is no person {options.person} in stream {take.stream}; there are {ids}")
    tracks = [take.tracks[id] for id in sorted(take.tracks) if options.person in (None, id)]
    if not form.needs_body:
        return tracks
    solved = [track for track in tracks if track.bones is not None]
    if not solved:
        raise UsageError(
            f"{options.to} is made of bones, and stream {take.stream} has none; trc, c3d and csv need none"
        )
    for track in tracks:
        if track.bones is None:
            tell(f"person {track.id} is left out: without bones there is no {options.to}")
    return solved


def _describe(performance: Performance, form: Format) -> str:
    timeline, motions = performance.timeline, performance.motions
    people = ", ".join(str(motion.id) for motion in motions)
    first = 0 if len(motions) > 1 else motions[0].first
    count = max(motion.first + len(motion.seen) for motion in motions) - first
    told = f"{'person' if len(motions) == 1 else 'people'} {people}, "
    told += f"{count} frame{'s' if count > 1 else ''} at {timeline.fps:g} fps"
    if first:
        told += f" from {first / timeline.fps:.2f} s"
    return told + _describe_gaps(motions, form)


def _describe_gaps(motions: Iterable[Motion], form: Format) -> str:
    lengths = [(end - start) / motion.fps for motion in motions for start, end in motion.gaps]
    if not lengths:
        return ""
    return f"; {len(lengths)} gap{'s' if len(lengths) > 1 else ''}, {sum(lengths):.2f} s: {form.gaps}"


def _check_folder(output: Output) -> None:
    folder = output.path.parent
    if output.is_folder:  # it is made with those that it lies in
        folder = next((path for path in (output.path, *output.path.parents) if path.exists()), folder)
    if not folder.exists():
        raise PosewireError(f"can't write {output.path}: {os.strerror(errno.ENOENT)}")
    if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        raise PosewireError(f"can't write {output.path}: {os.strerror(errno.EACCES)}")


def _remove(output: Output, made: Iterable[Path]) -> None:
    """Take away what was made of an output that isn't whole, and its folder if nothing else is in it."""
    with suppress(OSError):
        for path in made:
            path.unlink()
        if output.is_folder:
            output.path.rmdir()


def _clear(output: Output) -> None:
    """Remove what an earlier export left in the folder under names that are like those of the files to come."""
    [pattern] = {re.sub(r"\d{12}", r"\\d{12}", re.escape(path.name)) for path in output.files}
    for path in output.path.iterdir():
        if re.fullmatch(pattern, path.name) and path not in output.files:
            path.unlink()


def _write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    part = path.with_name(path.name + _PART)
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
