"""`posewire doctor`: its options, and what it prints."""

import argparse
import sys

from streamer import __version__
from streamer.command.arguments import check_tls, in_range
from streamer.doctor.examination import Wish, examine, sections
from streamer.doctor.layout import Layout, as_json


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Say what could be wrong on this machine and what to do about it: installation, processor, engines, cameras, "
        "port, network, TLS. Exit status 1 where there is a problem. Opens no connection but to the sources named."
    )
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="[NAME=]SOURCE",
        help="as of `serve`: try this one instead of the cameras there are; several times for several",
    )
    parser.add_argument("--host", default="127.0.0.1", help="as of `serve`")
    parser.add_argument("--port", type=in_range(int, 0, 65535), default=8765, help="as of `serve`")
    parser.add_argument("--tls", choices=("off", "auto"), default="off", help="as of `serve`")
    parser.add_argument("--tls-cert", metavar="FILE", help="as of `serve`")
    parser.add_argument("--tls-key", metavar="FILE", help="as of `serve`")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    check_tls(options)
    names = ("host", "port", "tls", "tls_cert", "tls_key")
    wish = Wish(tuple(options.source), **{name: getattr(options, name) for name in names})
    layout = Layout(sys.stdout)
    if options.json:
        done = examine(sections(wish), lambda title: None, lambda found: None)
        print(as_json(done))
    else:
        layout.title(f"posewire {__version__} doctor")
        done = examine(sections(wish), layout.heading, layout.findings)
        layout.conclusion([finding for _, found in done for finding in found])
    return int(any(finding.level == "problem" for _, found in done for finding in found))
