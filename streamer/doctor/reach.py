"""Who could reach this machine, and its clock."""

import sys
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from streamer.doctor.finding import Finding, note, ok, problem

INTERFACES: Final = Path("/sys/class/net")
UP, LOOPBACK, MULTICAST = 0x1, 0x8, 0x1000
"""An interface's flags on Linux."""
RELEASED: Final = datetime(2025, 1, 1, tzinfo=timezone.utc)
"""No clock is right that says it is earlier."""
COARSE_S: Final = 0.002


def check_network(host: str, interfaces: Path = INTERFACES) -> Sequence[Finding]:
    """The addresses under which others reach a server, and whether it can be announced to them."""
    from streamer.guard.access import is_loopback
    from streamer.lan.addresses import lan_addresses

    addresses = lan_addresses()
    if not addresses:
        found = [note("this machine has no address on a network", "others can't connect; connect it to one")]
    elif is_loopback(host):
        found = [ok(f"{', '.join(addresses)}; {host} is for this machine only, --host 0.0.0.0 lets others connect")]
    else:
        found = [ok(", ".join(addresses))]
    return [*found, *_multicast(interfaces)]


def _multicast(interfaces: Path) -> Sequence[Finding]:
    if sys.platform != "linux":
        return []
    able = []
    for interface in sorted(interfaces.iterdir()):
        try:
            flags = int((interface / "flags").read_text(), 16)
        except (OSError, ValueError):
            continue
        if flags & UP and not flags & LOOPBACK and flags & MULTICAST:
            able.append(interface.name)
    if able:
        return [ok(f"multicast on {', '.join(able)}, so `posewire discover` can find a server here")]
    return [note("no network with multicast", "`posewire discover` won't find a server here; give its address instead")]


def check_clock() -> Sequence[Finding]:
    """The date, which certificates go by, and how fine time is measured."""
    now = datetime.now(timezone.utc)
    if now < RELEASED:
        return [problem(f"the date is {now:%Y-%m-%d}", "set the clock, or no certificate is valid")]
    fine_s = time.get_clock_info("monotonic").resolution
    if fine_s > COARSE_S:
        return [
            note(f"{now:%Y-%m-%d %H:%M} UTC; time is told in steps of {fine_s * 1e3:.0f} ms, so latencies are, too")
        ]
    return [ok(f"{now:%Y-%m-%d %H:%M} UTC")]
