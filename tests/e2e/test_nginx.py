"""A real server behind Debian's nginx with deploy/nginx.conf, only its ports, paths and certificate replaced."""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.harness import ServerProcess, free_port, raw_client, read_clip, receive, receive_type, running_server
from tests.rest.http import BOUNDARY, Answer, multipart

pytestmark = pytest.mark.nginx

CONFIG = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NAME = "posewire.example"  # as deploy/nginx.conf has it
TOKEN = "a-secret-of-this-test"
ACCESS = ("--token", TOKEN, "--allow-host", NAME, "--trusted-proxy", "127.0.0.1")
SERVE = ("--model", "lite", "--host", "127.0.0.1", *ACCESS)
JSON = [Subprotocol("posewire.v1.json")]  # large messages fill sockets sooner


@dataclass
class Certificate:
    certificate: Path
    key: Path

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)


class Nginx:
    """A running nginx. Ends with the context manager that made it."""

    def __init__(self, folder: Path, port: int, plain_port: int, certificate: Certificate) -> None:
        self.port = port
        self.plain_port = plain_port
        self.host = f"{NAME}:{port}"
        self._folder = folder
        self._certificate = certificate

    @property
    def access_log(self) -> str:
        return (self._folder / "posewire.log").read_text()

    @property
    def logs(self) -> str:
        return "".join(path.read_text() for path in self._folder.glob("*.log"))

    def request(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        host: str | None = None,
        source: str = "127.0.0.1",
        **headers: str,
    ) -> Answer:
        """An answer over https. source: the address that asks."""
        context = self._certificate.trusting
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=context, timeout=60, source_address=(source, 0)
        )
        return self._ask(connection, method, path, body, {"Host": host or self.host, **headers})

    def plain(self, path: str, host: str = NAME) -> Answer:
        """An answer over http."""
        connection = http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=60)
        return self._ask(connection, "GET", path, None, {"Host": host})

    def post(self, path: str, *files: tuple[str, str, bytes]) -> Answer:
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Authorization": f"Bearer {TOKEN}"}
        return self.request(path, "POST", multipart(*files), **kind)

    @contextmanager
    def stream(
        self, query: str, receive_buffer: int | None = None, source: str = "127.0.0.1", **options: object
    ) -> Iterator[ClientConnection]:
        """A WebSocket connection over wss."""
        with socket.create_connection(("127.0.0.1", self.port), source_address=(source, 0)) as plain:
            if receive_buffer:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            address = f"wss://{self.host}/stream{query}"
            context = self._certificate.trusting
            with connect(address, sock=plain, ssl=context, compression=None, **options) as client:  # type: ignore[arg-type]
                yield client

    def _ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None, headers: dict
    ) -> Answer:
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, _fields(answer), answer.read())
        finally:
            connection.close()


def _fields(answer: http.client.HTTPResponse) -> dict[str, str]:
    """Header fields; the values of one that comes twice are joined, so that a comparison fails."""
    found: dict[str, str] = {}
    for key, value in answer.getheaders():
        found[key.lower()] = f"{found[key.lower()]}, {value}" if key.lower() in found else value
    return found


def rendered(folder: Path, certificate: Certificate, port: int, plain_port: int, upstream: int) -> str:
    """deploy/nginx.conf for this machine: high ports on loopback, no IPv6, paths in a folder of the test."""
    text = CONFIG.read_text()
    for pattern, replacement in (
        (r"\n    listen \[::\]:[^\n]*", ""),
        (r"listen 80;", f"listen 127.0.0.1:{plain_port};"),
        (r"listen 443 ", f"listen 127.0.0.1:{port} "),
        (r"/etc/ssl/posewire/fullchain\.pem", str(certificate.certificate)),
        (r"/etc/ssl/posewire/privkey\.pem", str(certificate.key)),
        (r"/var/log/nginx/", f"{folder}/"),
        (r"http://127\.0\.0\.1:8765", f"http://127.0.0.1:{upstream}"),
    ):
        text, count = re.subn(pattern, replacement, text)
        assert count, f"deploy/nginx.conf has no {pattern}"
    return text


@contextmanager
def running_nginx(folder: Path, certificate: Certificate, upstream: int) -> Iterator[Nginx]:
    """nginx on free ports, checked with `nginx -t`, answering."""
    port, plain_port = free_port(), free_port()
    (folder / "site.conf").write_text(rendered(folder, certificate, port, plain_port, upstream))
    # Paths that Debian's build would look for where only root may write. Root's workers would be somebody else.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in kinds)
    user = "user root; " if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    main.write_text(
        f"{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/main.log; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off; {temporary}include {folder}/site.conf; }}\n"
    )
    command = ["nginx", "-e", str(folder / "main.log"), "-p", str(folder), "-c", str(main)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None, (folder / "main.log").read_text()
                assert time.monotonic() < limit
                time.sleep(0.02)
        yield Nginx(folder, port, plain_port, certificate)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("certificate")
    made = Certificate(folder / "fullchain.pem", folder / "privkey.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=posewire"]
    names = ["-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"]
    files = ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("server"), *SERVE) as running:
        yield running
        assert "Traceback" not in running.log


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate, server: ServerProcess) -> Iterator[Nginx]:
    with running_nginx(tmp_path_factory.mktemp("nginx"), certificate, server.port) as running:
        yield running


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    """Thirty that differ, about 200 kB each."""
    picture = read_clip()[50]
    return [cv2.imencode(".jpg", np.roll(picture, n, axis=1))[1].tobytes() for n in range(30)]


def frames(client: ClientConnection, count: int) -> list[int]:
    seqs: list[int] = []
    while len(seqs) < count:
        message = json.loads(client.recv(20))
        if message["type"] == "frame":
            seqs.append(message["seq"])
    return seqs


def test_the_page_with_the_servers_headers_once(nginx: Nginx, server: ServerProcess) -> None:
    answer = nginx.request(f"/?token={TOKEN}")
    assert answer.status == 200
    assert b"<title>" in answer.body
    direct = http.client.HTTPConnection("127.0.0.1", server.port)
    direct.request("GET", f"/?token={TOKEN}")
    headers = _fields(direct.getresponse())
    direct.close()
    for name in ("content-security-policy", "referrer-policy", "x-content-type-options", "cache-control"):
        assert answer.headers[name] == headers[name]


def test_http_leads_to_https_of_the_name_that_is_ours(nginx: Nginx) -> None:
    for host in (NAME, "elsewhere.example"):
        answer = nginx.plain("/streams?a=b", host)
        assert (answer.status, answer.headers["location"]) == (308, f"https://{NAME}/streams?a=b")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_of_tls_are_refused(nginx: Nginx, certificate: Certificate, version: ssl.TLSVersion) -> None:
    old = certificate.trusting
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = version
    with socket.create_connection(("127.0.0.1", nginx.port)) as plain:
        with pytest.raises(ssl.SSLError, match=r"(?i)protocol"):
            old.wrap_socket(plain, server_hostname=NAME)


def test_frames_come_one_by_one_as_to_a_client_without_a_proxy(nginx: Nginx, server: ServerProcess) -> None:
    query = f"?subscribe=demo&token={TOKEN}"
    with (
        raw_client(server, query) as direct,
        nginx.stream(query, max_queue=None, origin=f"https://{nginx.host}") as far,
    ):
        receive_type(far, "hello")
        seqs: list[int] = []
        behind = []
        for _ in range(60):
            newest = newest_seq(direct)
            while not seqs or seqs[-1] < newest:
                seqs.append(receive_type(far, "frame")["seq"])
            behind.append(max(newest_seq(direct, 0), newest) - newest)
    assert seqs == sorted(set(seqs))
    # Behind a proxy that waited for a buffer to fill it would be several frames most of the time.
    assert sorted(behind)[30] <= 1, behind


def newest_seq(client: ClientConnection, wait_s: float = 10) -> int:
    """Of the frames that have come to it; 0 where none comes in time."""
    newest = 0
    with suppress(TimeoutError):
        while True:
            message = receive(client, 0 if newest else wait_s)
            if message["type"] == "frame":
                newest = message["seq"]
    return newest


def test_a_client_that_stops_reading_gets_the_newest_frames_when_it_goes_on(nginx: Nginx) -> None:
    """Its backlog is what a few bounded buffers hold, not what was sent meanwhile."""
    query = f"?subscribe=demo&fields=image,world,bones,rest,angles&token={TOKEN}"
    with nginx.stream(query, receive_buffer=8192, max_queue=1, subprotocols=JSON) as client:
        frames(client, 1)
        with nginx.stream(f"?subscribe=demo&token={TOKEN}", subprotocols=JSON) as other:
            newest = frames(other, 200)[-1]
        seqs = frames(client, 150)
    gaps = [after for before, after in pairwise(seqs) if after - before > 20]
    assert gaps
    assert max(gaps) > newest - 60


def test_a_picture(nginx: Nginx, pictures: list[bytes]) -> None:
    answer = nginx.post("/detect?model=lite", ("image", "a.jpg", pictures[0]))
    assert answer.status == 200
    assert len(answer.json["keypoints"]) == 33


def test_too_large_a_picture(nginx: Nginx) -> None:
    """The server's words up to what the form may add to 10 MB, beyond that nginx's own page."""
    answer = nginx.post("/detect", ("image", "a.jpg", bytes(10_500_000)))
    assert (answer.status, answer.json["detail"]) == (413, "10,500,000 bytes; at most 10,000,000")
    headers = f"POST /detect HTTP/1.1\r\nHost: {nginx.host}\r\nContent-Length: 12000000\r\n\r\n"
    assert raw_status(nginx, headers.encode()) == 413


def raw_status(nginx: Nginx, data: bytes) -> int:
    """The status of an answer that comes before the upload's end."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", nginx.port), 30) as plain:
        with context.wrap_socket(plain, server_hostname=NAME) as client:
            client.sendall(data)
            return int(client.recv(4096).split()[1])


def test_a_batch(nginx: Nginx, pictures: list[bytes]) -> None:
    answer = nginx.post("/batch_detect?model=lite", *(("images", f"{n}.jpg", pictures[n]) for n in range(3)))
    assert answer.status == 200
    assert sorted(line["index"] for line in answer.lines) == [0, 1, 2]
    assert all("people" in line for line in answer.lines)


def test_a_batch_that_is_still_coming_when_its_first_picture_is_done(nginx: Nginx, pictures: list[bytes]) -> None:
    answer = nginx.post("/batch_detect?model=lite", *(("images", f"{n}.jpg", data) for n, data in enumerate(pictures)))
    assert sorted(line.get("index", -1) for line in answer.lines) == list(range(30))


@pytest.mark.parametrize("query", ["", "?token=wrong-one"])
def test_no_or_a_wrong_token(nginx: Nginx, query: str) -> None:
    answer = nginx.request("/streams" + query)
    words = "wrong token" if query else "a token is needed: ?token=... or Authorization: Bearer ..."
    assert (answer.status, answer.json["detail"]) == (401, words)
    assert answer.headers["www-authenticate"] == "Bearer"
    with pytest.raises(InvalidStatus, match="401"), nginx.stream(query):
        pass


def test_who_guesses_through_the_proxy_is_locked_out_and_nobody_else(nginx: Nginx) -> None:
    for guess in range(5):  # a header of the guesser's own doesn't make it somebody else
        headers = {"X-Forwarded-For": f"192.0.2.{guess}"}
        assert nginx.request(f"/streams?token=guess-{guess}", source="127.0.0.2", **headers).status == 401
    answer = nginx.request(f"/streams?token={TOKEN}", source="127.0.0.2")
    assert (answer.status, answer.json["reason"]) == (429, "locked_out")
    assert answer.json["detail"].startswith("5 wrong tokens came from 127.0.0.2;")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    with pytest.raises(InvalidStatus, match="429"), nginx.stream(f"?token={TOKEN}", source="127.0.0.2"):
        pass
    assert nginx.request(f"/streams?token={TOKEN}", source="127.0.0.3").status == 200
    with nginx.stream(f"?token={TOKEN}", source="127.0.0.3") as client:
        assert receive(client)["type"] == "hello"


def test_each_address_has_its_own_connections(nginx: Nginx) -> None:
    """More than the server takes from one address, and no more than that from each."""
    query = f"?token={TOKEN}"
    with ExitStack() as stack:
        for source, count in (("127.0.0.4", 32), ("127.0.0.5", 20)):
            for _ in range(count):
                assert receive(stack.enter_context(nginx.stream(query, source=source)))["type"] == "hello"
        with pytest.raises(InvalidStatus) as refused, nginx.stream(query, source="127.0.0.4"):
            pass
        answer = refused.value.response
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
        problem = json.loads(answer.body)
        assert problem["detail"] == "127.0.0.4 has as many connections or uploads as one address may have"
        assert (problem["status"], problem["reason"]) == (429, "connections_of_address")
        for path in ("/streams", "/detect", "/batch_detect"):
            assert nginx.request(f"{path}{query}", "POST", b"", source="127.0.0.4").status == 429, path
        assert nginx.request(f"/streams{query}", source="127.0.0.5").status == 200


def test_a_head_that_takes_too_long(nginx: Nginx) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", nginx.port), 30) as plain:
        with context.wrap_socket(plain, server_hostname=NAME) as client:
            begun_s = time.monotonic()
            client.sendall(b"GET / HTTP/1.1\r\nHost: ")
            assert client.recv(4096) == b""
            assert time.monotonic() - begun_s < 15  # 5, where nginx by itself waits for 60


def test_no_tickets_come_after_the_handshake(nginx: Nginx, certificate: Certificate) -> None:
    """As of the server itself: tests/e2e/test_tls.py says why."""
    with (
        socket.create_connection(("127.0.0.1", nginx.port)) as plain,
        certificate.trusting.wrap_socket(plain, server_hostname=NAME) as client,
    ):
        client.sendall(f"GET /healthz HTTP/1.1\r\nHost: {nginx.host}\r\n\r\n".encode())
        assert client.recv(4096).startswith(b"HTTP/1.1 ")
        assert client.version() == "TLSv1.3"
        assert client.session is not None
        assert not client.session.has_ticket


def test_a_foreign_name(nginx: Nginx) -> None:
    answer = nginx.request(f"/?token={TOKEN}", host="elsewhere.example")
    assert answer.status == 421
    assert "'elsewhere.example'" in answer.json["detail"]


def test_pages_of_other_origins(nginx: Nginx) -> None:
    for origin in ("https://elsewhere.example", f"https://{NAME}:1"):
        answer = nginx.request(f"/streams?token={TOKEN}", Origin=origin)
        assert answer.status == 403
        assert f"'{origin}'" in answer.json["detail"]
        with pytest.raises(InvalidStatus, match="403"), nginx.stream(f"?token={TOKEN}", origin=origin):
            pass


def test_one_address_does_not_take_every_place_for_uploads(nginx: Nginx, pictures: list[bytes]) -> None:
    begun = f"POST /detect HTTP/1.1\r\nHost: {nginx.host}\r\nContent-Length: 1000\r\n\r\n".encode()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # So that the answer is known: on a busy machine looking at a picture might take longer than nginx waits.
    assert nginx.post("/detect?model=lite", ("image", "a.jpg", pictures[0])).status == 200
    with ExitStack() as stack:
        for _ in range(6):  # more than the four that may: the request before may still count when they come
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", nginx.port)))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # not when the handshake is acknowledged
            stack.enter_context(context.wrap_socket(plain)).sendall(begun)
        limit = time.monotonic() + 9  # nginx gives the four up after ten seconds
        while nginx.post("/detect?model=lite", ("image", "a.jpg", pictures[0])).status != 429:
            assert time.monotonic() < limit
    limit = time.monotonic() + 30
    while nginx.post("/detect?model=lite", ("image", "a.jpg", pictures[0])).status != 200:
        assert time.monotonic() < limit


def test_the_server_goes_away_and_comes_back_and_no_log_tells_the_token(
    tmp_path: Path, certificate: Certificate
) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(running_server(tmp_path, *SERVE))
        nginx = stack.enter_context(running_nginx(tmp_path, certificate, first.port))
        query = f"?subscribe=demo&token={TOKEN}"
        with nginx.stream(query) as client:
            receive_type(client, "frame", 30)
            assert first.stop() == 0
            assert nginx.request(f"/streams?token={TOKEN}").status == 502
        with pytest.raises(InvalidStatus, match="502"), nginx.stream(query):
            pass
        with running_server(tmp_path, *SERVE, port=first.port):
            assert nginx.request(f"/streams?token={TOKEN}").status == 200
            with nginx.stream(query) as client:
                receive_type(client, "frame", 30)
        nginx.plain(f"/?token={TOKEN}")
        logged = nginx.access_log
        for line in ("GET /streams 502", "GET /streams 200", "GET /stream 101", "GET / 308", "upstream 502"):
            assert line in logged
        assert TOKEN not in nginx.logs
