"""Who may talk to the server: tokens, Origin and Host, checked before any page, upload or upgrade."""

import hashlib
import hmac
import ipaddress
import logging
import math
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from operator import itemgetter
from urllib.parse import urlsplit

from streamer.config import SiteConfig
from streamer.errors import UsageError
from streamer.guard.door import plain_address
from streamer.guard.lockout import LOCK_S, MAX_FAILURES, Lockout
from streamer.vitals.tally import Tally

PUBLIC_PATHS = ("/static/", "/healthz", "/authority.crt")
"""Paths that need no token: they hold nothing of anyone."""

log = logging.getLogger("posewire")


class Role(IntEnum):
    """What somebody may do; each includes those before it."""

    NONE = 0
    READ = 1
    """Pages, streams, numbers: whatever changes nothing."""
    CONTROL = 2
    """Settings, being a camera, having pictures looked at."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request isn't served; `retry_after_s` where it may be later."""

    status: HTTPStatus
    text: str
    reason: str
    """The same for counting: one word of a few."""
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as the rules look at it.

    headers: in order, with duplicates. peer: the other end's address. local: the socket's own. needs: what it is about.
    """

    path: str
    headers: list[tuple[str, str]]
    query_token: str | None
    peer: str
    local: str | None
    needs: Role = Role.READ


class Access:
    """The rules of one server.

    token: what clients have to show, None where everyone may come. read_token: another, for what Role.READ is about.
    allowed_hosts: further names for the Host header, as a proxy or a tunnel brings them. allowed_origins: further pages
    (`https://example.org`) that may connect from a browser. proxies: addresses whose X-Forwarded-For is believed.
    refused: what is refused, by reason; whoever else refuses somebody counts there, too.
    """

    def __init__(
        self,
        token: str | None,
        read_token: str | None = None,
        allowed_hosts: Iterable[str] = (),
        allowed_origins: Iterable[str] = (),
        proxies: Iterable[str] = (),
    ) -> None:
        self.token = token
        self.read_token = read_token
        name = socket.gethostname().lower()
        self._names = {"localhost", name, f"{name}.local", *(host.lower().rstrip(".") for host in allowed_hosts)}
        self._origins = {origin.lower().rstrip("/") for origin in allowed_origins}
        self._proxies = frozenset(proxies)
        self._lockout = Lockout()
        self.refused = Tally()

    def check(self, visit: Visit) -> Refusal | Role:
        """What the visitor may do, at least `needs`; or why it is refused, which is counted."""
        found = self._look(visit)
        if isinstance(found, Refusal):
            self.refused.count(found.reason)
        return found

    def _look(self, visit: Visit) -> Refusal | Role:
        found: dict[str, list[str]] = {}
        for key, value in visit.headers:
            found.setdefault(key.lower(), []).append(value.strip())
        refusal = self._check_host(found, visit.local) or self._check_origin(found)
        if refusal is not None:
            return refusal
        if self.token is None:
            return Role.CONTROL
        if visit.path.startswith(PUBLIC_PATHS):
            return Role.READ
        shown = [visit.query_token] if visit.query_token is not None else []
        shown += [value[7:].strip() for value in found.get("authorization", []) if value[:7].lower() == "bearer "]
        return self._check_tokens(shown, self.client_address(visit.peer, found.get("x-forwarded-for", [])), visit.needs)

    def client_address(self, peer: str, forwarded: list[str]) -> str:
        """Who asks: the other end of the connection, or whom a proxy that is believed names last."""
        address = plain_address(peer)
        if address in self._proxies:
            for named in reversed(",".join(forwarded).split(",")):
                try:
                    address = plain_address(str(ipaddress.ip_address(named.strip())))
                except ValueError:
                    break  # what stands before it was written by nobody we know
                if address not in self._proxies:
                    break
        return address

    def _check_host(self, found: dict[str, list[str]], local: str | None) -> Refusal | None:
        hosts = found.get("host", [])
        if len(hosts) != 1:
            return Refusal(HTTPStatus.BAD_REQUEST, f"{len(hosts)} Host headers; exactly one is needed", "host")
        if self._knows_host(hosts[0], local):
            return None
        text = f"this server is not {hosts[0][:100]!r}; start it with --allow-host to add a name"
        return Refusal(HTTPStatus.MISDIRECTED_REQUEST, text, "host")

    def _check_origin(self, found: dict[str, list[str]]) -> Refusal | None:
        for origin in found.get("origin", []):
            if not self._knows_origin(origin, found["host"][0]):
                text = f"pages of {origin[:100]!r} may not connect; start the server with --allow-origin to let them"
                return Refusal(HTTPStatus.FORBIDDEN, text, "origin")
        return None

    def _check_tokens(self, shown: list[str], address: str, needs: Role) -> Refusal | Role:
        if not shown:
            text = "a token is needed: ?token=... or Authorization: Bearer ..."
            return Refusal(HTTPStatus.UNAUTHORIZED, text, "no_token")
        wait_s = math.ceil(self._lockout.remaining_s(address))
        if wait_s:  # the right token, too: else guessing would go on
            text = f"{MAX_FAILURES} wrong tokens came from {address}; it is listened to again in {wait_s} s"
            return Refusal(HTTPStatus.TOO_MANY_REQUESTS, text, "locked_out", wait_s)
        role, worst = min(((self._role_of(token), token) for token in shown), key=itemgetter(0))
        if role is Role.NONE:
            if self._lockout.fail(address, _digest(worst)):
                log.warning("%s showed %d wrong tokens and is locked out for %g s", address, MAX_FAILURES, LOCK_S)
            return Refusal(HTTPStatus.UNAUTHORIZED, "wrong token", "wrong_token")
        if role < needs:
            text = "this token is for watching only; settings, cameras and pictures need the other one"
            return Refusal(HTTPStatus.FORBIDDEN, text, "read_only")
        return role

    def _role_of(self, token: str) -> Role:
        # Both are compared whatever comes out, and as digests: how long it takes tells nothing about them.
        role = Role.NONE
        for known, stands_for in ((self.read_token, Role.READ), (self.token, Role.CONTROL)):
            if known is not None and hmac.compare_digest(_digest(token), _digest(known)):
                role = stands_for
        return role

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
        try:
            parts = urlsplit(origin.lower())
        except ValueError:  # an address with half a bracket, say
            return False
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


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def make_access(config: SiteConfig) -> Access:
    """The rules that a server's settings ask for: beyond loopback with random tokens, unless they say otherwise.

    Raises UsageError for settings that contradict each other.
    """
    token, read_token = config.token, config.read_token
    if config.no_auth and read_token is not None:
        raise UsageError("--no-auth lets everyone in; --read-token would keep nobody out")
    if token is None and not config.no_auth:
        if read_token is not None or not is_loopback(config.host):
            token = make_token()
        elif config.allow_hosts or config.trusted_proxies:
            # A further name for a server that only this machine reaches: a proxy or tunnel lets others in.
            log.warning(
                "no token is set, so whoever gets here%s is let in; give --token, or --no-auth if that is meant",
                f" as {', '.join(config.allow_hosts)}" if config.allow_hosts else "",
            )
    if token is not None:
        read_token = read_token or make_token()
        if hmac.compare_digest(_digest(token), _digest(read_token)):
            raise UsageError("--token and --read-token are the same; who may only watch would control, too")
    return Access(token, read_token, config.allow_hosts, config.allow_origins, config.trusted_proxies)


def make_token() -> str:
    """A random token, 128 bits, safe in a URL."""
    return secrets.token_urlsafe(16)


def is_loopback(host: str) -> bool:
    """Whether listening on `host` reaches this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
