"""Announced on the network as `_posewire._tcp` by multicast DNS (RFC 6762, 6763); the Python client finds it."""

import ipaddress
import logging
import socket

from zeroconf import Error as ZeroconfError
from zeroconf import InterfaceChoice, IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from posewire_client.discovery import SERVICE, Interfaces
from streamer import __version__

log = logging.getLogger("posewire.discovery")


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
