"""How to get in at NATS: which servers, as whom, and over which TLS. Checked before anything is connected."""

import ssl
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
    for option, key, path in (
        ("--nats-creds", "user_credentials", config.credentials),
        ("--nats-nkey", "nkeys_seed", config.nkey),
    ):
        if path is None:
            continue
        if not path.is_file():
            raise UsageError(f"{option} {path}: there is no such file")
        options[key] = str(path)
    if config.nkey is not None:
        _check_seed(config)
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


def _check_seed(config: NatsConfig) -> None:
    import nkeys

    assert config.nkey is not None
    try:
        nkeys.from_seed(bytearray(config.nkey.read_bytes().strip())).wipe()
    except OSError as error:
        raise UsageError(f"--nats-nkey {config.nkey}: {error.strerror}") from None
    except Exception:  # whatever the library raises for what is none
        raise UsageError(f"--nats-nkey {config.nkey}: it holds no NKey seed (SU...)") from None


def shown(server: str) -> str:
    """A server's URL without who we are."""
    scheme, _, rest = server.rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest.rpartition("@")[2]
