"""Whether an address is on the internet. Blender asks add-ons to go there only where the user allows online access."""

import ipaddress

import bpy

from ..feed.address import parse_address

LOCAL_ENDINGS = (".local", ".localhost", ".lan", ".home", ".internal", ".home.arpa", ".localdomain")


def is_internet(address: str) -> bool:
    """Whether an address leads out of this computer and its network. Raises feed.errors.Refused where it is none."""
    host = parse_address(address).host.rstrip(".").lower()
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "." in host and not host.endswith(LOCAL_ENDINGS)
    return number.is_global


def is_allowed(address: str) -> bool:
    """Whether Blender's preferences let us connect. Your own network is no online access; older Blenders don't ask."""
    return getattr(bpy.app, "online_access", True) or not is_internet(address)
