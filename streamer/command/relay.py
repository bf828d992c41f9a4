"""`posewire relay`: its options, and the server they ask for."""

import argparse

from streamer import log
from streamer.command import site_options
from streamer.config import SiteConfig
from streamer.errors import UsageError


def add_options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.description = (
        "Serve the streams of all nodes on NATS (posewire serve --nats URL) to viewers: the same page and the same "
        "wire. A relay keeps nothing; run as many as there are viewers for."
    )
    site_options.add_nats_options(parser, "where the nodes' streams are")
    site_options.add_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    log.set_up(options.verbose, options.log_format)
    from streamer import pipeline

    config = SiteConfig(**site_options.settings(options))
    if config.nats is None:
        raise UsageError("a relay needs --nats URL, or POSEWIRE_NATS in the environment")
    return site_options.run_site(pipeline.relay(config, config.nats))
