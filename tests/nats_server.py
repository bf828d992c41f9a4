"""A real nats-server in a process of its own, on loopback, or several as a cluster."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.harness import free_port

READY_S = 10


class NatsServer:
    """A running server. Ends with the context manager that made it, by its own pid."""

    def __init__(
        self, folder: Path, config: str, port: int, arguments: Sequence[str], address: str, prefix: Sequence[str]
    ) -> None:
        self.port = port
        self.address = address
        self._prefix = prefix
        self.log_path = folder / f"nats-{port}.log"
        self._config = folder / f"nats-{port}.conf"
        self._config.write_text(config)
        self._arguments = arguments
        self.process = self._start()

    @property
    def url(self) -> str:
        return f"nats://{self.address}:{self.port}"

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def kill(self) -> None:
        """As a crash would end it."""
        self.process.kill()
        self.process.wait(10)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def configure(self, config: str) -> None:
        """From the next start on."""
        self._config.write_text(config)

    def restart(self) -> None:
        """On the same port, with the same configuration."""
        self.process = self._start()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait(10)

    def _start(self) -> "subprocess.Popen[bytes]":
        self.log_path.unlink(missing_ok=True)
        command = [_executable(), "-c", self._config, "-a", self.address, "-p", str(self.port), "-l", self.log_path]
        process = subprocess.Popen([*self._prefix, *command, *self._arguments], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_S
        while not (self.log_path.exists() and "Server is ready" in self.log):
            assert process.poll() is None, f"nats-server ended: {self.log_path.read_text()}"
            assert time.monotonic() < deadline, f"nats-server isn't ready after {READY_S} s"
            time.sleep(0.02)
        return process


@contextmanager
def nats_server(
    folder: Path,
    config: str = "",
    *arguments: str,
    port: int = 0,
    address: str = "127.0.0.1",
    prefix: Sequence[str] = (),
) -> Iterator[NatsServer]:
    """One server with that configuration (of nats-server's own language), listening. prefix: before its command."""
    server = NatsServer(folder, config, port or free_port(), arguments, address, prefix)
    try:
        yield server
    finally:
        server.end()


@contextmanager
def nats_cluster(folder: Path, size: int = 3, config: str = "") -> Iterator[list[NatsServer]]:
    """Servers that know each other; every client hears of all."""
    routes = [free_port() for _ in range(size)]
    known = ", ".join(f"nats://127.0.0.1:{port}" for port in routes)
    with ExitStack() as stack:
        servers = []
        for port in routes:
            text = f"cluster {{ name: test, listen: 127.0.0.1:{port}, routes: [{known}] }}"
            own = f"server_name: n{port}\n{config}\n{text}"
            servers.append(stack.enter_context(nats_server(folder, own)))
        deadline = time.monotonic() + READY_S
        while not all(len(set(re.findall(r"Route connection created", server.log))) for server in servers):
            assert time.monotonic() < deadline, "the servers don't find each other"
            time.sleep(0.05)
        yield servers


def _executable() -> str:
    found = shutil.which("nats-server")
    assert found, "no nats-server on the PATH; on Debian: apt-get install nats-server"
    return found
