"""Servers on the local network, found without an address: `_posewire._tcp` by multicast DNS (RFC 6762, 6763).

Needs `pip install zeroconf`, which the rest of this client does without.
"""

import asyncio
from dataclasses import dataclass

from zeroconf import DNSQuestionType, InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICE = "_posewire._tcp.local."
MAX_SERVERS = 256
"""Found at a time; on a network that claims more than that something is wrong."""

Interfaces = InterfaceChoice | list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A server that announces itself. `url` has no token: that is for its owner to give."""

    name: str
    url: str
    needs_token: bool
    version: str


async def discover(seconds: float, interfaces: Interfaces = InterfaceChoice.All) -> list[Found]:
    """The servers that answer within so many seconds, by name. Raises OSError where the network can't be asked.

    interfaces: addresses of the network interfaces to ask on; all of them by default.
    """
    names: set[str] = set()

    def changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Removed:
            names.discard(name)
        elif len(names) < MAX_SERVERS:
            names.add(name)

    zeroconf = AsyncZeroconf(interfaces, ip_version=IPVersion.V4Only)
    try:
        # Answers by multicast: one sent to this machine alone reaches only one of the programs on it that listen.
        by_multicast = DNSQuestionType.QM
        browser = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE, handlers=[changed], question_type=by_multicast)
        await asyncio.sleep(seconds)
        await browser.async_cancel()
        infos = [AsyncServiceInfo(SERVICE, name) for name in sorted(names)]
        answered = await asyncio.gather(*(info.async_request(zeroconf.zeroconf, 1000, by_multicast) for info in infos))
        return [found for info, known in zip(infos, answered, strict=True) if known and (found := _found(info))]
    finally:
        await zeroconf.async_close()


def _found(info: AsyncServiceInfo) -> Found | None:
    addresses = info.parsed_addresses(IPVersion.V4Only) or info.parsed_addresses()
    if not addresses or not info.port:
        return None
    said = info.decoded_properties
    host = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    url = f"{'https' if said.get('tls') == '1' else 'http'}://{host}:{info.port}/"
    name = info.name.removesuffix("." + SERVICE)
    return Found(name[:64], url, said.get("auth") == "1", (said.get("version") or "")[:64])
