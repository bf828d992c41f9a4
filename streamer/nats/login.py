"""How to get in at NATS: which servers, as whom, and over which TLS. Checked before anything is connected."""

import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from streamer.config import NatsConfig
from streamer.errors import UsageError

SCHEMES: Final = ("nats", "tls")


def login(config: NatsConfig) -> dict[str, Any]:
    """Servers, credentials and TLS, for the library's `connect`. Raises UsageError for what can't be used."""
    schemes = {_check(server) for server in config.servers}
    options: dict[str, Any] = {"servers": list(config.servers)}
    if config.credentials is not None and config.nkey is not None:
        raise UsageError("--nats-creds and --nats-nkey are two ways to say who we are; one is needed")
    if config.credentials is not None:
        _check_file("--nats-creds", config.credentials, holds_token=True)
        options["user_credentials"] = str(config.credentials)
    if config.nkey is not None:
        _check_file("--nats-nkey", config.nkey, holds_token=False)
        options["nkeys_seed"] = str(config.nkey)
    if config.ca is not None or "tls" in schemes:
        try:
            options["tls"] = ssl.create_default_context(cafile=str(config.ca) if config.ca is not None else None)
        except OSError as error:  # ssl.SSLError is one
            raise UsageError(f"--nats-ca {config.ca}: {error.strerror or error}") from None
    return options


def _check(server: str) -> str:
    """The scheme of a server's URL. Raises UsageError."""
    try:
        parts = urlsplit(server)
        found = parts.scheme in SCHEMES and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        found = False
    if not found:
        raise UsageError(f"{shown(server)!r} is no NATS server; it is like nats://HOST:4222, or tls://HOST:4222")
    return parts.scheme


def _check_file(option: str, path: Path, holds_token: bool) -> None:
    """Raises UsageError where it isn't there, or doesn't hold a seed, with a token (JWT) before it."""
    if not path.is_file():
        raise UsageError(f"{option} {path}: there is no such file")
    import nkeys

    try:
        words = path.read_bytes().split()
        nkeys.from_seed(bytearray(next(word for word in words if word.startswith(b"SU")))).wipe()
        good = any(word.startswith(b"eyJ") for word in words) if holds_token else len(words) == 1
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}") from None
    except Exception:  # whatever the library raises for what is none
        good = False
    if not good:
        what = "no credentials as nsc makes them" if holds_token else "no NKey seed (SU...)"
        raise UsageError(f"{option} {path}: it holds {what}")


def shown(server: str) -> str:
    """A server's URL without who we are."""
    scheme, _, rest = server.rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest.rpartition("@")[2]
