"""`posewire discover`: servers on the local network, as lines or JSON."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict

from streamer.command.arguments import in_range
from streamer.errors import PosewireError


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Ask the local network, by multicast DNS, which Posewire servers there are."
    parser.add_argument("--seconds", type=in_range(float, 0.1, 60), default=2, metavar="S", help="wait for so long")
    parser.add_argument("--json", action="store_true", help="one JSON array instead of lines")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    from posewire_client.discovery import discover

    try:
        found = asyncio.run(discover(options.seconds))
    except OSError as error:
        raise PosewireError(f"the network can't be asked: {error.strerror or error}") from None
    if options.json:
        print(json.dumps([asdict(server) for server in found]))
        return 0
    for server in found:
        print(f"{server.url}  {server.name}{', needs its token' if server.needs_token else ''}")
    if not found:
        print(
            f"no server answered in {options.seconds:g} s; it has to listen beyond loopback (--host 0.0.0.0)",
            file=sys.stderr,
        )
    return 0 if found else 1
