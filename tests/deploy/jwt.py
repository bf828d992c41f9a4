"""NATS' decentralised users, as the tool nsc makes them: an operator, an account, credentials files signed by it."""

import base64
import json
import os
import time
from typing import Any

import nkeys

EVERYTHING = -1


class Operator:
    """An operator with one account. config: what a server has to know of both."""

    def __init__(self) -> None:
        self._operator = make_key(nkeys.PREFIX_BYTE_OPERATOR)
        self._account = make_key(nkeys.PREFIX_BYTE_ACCOUNT)
        limits: dict[str, Any] = dict.fromkeys(
            ("subs", "data", "payload", "imports", "exports", "conn", "leaf"), EVERYTHING
        )
        account = {"type": "account", "version": 2, "limits": limits | {"wildcards": True}}
        operator = _sign(self._operator, _public(self._operator), "test", {"type": "operator", "version": 2})
        signed = _sign(self._operator, _public(self._account), "posewire", account)
        self.config = (
            f"operator: {operator}\nresolver: MEMORY\nresolver_preload: {{ {_public(self._account)}: {signed} }}\n"
        )

    def credentials(self, name: str, publish: list[str], subscribe: list[str], answers: int = 0) -> str:
        """A credentials file. answers: to each question, how many."""
        user = make_key(nkeys.PREFIX_BYTE_USER)
        claims: dict[str, Any] = {"type": "user", "version": 2, "subs": EVERYTHING, "data": EVERYTHING}
        claims |= {"payload": EVERYTHING, "pub": {"allow": publish}, "sub": {"allow": subscribe}}
        if answers:
            claims["resp"] = {"max": answers, "ttl": 2_000_000_000}
        token = _sign(self._account, _public(user), name, claims)
        return (
            f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{user.seed.decode()}\n------END USER NKEY SEED------\n"
        )


def make_key(prefix: int) -> nkeys.KeyPair:
    return nkeys.from_seed(bytearray(nkeys.encode_seed(os.urandom(32), prefix)))


def _public(key: nkeys.KeyPair) -> str:
    public: str = key.public_key.decode()
    return public


def _sign(by: nkeys.KeyPair, subject: str, name: str, claims: dict[str, Any]) -> str:
    head = {"typ": "JWT", "alg": "ed25519-nkey"}
    body = {"jti": subject, "iat": int(time.time()), "iss": _public(by), "name": name, "sub": subject, "nats": claims}
    signed = ".".join(_encode(json.dumps(part).encode()) for part in (head, body))
    return f"{signed}.{_encode(by.sign(signed.encode()))}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
