"""What the commands' parsers share: mistakes as UsageError, numbers with their range."""

import argparse
import ipaddress
from typing import NoReturn

from streamer.errors import UsageError


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are ours to tell."""

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        raise UsageError(f"{message} ({self.prog} --help lists the options)")


def in_range(kind: type, low: float, high: float):  # type: ignore[no-untyped-def]  # argparse takes any callable
    """A converter of text to a number of that kind, refused out of range in words."""

    def convert(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value  # type: ignore[no-any-return]

    return convert


def ip_address(text: str) -> str:
    """An IP address as it is usually written."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IP address, like 127.0.0.1") from None


def check_tls(options: argparse.Namespace) -> None:
    """Raises UsageError where --tls, --tls-cert and --tls-key don't go together."""
    if (options.tls_cert is None) != (options.tls_key is None):
        raise UsageError("--tls-cert and --tls-key go together")
    if options.tls_cert is not None and options.tls == "auto":
        raise UsageError("--tls auto makes a certificate; leave it out to use --tls-cert")
