"""Found on the network without an address: `_posewire._tcp` by multicast DNS (RFC 6762, 6763)."""

import asyncio
import ipaddress
import logging
import socket
from dataclasses import dataclass

from zeroconf import DNSQuestionType, InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf import Error as ZeroconfError
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from streamer import __version__
from streamer.lan.addresses import make_url

SERVICE = "_posewire._tcp.local."
MAX_SERVERS = 256
"""Found at a time; on a network that claims more than that something is wrong."""

Interfaces = InterfaceChoice | list[str]

log = logging.getLogger("posewire.discovery")


@dataclass(frozen=True, slots=True)
class Found:
    """A server that announces itself. `url` has no token: that is for its owner to give."""

    name: str
    url: str
    needs_token: bool
    version: str


class Announcer:
    """Tells the network of this server until it is stopped. A network without multicast is a warning, no fault."""

    def __init__(
        self,
        scheme: str,
        port: int,
        addresses: list[str],
        needs_token: bool,
        interfaces: Interfaces = InterfaceChoice.All,
    ) -> None:
        self._interfaces = interfaces
        host = socket.gethostname().partition(".")[0] or "posewire"
        self._info = AsyncServiceInfo(
            SERVICE,
            f"Posewire on {host} {port}.{SERVICE}",
            port=port,
            server=f"{host}.local.",
            addresses=[ipaddress.ip_address(address).packed for address in addresses],
            properties={
                "path": "/stream",
                "tls": str(int(scheme == "https")),
                "auth": str(int(needs_token)),
                "version": __version__,
            },
        )
        self._zeroconf: AsyncZeroconf | None = None

    async def start(self) -> None:
        """Announce; another name is taken where this one is in use."""
        try:
            self._zeroconf = AsyncZeroconf(self._interfaces, ip_version=IPVersion.V4Only)
            await self._zeroconf.async_register_service(self._info, allow_name_change=True)
        except (OSError, ZeroconfError) as error:
            log.warning("not announced on the network: %s", error or type(error).__name__)

    async def stop(self) -> None:
        """Say goodbye."""
        if self._zeroconf is not None:
            await self._zeroconf.async_unregister_all_services()
            await self._zeroconf.async_close()


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
    url = make_url("https" if said.get("tls") == "1" else "http", addresses[0], info.port, None)
    name = info.name.removesuffix("." + SERVICE)
    return Found(name[:64], url, said.get("auth") == "1", (said.get("version") or "")[:64])
