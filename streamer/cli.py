"""The command line: one line on standard error and a documented exit status for whatever goes wrong."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from streamer import __version__
from streamer.command import detect, discover, doctor, export, record, recover, relay, serve, watch
from streamer.command.arguments import Parser
from streamer.errors import PosewireError
from streamer.log import printable


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    parser = Parser(prog="posewire", description="A body-tracking feed for the LAN, on the CPU, offline.")
    parser.add_argument("--version", action="version", version=f"posewire {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    serve.add_options(commands.add_parser("serve", help="stream keypoints of cameras, videos or the demo clip"))
    relay.add_options(commands.add_parser("relay", help="serve the streams of many machines to viewers, over NATS"))
    watch.add_options(commands.add_parser("watch", help="watch a stream in the terminal: rate, latency, drops"))
    record.add_options(commands.add_parser("record", help="record what a server streams"))
    recover.add_options(commands.add_parser("recover", help="mend a recording that was cut"))
    discover.add_options(commands.add_parser("discover", help="find servers on the local network"))
    export.add_options(
        commands.add_parser("export", help="make BVH, glTF, VRM Animation, C3D and the like of recordings and videos")
    )
    detect.add_options(commands.add_parser("detect", help="find the poses in pictures"))
    doctor.add_options(commands.add_parser("doctor", help="say what could be wrong on this machine"))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The `posewire` command. Exit status: 0 done, 1 a failure at work, 2 a user's mistake."""
    verbose = "--verbose" in (sys.argv[1:] if arguments is None else arguments)
    as_json = False
    try:
        try:
            options = make_parser().parse_args(arguments)
            as_json = getattr(options, "log_format", "text") == "json"
            status: int = options.run(options)
        finally:
            if sys.stdout is not None:  # which it is where the command was started without one
                sys.stdout.flush()  # here a failure can still be told, at the interpreter's end it can't
        return status
    except PosewireError as error:
        if verbose and not as_json:
            raise
        _tell(str(error), error, as_json)
        return error.exit_status
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever read the output (`head`, say) has enough. What is left is tried once more at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if verbose and not as_json:
            raise
        shows_where = "" if verbose else " (--verbose shows where)"
        _tell(f"unexpected {type(error).__name__}: {error}{shows_where}", error, as_json)
        return 1


def _tell(text: str, error: Exception, as_json: bool) -> None:
    """Why the command ends, in one line; as the log has it where that is JSON."""
    if as_json:
        with_traceback = error if logging.getLogger("posewire").isEnabledFor(logging.DEBUG) else None
        logging.getLogger("posewire").critical("%s", text, exc_info=with_traceback)
    else:
        print(f"posewire: {printable(' '.join(text.splitlines()))}", file=sys.stderr)
