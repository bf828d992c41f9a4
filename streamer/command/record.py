"""`posewire record`: its options."""

import argparse
import asyncio
import os
from pathlib import Path

from streamer.command.arguments import in_range


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Record what a server streams, with every field, until Ctrl-C."
    parser.add_argument("url", help="ws://HOST:PORT/ or http://HOST:PORT/, with ?token=... where one is needed")
    parser.add_argument("file", type=Path, metavar="FILE.mcap", help="a new file")
    parser.add_argument(
        "--stream",
        action="append",
        default=[],
        metavar="ID",
        help="one stream instead of all; may be repeated",
    )
    parser.add_argument("--seconds", type=in_range(float, 0.1, 1e6), metavar="N", help="end after N seconds")
    parser.add_argument("--token", help="what the server asks for; POSEWIRE_TOKEN in the environment does the same")
    parser.add_argument("--ca", metavar="FILE", help="the authority of a server with --tls auto, PEM")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    from streamer.recording import record

    token = os.environ.get("POSEWIRE_TOKEN") if options.token is None else options.token
    return asyncio.run(record.record(options.url, options.file, options.stream, options.seconds, token, options.ca))
