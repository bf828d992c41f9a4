"""`posewire detect`: its options."""

import argparse
from pathlib import Path
from typing import get_args

from streamer.command.arguments import in_range
from streamer.config import EngineName


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Find the poses in pictures; write them as JSON or draw them."
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="JPG, PNG, WebP or BMP")
    parser.add_argument("--json", metavar="FILE", help="write keypoints there; - is standard output")
    parser.add_argument(
        "--draw",
        type=Path,
        metavar="FILE",
        help="write the picture with the skeleton on it there; a folder for several pictures",
    )
    parser.add_argument("--engine", choices=get_args(EngineName), default="auto", help="as of `serve`")
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="heavy", help="faster or more accurate")
    parser.add_argument("--people", type=in_range(int, 1, 8), default=1, metavar="N", help="look for up to N people")
    parser.add_argument("--verbose", action="store_true", help="tracebacks and the native libraries' own messages")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    from streamer import log

    log.set_up(options.verbose)
    from streamer.engine.engines import Engines
    from streamer.photo import detect

    engine = Engines(options.engine).make_for_pictures(options.model, options.people)
    try:
        return detect.detect(options.images, engine, options.json, options.draw)
    finally:
        engine.close()
