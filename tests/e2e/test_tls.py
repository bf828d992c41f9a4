"""https and wss on the one port, with the server's own authority and with a certificate from elsewhere."""

import json
import socket
import ssl
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import msgpack
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.harness import ServerProcess, run_posewire, running_server

JSON = [Subprotocol("posewire.v1.json")]  # large messages fill sockets sooner


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[ServerProcess]:
    options = ("--model", "lite", "--tls", "auto", "--token", "secret")
    with running_server(folder, *options, env={"XDG_CONFIG_HOME": str(folder)}) as running:
        yield running


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=folder / "posewire" / "tls" / "authority.pem")


def test_page_and_stream_for_who_trusts_it(server: ServerProcess, folder: Path) -> None:
    assert server.url.startswith("https://127.0.0.1:")
    with urllib.request.urlopen(server.url + "?token=secret", context=trusting(folder)) as page:
        assert b"<title>" in page.read()
    address = server.ws + "?subscribe=demo&token=secret"
    with connect(address, ssl=trusting(folder), compression=None) as client:
        types = [msgpack.unpackb(client.recv(20))["type"] for _ in range(4)]
    assert types[:2] == ["hello", "subscribed"]
    assert types[-1] == "frame"


def test_many_clients_at_once_over_tls(server: ServerProcess, folder: Path) -> None:
    address = server.ws + "?subscribe=demo&token=secret"
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(address, ssl=trusting(folder))) for _ in range(5)]
        for client in clients:
            seqs = frames(client, 10)
            assert seqs == sorted(set(seqs))


def frames(client: ClientConnection, count: int) -> list[int]:
    seqs: list[int] = []
    while len(seqs) < count:
        data = client.recv(20)
        message = json.loads(data) if isinstance(data, str) else msgpack.unpackb(data)
        if message["type"] == "frame":
            seqs.append(message["seq"])
    return seqs


def test_a_client_that_stops_reading_gets_the_newest_frames_when_it_goes_on(
    server: ServerProcess, folder: Path
) -> None:
    """Its backlog is what sockets hold, not what was sent meanwhile."""
    address = server.ws + "?subscribe=demo&fields=image,world,bones,rest,angles&token=secret"
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        with connect(address, sock=plain, ssl=trusting(folder), max_queue=1, subprotocols=JSON) as client:
            frames(client, 1)
            with connect(server.ws + "?subscribe=demo&token=secret", ssl=trusting(folder)) as other:
                newest = frames(other, 100)[-1]
            seqs = frames(client, 80)
    # There is a gap where frames were left out, and after it come new ones.
    gaps = [after for before, after in pairwise(seqs) if after - before > 20]
    assert gaps
    assert max(gaps) > newest - 60


def test_who_does_not_trust_it_is_not_connected(server: ServerProcess) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(server.ws + "?token=secret")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused(server: ServerProcess, folder: Path, version: ssl.TLSVersion) -> None:
    old = trusting(folder)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = version
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol"):
        connect(server.ws + "?token=secret", ssl=old)


def test_no_tickets_come_after_the_handshake(server: ServerProcess, folder: Path) -> None:
    """They race with the request of a client that reads in one thread and sends in another; see Identity.context."""
    with (
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        trusting(folder).wrap_socket(plain, server_hostname="127.0.0.1") as client,
    ):
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 ")  # tickets would have come before it
        assert client.version() == "TLSv1.3"
        assert client.session is not None
        assert not client.session.has_ticket


def test_the_authority_is_handed_out_without_a_token_and_its_key_never(server: ServerProcess, folder: Path) -> None:
    with urllib.request.urlopen(server.url + "authority.crt", context=trusting(folder)) as answer:
        der = answer.read()
    pem = (folder / "posewire" / "tls" / "authority.pem").read_text()
    assert ssl.DER_cert_to_PEM_cert(der).split() == pem.split()


def test_plain_http_on_that_port_harms_nothing(server: ServerProcess, folder: Path) -> None:
    with pytest.raises(OSError):
        urllib.request.urlopen(server.url.replace("https", "http"), timeout=10)
    with urllib.request.urlopen(server.url + "healthz", context=trusting(folder)) as answer:
        assert answer.status == 200


def test_a_certificate_of_ones_own(server: ServerProcess, folder: Path, tmp_path: Path) -> None:
    made = folder / "posewire" / "tls"
    options = ("--model", "lite", "--tls-cert", str(made / "server.pem"), "--tls-key", str(made / "server.key"))
    with running_server(tmp_path, *options) as other:
        with urllib.request.urlopen(other.url + "healthz", context=trusting(folder)) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(other.url + "authority.crt", context=trusting(folder))


def test_watch_trusts_whom_it_is_told(server: ServerProcess, folder: Path) -> None:
    address, ca = server.url + "?token=secret", str(folder / "posewire" / "tls" / "authority.pem")
    done = run_posewire("watch", address, "--frames", "5", "--json", "--ca", ca, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frames"] == 5
    done = run_posewire("watch", address, "--frames", "5", cwd=folder)
    assert done.returncode == 2
    assert "certificate" in done.stderr
    done = run_posewire("watch", address, "--ca", "missing.pem", cwd=folder)
    assert (done.returncode, done.stderr) == (2, "posewire: --ca missing.pem: No such file or directory\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tls-cert", "a.pem"], "--tls-cert and --tls-key go together"),
        (["--tls-cert", "a.pem", "--tls-key", "b.key"], "a.pem"),
        (["--tls-cert", "a.pem", "--tls-key", "b.key", "--tls", "auto"], "leave it out"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, options: list[str], words: str) -> None:
    done = run_posewire("serve", "--port", "0", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr
