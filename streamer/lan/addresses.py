"""What others on the network can call this machine."""

import ipaddress
import socket
from urllib.parse import quote

import ifaddr

MAX_ADDRESSES = 16


def lan_addresses() -> list[str]:
    """Addresses of this machine that others may reach, IPv4 first; neither loopback nor link-local."""
    found = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ipaddress.ip_address(text)
            if not (address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified):
                found.append(address)
    return [str(address) for address in sorted(set(found), key=lambda a: (a.version, not a.is_private, a))][
        :MAX_ADDRESSES
    ]


def reachable(host: str) -> list[str]:
    """Addresses under which a server that listens on `host` is reached from elsewhere: all, or just that one."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return [host]
    if not address.is_unspecified:
        return [str(address)]
    return [found for found in lan_addresses() if address.version == 6 or ipaddress.ip_address(found).version == 4]


def machine_names() -> list[str]:
    """Names of this machine: plain, and as mDNS has it."""
    name = socket.gethostname().lower().partition(".")[0]
    return [name, f"{name}.local"] if name and name != "localhost" else []


def make_url(scheme: str, host: str, port: int, token: str | None) -> str:
    """The address of the page."""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}/" + (f"?token={quote(token, safe='')}" if token else "")
