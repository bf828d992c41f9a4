"""Who may talk to the server: token, Origin and Host, checked before any page, upload or upgrade."""

import hmac
import ipaddress
import logging
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from streamer.config import ServeConfig

PUBLIC_PATHS = ("/static/", "/healthz", "/authority.crt")
"""Paths that need no token: they hold nothing of anyone."""

log = logging.getLogger("posewire")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request isn't served."""

    status: HTTPStatus
    text: str


class Access:
    """The rules of one server.

    token: what clients have to show, None where everyone may come.
    allowed_hosts: further names for the Host header, as a proxy or a tunnel brings them.
    allowed_origins: further pages (`https://example.org`) that may connect from a browser.
    """

    def __init__(
        self, token: str | None, allowed_hosts: Iterable[str] = (), allowed_origins: Iterable[str] = ()
    ) -> None:
        self.token = token
        name = socket.gethostname().lower()
        self._names = {"localhost", name, f"{name}.local", *(host.lower().rstrip(".") for host in allowed_hosts)}
        self._origins = {origin.lower().rstrip("/") for origin in allowed_origins}

    def check(
        self, path: str, headers: list[tuple[str, str]], query_token: str | None, local_address: str | None
    ) -> Refusal | None:
        """None where the request may pass. `headers` in order, with duplicates; `local_address` the socket's own."""
        found: dict[str, list[str]] = {}
        for key, value in headers:
            found.setdefault(key.lower(), []).append(value.strip())
        hosts = found.get("host", [])
        if len(hosts) != 1:
            return Refusal(HTTPStatus.BAD_REQUEST, f"{len(hosts)} Host headers; exactly one is needed")
        if not self._knows_host(hosts[0], local_address):
            return Refusal(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"this server is not {hosts[0][:100]!r}; start it with --allow-host to add a name",
            )
        for origin in found.get("origin", []):
            if not self._knows_origin(origin, hosts[0]):
                return Refusal(
                    HTTPStatus.FORBIDDEN,
                    f"pages of {origin[:100]!r} may not connect; start the server with --allow-origin to let them",
                )
        if self.token is not None and not path.startswith(PUBLIC_PATHS):
            shown = [query_token] if query_token is not None else []
            shown += [value[7:].strip() for value in found.get("authorization", []) if value[:7].lower() == "bearer "]
            if not shown:
                return Refusal(HTTPStatus.UNAUTHORIZED, "a token is needed: ?token=... or Authorization: Bearer ...")
            if not all(hmac.compare_digest(token.encode(), self.token.encode()) for token in shown):
                return Refusal(HTTPStatus.UNAUTHORIZED, "wrong token")
        return None

    def _knows_host(self, host: str, local_address: str | None) -> bool:
        name = _host_name(host)
        if name is None:
            return False
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return name.lower().rstrip(".") in self._names
        # An address can't be rebound by DNS, but a request for another machine's still went astray.
        if local_address is None:
            return address.is_loopback
        local = ipaddress.ip_address(local_address.partition("%")[0])
        return address in (local, getattr(local, "ipv4_mapped", None)) or name in self._names

    def _knows_origin(self, origin: str, host: str) -> bool:
        parts = urlsplit(origin.lower())
        same = parts.scheme in ("http", "https") and parts.netloc == host.lower()
        return same or origin.lower().rstrip("/") in self._origins


def _host_name(host: str) -> str | None:
    """The host of a Host header without its port, None where it isn't one."""
    try:
        parts = urlsplit(f"//{host}")
        parts.port  # noqa: B018  raises for a port that is no number
        if parts.username is not None or parts.path or parts.query or parts.fragment:
            return None
        return parts.hostname
    except ValueError:
        return None


def make_access(config: ServeConfig) -> Access:
    """The rules that a server's settings ask for: beyond loopback with a random token, unless they say otherwise."""
    token = config.token
    if token is None and not config.no_auth:
        if not is_loopback(config.host):
            token = make_token()
        elif config.allow_hosts:
            # A further name for a server that only this machine reaches: a proxy or tunnel lets others in.
            log.warning(
                "no token is set, so whoever gets here as %s is let in; give --token, or --no-auth if that is meant",
                ", ".join(config.allow_hosts),
            )
    return Access(token, config.allow_hosts, config.allow_origins)


def make_token() -> str:
    """A random token, 128 bits, safe in a URL."""
    return secrets.token_urlsafe(16)


def is_loopback(host: str) -> bool:
    """Whether listening on `host` reaches this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
