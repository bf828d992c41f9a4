"""`posewire export`: its options."""

import argparse
from functools import partial
from pathlib import Path
from typing import get_args

from streamer.command.arguments import in_range
from streamer.config import EngineName, ExportName, LayoutName, PrecisionName
from streamer.export.cut import parse_cut
from streamer.export.rate import MAX_FPS, MIN_FPS, SOURCE, parse_rate


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Turn recordings and videos into files for other programs; docs/export.md says what is in each format, "
        "docs/offline.md what is done with videos and folders."
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a recording (.mcap), a video, or a folder of them with --output FOLDER"
    )
    parser.add_argument("--to", required=True, choices=get_args(ExportName), help="the format")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="PATH",
        help="the file (of openpose-json: the folder), or a folder that exists; the default lies beside the input",
    )
    parser.add_argument(
        "--fps",
        type=partial(parse_rate, name="--fps"),
        default=SOURCE,
        metavar="N",
        help=f"frames a second: {MIN_FPS:g} to {MAX_FPS:g}, as 25 or 29.97; {SOURCE} (default): as many as "
        "were captured",
    )
    parser.add_argument(
        "--start",
        metavar="SECONDS",
        help="leave out what is before this time of the take; of several streams from the first frame of all",
    )
    parser.add_argument("--end", metavar="SECONDS", help="leave out this time of the take and what is after it")
    parser.add_argument("--stream", metavar="ID", help="of several streams this one; the default is each")
    parser.add_argument("--person", type=in_range(int, 0, 2**53 - 1), metavar="N", help="only the person with this id")
    parser.add_argument(
        "--layout", choices=get_args(LayoutName), default="BODY_25", help="OpenPose's points (default BODY_25)"
    )
    parser.add_argument(
        "--filter",
        metavar="FILTER[:NAME=VALUE,...]",
        help="offline (default of videos): smooth both ways in time; live (default of recordings): as the stream had "
        "it; none, or a filter of `serve`, with parameters such as one-euro:beta=8",
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
    from streamer.offline.export import ExportConfig, export

    config = ExportConfig(
        file=options.file,
        to=options.to,
        output=options.output,
        fps=options.fps,
        cut=parse_cut(options.start, options.end, "--start", "--end"),
        stream=options.stream,
        person=options.person,
        layout=options.layout,
        filter=options.filter,
        fov_deg=options.fov,
        force=options.force,
        engine=options.engine,
        threads=options.threads,
        precision=options.precision,
        model=options.model,
        people=options.people,
        verbose=options.verbose,
    )
    return 0 if export(config) else 1
