"""Where a server is: what the user typed, made plain."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from .errors import Refused, show

_SCHEMES = {"ws": False, "wss": True, "http": False, "https": True}
MAX_ADDRESS_LENGTH = 2048


@dataclass(frozen=True, slots=True)
class Address:
    """A server. token: from `?token=`, empty where there was none. target: path and query of the request."""

    host: str
    port: int
    is_tls: bool
    target: str
    token: str

    @property
    def authority(self) -> str:
        """HOST:PORT as in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(text: str) -> Address:
    """HOST:PORT or a ws, wss, http or https address. Raises Refused where it is none, or names a subscription."""
    text = text.strip()
    if len(text) > MAX_ADDRESS_LENGTH:
        raise Refused(f"the address has {len(text)} characters; at most {MAX_ADDRESS_LENGTH}")
    example = f"{show(text)} is no address of a server; it looks like HOST:PORT or ws://HOST:PORT/"
    try:
        parts = urlsplit(text if "://" in text else f"ws://{text}")
        port, host = parts.port, parts.hostname
        host = host.encode("idna").decode("ascii") if host and not host.isascii() else host
    except ValueError:  # UnicodeError is one
        raise Refused(example) from None
    if parts.scheme not in _SCHEMES or not host or port == 0 or parts.username is not None or not _is_plain(host):
        raise Refused(example)
    if not _is_plain(parts.path) or not _is_plain(parts.query):
        raise Refused(example)
    is_tls = _SCHEMES[parts.scheme]
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(key == "subscribe" for key, _ in query):
        raise Refused(f"{show(text)} asks for a subscription itself; leave `subscribe` out of the address")
    rest = urlencode([(key, value) for key, value in query if key != "token"])
    path = parts.path if parts.path not in ("", "/") else "/stream"
    token = next((value for key, value in query if key == "token"), "")
    return Address(host, port or (443 if is_tls else 80), is_tls, f"{path}?{rest}" if rest else path, token)


def _is_plain(text: str) -> bool:
    """Whether a text can stand in the head of a request."""
    return all("!" <= character <= "~" for character in text)
