"""The files of deploy/ for NATS, as somebody would set them up on loopback: with certificates and keys of their own."""

import base64
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import nkeys
from nats.aio.client import Client

from streamer.nats import subjects
from tests.nats_server import NatsServer

DEPLOY = Path(__file__).parents[2] / "deploy"
NAMES = ("studio", "gym", "relay")


class Site:
    """A copy of deploy/ with what its scripts make. config: of the single server; only ports and paths are replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "deploy"
        shutil.copytree(DEPLOY, self.folder)
        self.run("./make-certificates.sh", "127.0.0.1", "localhost")
        self.run(sys.executable, "make-keys.py", *NAMES)
        self.replace("nats.conf", 'http: "127.0.0.1:8222"', 'http: "127.0.0.1:-1"')
        self.replace("nats.conf", '"certificates/', f'"{self.folder}/certificates/')
        self.ca = self.folder / "certificates" / "ca.pem"

    @property
    def config(self) -> str:
        return (self.folder / "nats.conf").read_text()

    def run(self, *command: str) -> None:
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new))

    def seed(self, name: str) -> Path:
        return self.folder / "keys" / f"{name}.nk"

    def add_seed(self, name: str) -> None:
        """A seed that no server knows."""
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        self.seed(name).write_bytes(seed)

    def options(self, server: NatsServer, name: str) -> list[str]:
        """Of a posewire command that connects to that server with that name's key."""
        return ["--nats", tls_url(server), "--nats-ca", str(self.ca), "--nats-nkey", str(self.seed(name))]


def tls_url(server: NatsServer, user: str = "") -> str:
    return f"tls://{user}{'@' if user else ''}127.0.0.1:{server.port}"


class Raw:
    """Speaks NATS' protocol itself, in order: the library's client may send a ping before what it was given to send."""

    def __init__(self, site: Site, server: NatsServer, name: str) -> None:
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        info = json.loads(_read_line(plain).removeprefix(b"INFO "))
        context = ssl.create_default_context(cafile=str(site.ca))
        self._socket = context.wrap_socket(plain, server_hostname="127.0.0.1")
        self._lines = self._socket.makefile("rb")
        key = nkeys.from_seed(bytearray(site.seed(name).read_bytes().strip()))
        signed = base64.urlsafe_b64encode(key.sign(info["nonce"].encode())).rstrip(b"=").decode()
        hello = {"nkey": key.public_key.decode(), "sig": signed, "verbose": False, "lang": "test", "version": "1"}
        assert self.say(f"CONNECT {json.dumps(hello)}") == []

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def say(self, *lines: str) -> list[str]:
        """What the server answers to it but PONG, a line each."""
        self._socket.sendall("".join(f"{line}\r\n" for line in (*lines, "PING")).encode())
        found: list[str] = []
        while (line := self._lines.readline().decode()) != "PONG\r\n":
            assert line, "the server hung up"
            if not line.startswith(("INFO", "PING")):
                found.append(line.strip())
        return found


@asynccontextmanager
async def connected(site: Site, url: str, name: str) -> AsyncIterator[Client]:
    """As a client of the library itself."""
    client = await nats.connect(
        url,
        nkeys_seed=str(site.seed(name)),
        tls=ssl.create_default_context(cafile=str(site.ca)),
        inbox_prefix=subjects.INBOX,
        allow_reconnect=False,
    )
    try:
        yield client
    finally:
        await client.close()


def _read_line(sock: socket.socket) -> bytes:
    """No byte more, for what follows is encrypted."""
    line = b""
    while not line.endswith(b"\n"):
        line += sock.recv(1)
    return line
