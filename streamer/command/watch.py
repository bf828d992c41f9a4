"""`posewire watch`: its options."""

import argparse
import asyncio

from streamer.command.arguments import in_range


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Subscribe to a server and show what arrives: rate, latency from capture to here, drops."
    parser.add_argument("url", help="ws://HOST:PORT/ or http://HOST:PORT/, with ?token=... where one is needed")
    parser.add_argument("--frames", type=in_range(int, 1, 10**9), metavar="N", help="end after N frames")
    parser.add_argument("--ca", metavar="FILE", help="the authority of a server with --tls auto, PEM")
    parser.add_argument("--stream", default="*", help="one stream instead of all")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end instead of a live line")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    from streamer import watch

    return asyncio.run(watch.watch(options.url, options.stream, options.frames, options.json, options.ca))
