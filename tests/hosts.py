"""Hosts of a network of the test's own: network namespaces, and between them wires that delay and lose packets.

Every packet goes through a TUN device to the test, which hands it on when its time has come (sch_netem does the same
where a kernel has it). Nothing leads out of this network. Needs Linux, root and `ip`.
"""

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

NETWORK = "10.211.0"
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_MAX_PACKET = 65_536


@dataclass(eq=False)
class Host:
    """A host and its wire. delay_s: of each packet, one way; loss: what part of them is lost, 1 for a cut wire."""

    name: str
    number: int
    delay_s: float = 0.0
    loss: float = 0.0
    packets: int = 0
    lost: int = 0
    fd: int = field(default=-1, repr=False)

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}"

    @property
    def prefix(self) -> tuple[str, ...]:
        """Before a command that is to run on it."""
        return ("ip", "netns", "exec", self.name)


class Network:
    """Hands packets on, in a thread of its own."""

    def __init__(self, hosts: list[Host], seed: int = 1) -> None:
        self.hosts = {bytes(map(int, host.address.split("."))): host for host in hosts}
        self._by_fd = {host.fd: host for host in hosts}
        self._random = random.Random(seed)
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._count = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="network")
        self._thread.start()

    def end(self) -> None:
        self._ending.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._ending.is_set():
            due_s = self._waiting[0][0] - time.monotonic() if self._waiting else 0.05
            ready, _, _ = select.select(self._by_fd, [], [], min(max(due_s, 0), 0.05))
            for fd in ready:
                self._take(self._by_fd[fd], os.read(fd, _MAX_PACKET))
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, fd, packet = heapq.heappop(self._waiting)
                os.write(fd, packet)

    def _take(self, source: Host, packet: bytes) -> None:
        target = self.hosts.get(packet[16:20]) if packet[0] >> 4 == 4 else None
        if target is None:
            return  # IPv6 looks for routers, say
        for host in (source, target):
            host.packets += 1
            if self._random.random() < host.loss:
                host.lost += 1
                return
        self._count += 1
        due_s = time.monotonic() + source.delay_s + target.delay_s
        heapq.heappush(self._waiting, (due_s, self._count, target.fd, packet))


def missing() -> str:
    """Why there can be no such network here; empty where there can."""
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        return f"/dev/net/tun: {error.strerror}"
    return "" if os.geteuid() == 0 else "network namespaces are made by root"


@contextmanager
def hosts(*names: str) -> Iterator[list[Host]]:
    """Hosts that reach each other, their wires perfect at first."""
    made: list[Host] = []
    network = None
    try:
        for number, name in enumerate(names, 1):
            host = Host(f"pw-{os.getpid()}-{name}", number)
            _ip("netns", "add", host.name)
            made.append(host)
            device = f"pw{os.getpid() % 100_000}n{number}"
            host.fd = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(host.fd, _TUNSETIFF, struct.pack("16sH", device.encode(), _IFF_TUN | _IFF_NO_PI))
            _ip("link", "set", device, "netns", host.name)
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", device)
            _ip("-n", host.name, "link", "set", device, "up")
            _ip("-n", host.name, "link", "set", "lo", "up")
        network = Network(made)
        yield made
    finally:
        if network is not None:
            network.end()
        for host in made:
            if host.fd >= 0:
                os.close(host.fd)
            _ip("netns", "del", host.name)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}"
