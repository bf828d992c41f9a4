"""`posewire export`: its options."""

import argparse
from pathlib import Path
from typing import get_args

from streamer.command.arguments import in_range
from streamer.config import ExportName, LayoutName
from streamer.log import printable

RATES = {"30": 30.0, "60": 60.0, "source": None}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Turn a recording into files for other programs; docs/export.md says what is in each."
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording (.mcap)")
    parser.add_argument("--to", required=True, choices=get_args(ExportName), help="the format")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="PATH",
        help="the file (of openpose-json: the folder), or a folder that exists; the default lies beside the recording",
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
        "--layout", choices=get_args(LayoutName), default="BODY_25", help="OpenPose's points (default BODY_25)"
    )
    parser.add_argument("--force", action="store_true", help="overwrite files that exist")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    from streamer.export.exporter import ExportOptions, choose, export_takes
    from streamer.export.place import place
    from streamer.take.load import load_takes

    takes = load_takes(options.file)
    wanted = []
    for take in choose(takes, options.stream):
        output = place(options.file, options.to, options.output, take.stream if len(takes) > 1 else None)
        fps = RATES[options.fps]
        wanted.append((take, ExportOptions(options.to, output, fps, options.person, options.layout, options.force)))
    export_takes(wanted, lambda line: print(printable(line), flush=True))
    return 0
