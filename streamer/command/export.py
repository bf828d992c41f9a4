"""`posewire export`: its options, and where its files go."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, get_args

from streamer import log
from streamer.command.arguments import in_range
from streamer.config import EngineName, PrecisionName
from streamer.errors import PosewireError, UsageError
from streamer.export.exporter import ExportOptions, Output, check, plan, write
from streamer.export.formats import FORMATS
from streamer.export.openpose import LAYOUTS
from streamer.log import printable
from streamer.offline.batch import Batch
from streamer.offline.inputs import find, is_recording, open_takes
from streamer.offline.progress import Progress
from streamer.take.refilter import CHOICES, Choice, parse_choice
from streamer.take.take import Take

if TYPE_CHECKING:
    from streamer.engines import Engines

RATES = {"30": 30.0, "60": 60.0, "source": None}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Turn recordings and videos into files for other programs; docs/export.md says what is in each format, "
        "docs/offline.md what is done with videos and folders."
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a recording (.mcap), a video, or a folder of them with --output FOLDER"
    )
    parser.add_argument("--to", required=True, choices=list(FORMATS), help="the format")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="PATH",
        help="the file, or a folder that exists; the default lies beside the input and has its name",
    )
    parser.add_argument(
        "--fps",
        choices=list(RATES),
        default="source",
        help="frames a second, evenly spaced; source (default): as many as were captured",
    )
    parser.add_argument("--stream", metavar="ID", help="of several streams this one; the default is each")
    parser.add_argument("--person", type=in_range(int, 0, 2**53 - 1), metavar="N", help="only the person with this id")
    parser.add_argument(
        "--layout", choices=list(LAYOUTS), default="BODY_25", help="of OpenPose's points (default BODY_25)"
    )
    parser.add_argument(
        "--filter",
        metavar="FILTER[:NAME=VALUE,...]",
        help=f"{', '.join(CHOICES)}, with parameters as in one-euro:beta=8; offline (default of videos) smooths both "
        "ways in time, live (default of recordings) leaves what the stream had",
    )
    parser.add_argument(
        "--fov",
        type=in_range(float, 10, 150),
        default=65.0,
        metavar="DEGREES",
        help="the camera's field of view along the picture's longer side, for distances (default 65, a usual webcam)",
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")
    video = parser.add_argument_group("videos")
    video.add_argument("--engine", choices=get_args(EngineName), default="auto", help="as of `serve`")
    video.add_argument("--threads", type=in_range(int, 1, 64), metavar="N", help="that the openvino engine works with")
    video.add_argument("--precision", choices=get_args(PrecisionName), default="auto", help="as of `serve`")
    video.add_argument("--model", choices=("lite", "full", "heavy"), default="heavy", help="faster or more accurate")
    video.add_argument("--people", type=in_range(int, 1, 8), default=1, metavar="N", help="track up to N people")
    parser.add_argument("--verbose", action="store_true", help="tracebacks and the native libraries' own messages")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    log.set_up(options.verbose)
    choice = None if options.filter is None else parse_choice(options.filter)
    with _ended_by_signals():
        if options.file.is_dir():
            return _export_folder(options, choice)
        outputs = _plan(options, choice, _Lazily(options), options.file, options.output)
        named = set[Path]()
        check(outputs, options.force, named)
        for output in outputs:
            write(output)
            for path in output.paths:
                _tell(f"{path}: {output.description}")
    return 0


def _export_folder(options: argparse.Namespace, choice: Choice | None) -> int:
    sources = find(options.file)
    folder: Path | None = options.output
    if folder is None:
        raise UsageError(f"{options.file} is a folder; --output FOLDER says where its exports go")
    engines = _Lazily(options)
    # All that decides what is made of a file.
    told: dict[str, Any] = {
        name: getattr(options, name)
        for name in ("to", "fps", "stream", "person", "layout", "filter", "fov", "engine", "precision")
    } | {"model": options.model, "people": options.people}

    def plan_one(source: Path) -> list[Output]:
        return _plan(options, choice, engines, source, folder / (source.stem + FORMATS[options.to].suffix))

    batch = Batch(sources, folder, told, plan_one, options.force, _tell, _complain)
    good = batch.run()
    _tell(batch.summary)
    return 0 if good else 1


def _plan(
    options: argparse.Namespace, choice: Choice | None, engines: "_Lazily", source: Path, output: Path | None
) -> list[Output]:
    """What is to be made of one file."""
    if not is_recording(source):  # which takes long: what is wrong with --output is told before
        goal = place(source, options.to, output, None)
        if options.people == 1 and goal.is_file() and not options.force and not options.file.is_dir():
            raise UsageError(f"{goal} exists; --force overwrites it")
    with Progress(printable(source.name)) as bar:
        takes = open_takes(source, choice, options.fov, engines.estimate, bar.show)
    outputs = []
    for take in choose(takes, options.stream):
        to = place(source, options.to, output, take.stream if len(takes) > 1 else None)
        wish = ExportOptions(options.to, to, RATES[options.fps], options.person, options.layout, options.force)
        outputs += plan(take, wish, _tell)
    return outputs


class _Lazily:
    """Engines, made when the first video comes: recordings need none."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._engines: Engines | None = None

    def estimate(self, path: Path, choice: Choice, tell: Callable[[int, int], None]) -> Take:
        """The take of a video."""
        from streamer.engines import Engines
        from streamer.offline.estimate import Wish, estimate
        from streamer.settings import Settings

        options = self._options
        if self._engines is None:
            self._engines = Engines(options.engine, options.threads, precision=options.precision)
        wish = Wish(Settings(options.model, options.people), choice, options.fov)
        return estimate(path, self._engines, wish, tell)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the command with a line, and what is half done is cleared away."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        raise PosewireError("stopped; what was told before is written, the rest is not") from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(line: str) -> None:
    print(printable(line), flush=True)


def _complain(line: str) -> None:
    print(f"posewire: {printable(' '.join(line.splitlines()))}", file=sys.stderr, flush=True)


def choose(takes: dict[str, Take], stream: str | None) -> list[Take]:
    """The takes of all streams in which somebody is seen, or of the one that is named.

    Raises UsageError where there is none.
    """
    if stream is not None and stream not in takes:
        raise UsageError(f"there is no stream {stream}, but {', '.join(takes) or 'none'}")
    seen = [take for take in takes.values() if take.tracks and stream in (None, take.stream)]
    if not seen:
        raise UsageError("nobody is seen in it" if stream is None else f"nobody is seen in stream {stream}")
    return seen


def place(source: Path, to: str, output: Path | None, stream: str | None) -> Path:
    """Where what is made of `source` goes; `stream` becomes part of the name.

    Raises UsageError for an output that neither is a folder nor ends as the format does.
    """
    form = FORMATS[to]
    if output is None:
        output = source.with_name(source.stem + form.suffix)
    elif output.is_dir() and not form.is_folder:
        output = output / (source.stem + form.suffix)
    elif not form.is_folder and output.suffix.lower() != form.suffix:
        raise UsageError(f"--output {output} has to end in {form.suffix}, or be a folder that exists")
    if stream is None:
        return output
    safe = "".join(character if character.isalnum() or character in "-_." else "_" for character in stream)
    return output.with_name(f"{output.name.removesuffix(form.suffix)}_{safe}{form.suffix}")
