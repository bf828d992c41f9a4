"""`posewire export`: its options, and where its files go."""

import argparse
from pathlib import Path

from streamer.command.arguments import in_range
from streamer.errors import UsageError
from streamer.export.exporter import ExportOptions, export_takes
from streamer.export.formats import FORMATS
from streamer.export.openpose import LAYOUTS
from streamer.log import printable
from streamer.take.load import load_takes
from streamer.take.take import Take

RATES = {"30": 30.0, "60": 60.0, "source": None}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Turn a recording into files for other programs; docs/export.md says what is in each."
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording (.mcap)")
    parser.add_argument("--to", required=True, choices=list(FORMATS), help="the format")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="PATH",
        help="the file, or a folder that exists; the default lies beside the recording and has its name",
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
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    takes = load_takes(options.file)
    wanted = []
    for take in choose(takes, options.stream):
        output = place(options.file, options.to, options.output, take.stream if len(takes) > 1 else None)
        fps = RATES[options.fps]
        wanted.append((take, ExportOptions(options.to, output, fps, options.person, options.layout, options.force)))
    export_takes(wanted, lambda line: print(printable(line), flush=True))
    return 0


def choose(takes: dict[str, Take], stream: str | None) -> list[Take]:
    """The takes of all streams in which somebody is seen, or of the one that is named.

    Raises UsageError where there is none.
    """
    if stream is not None and stream not in takes:
        raise UsageError(f"the recording has no stream {stream}; it has {', '.join(takes) or 'none'}")
    seen = [take for take in takes.values() if take.tracks and stream in (None, take.stream)]
    if not seen:
        raise UsageError("nobody is seen in the recording" if stream is None else f"nobody is seen in stream {stream}")
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
