"""OSC over UDP: where to, in packets of what size, how often. The messages themselves are vmc.py's and vrchat.py's."""

import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from streamer.errors import UsageError
from streamer.hub.outgoing import Estimate
from streamer.slot import Slot

MAX_BUNDLE_BYTES = 1400
"""Largest packet: fits an Ethernet frame, IPv6 and tunnels included, so none is cut in pieces."""
MAX_FPS = 60
"""Frames a second that a receiver gets at most."""
COMPLAINT_S = 10.0
"""Least time between two log lines about one receiver."""
_BUNDLE_HEAD_BYTES = 16
_LENGTH_BYTES = 4
_TARGET = re.compile(r"(?:\[(?P<ipv6>[^\[\]]+)\]|(?P<host>[^:\[\]\s]+))(?::(?P<port>[0-9]{1,5}))?")

log = logging.getLogger("posewire.osc")


@dataclass(frozen=True, slots=True)
class Target:
    """The socket address to which packets go, as its family has it."""

    family: socket.AddressFamily
    address: tuple[Any, ...]

    def __str__(self) -> str:
        host, port = self.address[:2]
        return f"[{host}]:{port}" if self.family == socket.AF_INET6 else f"{host}:{port}"


def parse_target(text: str, default_port: int) -> Target:
    """The target HOST or HOST:PORT, an IPv6 address in brackets. Its name is looked up once, now.

    A name that stands for addresses of both kinds is taken for the IPv4 one: that is where receivers listen.
    Raises UsageError where it is none.
    """
    found = _TARGET.fullmatch(text)
    port = int(found["port"] or default_port) if found else 0
    if found is None or not 0 < port < 65536:
        raise UsageError(f"{text!r} is no receiver; HOST or HOST:PORT, IPv6 in brackets, ports to 65535")
    host = found["ipv6"] or found["host"]
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"receiver {text!r}: {getattr(error, 'strerror', None) or error}") from None
    family, _, _, _, address = min(answers, key=lambda answer: answer[0] != socket.AF_INET)
    return Target(family, address)


def message(address: str, *arguments: str | int | float) -> OscMessage:
    """An OSC message; strings, integers and floats are sent as such."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        kind = "s" if isinstance(argument, str) else "i" if isinstance(argument, int) else "f"
        builder.add_arg(argument, kind)
    return builder.build()


def bundles(messages: Iterable[OscMessage]) -> list[OscBundle]:
    """Messages in as few bundles of at most MAX_BUNDLE_BYTES as their order allows."""
    packed = []
    builder, size = OscBundleBuilder(IMMEDIATELY), _BUNDLE_HEAD_BYTES
    for item in messages:
        if size + _LENGTH_BYTES + item.size > MAX_BUNDLE_BYTES:
            packed.append(builder.build())
            builder, size = OscBundleBuilder(IMMEDIATELY), _BUNDLE_HEAD_BYTES
        builder.add_content(item)
        size += _LENGTH_BYTES + item.size
    packed.append(builder.build())
    return packed


class OscOutput:
    """Sends what `build` makes of each estimate to one target, from a thread of its own.

    A latest-wins slot stands before it, so nobody ever waits for it; a receiver that is away costs nothing.
    """

    def __init__(self, name: str, target: Target, build: Callable[[Estimate], Sequence[OscBundle]]) -> None:
        self.label = f"{name} to {target}"
        self._address = target.address
        self._socket = socket.socket(target.family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._build = build
        self._estimates: Slot[Estimate] = Slot()
        self._failing = False
        self._complained_s = -COMPLAINT_S
        self._thread = threading.Thread(target=self._run, name=f"osc {name}", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def publish(self, estimate: Estimate) -> None:
        """Send this next, in place of one not yet sent."""
        self._estimates.put(estimate)

    def stop(self, timeout_s: float) -> None:
        """End the thread."""
        self._estimates.close()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        with self._socket:
            self._send_all()

    def _send_all(self) -> None:
        interval_s, due_s = 1 / MAX_FPS, 0.0
        while not self._estimates.wait_closed(max(due_s - time.monotonic(), 0.0)):
            estimate = self._estimates.take(None)
            if estimate is not None:
                # On average: a frame that came late may be followed sooner, so that uneven times lose none.
                due_s = max(due_s, time.monotonic() - interval_s) + interval_s
                self._send(estimate)

    def _send(self, estimate: Estimate) -> None:
        try:
            for bundle in self._build(estimate):
                self._socket.sendto(bundle.dgram, self._address)
        except OSError as error:
            if not self._failing:
                self._say(f"can't be reached ({error.strerror or error}); it is tried with every frame")
            self._failing = True
        except Exception as error:  # one frame that can't be sent doesn't end the output
            self._say(f"a frame is left out ({type(error).__name__}: {error})")
        else:
            if self._failing:
                self._say("is reached again")
            self._failing = False

    def _say(self, news: str) -> None:
        if time.monotonic() - self._complained_s >= COMPLAINT_S:
            self._complained_s = time.monotonic()
            log.warning("%s: %s", self.label, news)
