"""Options of everything that clients connect to: where it listens, who may come, what it says about itself."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, get_args

from streamer.command.arguments import check_tls, in_range, ip_address
from streamer.config import NatsConfig
from streamer.errors import UsageError
from streamer.guard.door import MAX_CONNECTIONS, MAX_PER_ADDRESS
from streamer.log import LogFormat


def add_options(parser: argparse.ArgumentParser) -> "argparse._ArgumentGroup":
    """What `settings` reads, but for NATS; returns the group of the network's."""
    network = parser.add_argument_group("network")
    network.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for the LAN")
    network.add_argument("--port", type=in_range(int, 0, 65535), default=8765, help="0 takes a free one")
    auth = network.add_mutually_exclusive_group()
    auth.add_argument(
        "--token",
        help="what clients have to show; beyond loopback the default is a random one. Others on this machine can read "
        "command lines: POSEWIRE_TOKEN and POSEWIRE_READ_TOKEN in the environment do the same",
    )
    auth.add_argument("--no-auth", action="store_true", help="let everyone on the network in")
    network.add_argument(
        "--read-token",
        metavar="TOKEN",
        help="another, for those who may watch but change nothing; where a token is needed the default is a random one",
    )
    network.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="a further name of this server"
    )
    network.add_argument(
        "--allow-origin", action="append", default=[], metavar="URL", help="a web page that may connect"
    )
    network.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        type=ip_address,
        metavar="ADDRESS",
        help="of a proxy before this server: whom it names in X-Forwarded-For is who asks",
    )
    network.add_argument(
        "--max-per-address",
        type=in_range(int, 1, MAX_CONNECTIONS),
        default=MAX_PER_ADDRESS,
        metavar="N",
        help=f"connections that one address may have open (default {MAX_PER_ADDRESS})",
    )
    network.add_argument(
        "--tls",
        choices=("off", "auto"),
        default="off",
        help="https with a certificate of this machine's own making; the page says how to trust it",
    )
    network.add_argument("--tls-cert", metavar="FILE", help="https with your own certificate (PEM, with its chain)")
    network.add_argument("--tls-key", metavar="FILE", help="and its key")
    network.add_argument(
        "--announce",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="beyond loopback: let `posewire discover` find this server by multicast DNS",
    )
    photos = parser.add_argument_group("pictures sent to /detect")
    photos.add_argument(
        "--max-picture-mb", type=in_range(float, 0.01, 1000), default=10, metavar="MB", help="of a file"
    )
    photos.add_argument(
        "--max-picture-mp", type=in_range(float, 0.01, 200), default=25, metavar="MP", help="megapixels of a picture"
    )
    photos.add_argument(
        "--photo-workers", type=in_range(int, 1, 64), default=1, metavar="N", help="pictures looked at at a time"
    )
    parser.add_argument(
        "--log-format",
        choices=get_args(LogFormat),
        default="text",
        help="of the lines on standard error: for people (default) or a JSON object each",
    )
    parser.add_argument("--verbose", action="store_true", help="tracebacks and the native libraries' own messages")
    return network


def add_nats_options(parser: argparse.ArgumentParser, what: str) -> "argparse._ArgumentGroup":
    """Which NATS, and as whom; what it is for."""
    nats = parser.add_argument_group("NATS", what)
    nats.add_argument(
        "--nats",
        action="append",
        default=[],
        metavar="URL",
        help="a server, nats://HOST:4222 or tls://HOST:4222, several times for several of a cluster. Others on this "
        "machine can read command lines: nats://USER:PASSWORD@HOST goes into POSEWIRE_NATS in the environment, several "
        "with commas between them",
    )
    nats.add_argument("--nats-creds", type=Path, metavar="FILE", help="who we are: credentials as nsc makes them")
    nats.add_argument("--nats-nkey", type=Path, metavar="FILE", help="or a file with an NKey's seed (SU...)")
    nats.add_argument("--nats-ca", type=Path, metavar="FILE", help="who vouches for the servers (PEM); turns TLS on")
    return nats


def settings(options: argparse.Namespace) -> dict[str, Any]:
    """For a SiteConfig. Raises UsageError for options that don't go together."""
    token, read_token = options.token, options.read_token
    if not options.no_auth:
        token = os.environ.get("POSEWIRE_TOKEN") if token is None else token
        read_token = os.environ.get("POSEWIRE_READ_TOKEN") if read_token is None else read_token
    for name, value in (("--token", token), ("--read-token", read_token)):
        if value is not None and not value.strip():
            raise UsageError(f"{name} is empty; give one, or --no-auth to let everyone in")
    check_tls(options)
    return {
        "host": options.host,
        "port": options.port,
        "token": token,
        "read_token": read_token,
        "no_auth": options.no_auth,
        "allow_hosts": tuple(options.allow_host),
        "allow_origins": tuple(options.allow_origin),
        "trusted_proxies": tuple(options.trusted_proxy),
        "max_per_address": options.max_per_address,
        "announce": options.announce,
        "tls": options.tls,
        "tls_cert": options.tls_cert,
        "tls_key": options.tls_key,
        "max_picture_bytes": round(options.max_picture_mb * 1e6),
        "max_picture_pixels": round(options.max_picture_mp * 1e6),
        "photo_workers": options.photo_workers,
        "nats": _nats(options),
    }


def run_site(site: Coroutine[Any, Any, bool]) -> int:
    """Serve to the end; the command's exit status."""
    if not asyncio.run(site):
        # A thread stuck in native code (a camera driver, say) would keep the interpreter from ending.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
    return 0


def _nats(options: argparse.Namespace) -> NatsConfig | None:
    servers = options.nats or [server for server in os.environ.get("POSEWIRE_NATS", "").split(",") if server.strip()]
    if not servers:
        for name in ("creds", "nkey", "ca"):
            if getattr(options, f"nats_{name}") is not None:
                raise UsageError(f"--nats-{name} goes with --nats")
        return None
    return NatsConfig(
        servers=tuple(server.strip() for server in servers),
        credentials=options.nats_creds,
        nkey=options.nats_nkey,
        ca=options.nats_ca,
    )
