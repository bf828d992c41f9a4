"""`posewire recover`: its options, and what it says."""

import argparse
from pathlib import Path

from streamer.errors import UsageError
from streamer.recording.format import SUFFIX
from streamer.recording.recover import recover


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = "Mend a recording that was cut or damaged: what can be read goes to a new file."
    parser.add_argument("file", type=Path, metavar="FILE.mcap")
    parser.add_argument("--output", type=Path, metavar="OUT.mcap", help="the new file; FILE-recovered.mcap by default")
    parser.add_argument("--verbose", action="store_true", help="show tracebacks")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    if not options.file.name:
        raise UsageError(f"{options.file} is no file")
    output = options.output or options.file.with_name(f"{options.file.stem}-recovered{SUFFIX}")
    found = recover(options.file, output)
    lost = f"; {found.damaged} damaged records or messages left out" if found.damaged else ""
    whole = "; the file was whole" if found.whole else ""
    print(f"{output}: {found.messages} messages, {found.seconds:.2f} s kept{lost}{whole}")
    return 0
