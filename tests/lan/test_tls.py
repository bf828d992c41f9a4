import asyncio
import datetime
import ipaddress
import os
import ssl
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from streamer.errors import PosewireError, UsageError
from streamer.lan import tls


async def handshake(identity: tls.Identity, trusted: Path | None, name: str) -> str:
    """A real TLS connection, as a client that trusts one authority and expects a name sees it. Returns the version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    client = ssl.create_default_context(cafile=trusted)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
        version: str = writer.get_extra_info("ssl_object").version()
        writer.close()
        return version
    finally:
        server.close()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "::1"])
async def test_who_trusts_the_authority_trusts_the_server(tmp_path: Path, name: str) -> None:
    identity = tls.automatic("0.0.0.0", tmp_path)
    assert await handshake(identity, identity.authority, name) == "TLSv1.3"


async def test_nobody_else_does(tmp_path: Path) -> None:
    identity = tls.automatic("0.0.0.0", tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate in certificate chain"):
        await handshake(identity, None, "localhost")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'example\.org'"):
        await handshake(identity, identity.authority, "example.org")


async def test_the_authority_cannot_vouch_for_others(tmp_path: Path) -> None:
    """With its key in hand: a certificate for another name isn't believed by who trusts the authority."""
    identity = tls.automatic("0.0.0.0", tmp_path)
    tls._issue(identity, tls._authority(tmp_path), [x509.DNSName("bank.example")])
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        await handshake(identity, identity.authority, "bank.example")
    tls._issue(identity, tls._authority(tmp_path), [x509.IPAddress(ipaddress.ip_address("9.9.9.9"))])
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        await handshake(identity, identity.authority, "9.9.9.9")


def test_openssl_agrees(tmp_path: Path) -> None:
    identity = tls.automatic("0.0.0.0", tmp_path)
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(identity.authority), str(identity.certificate)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.endswith("OK\n")


def test_the_same_certificate_is_used_again_until_it_no_longer_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = tls.automatic("0.0.0.0", tmp_path)
    first, authority = identity.certificate.read_bytes(), (tmp_path / "authority.pem").read_bytes()
    tls.automatic("0.0.0.0", tmp_path)
    assert identity.certificate.read_bytes() == first
    tls.automatic("10.77.0.1", tmp_path)
    assert identity.certificate.read_bytes() != first
    assert tls.covers(identity, "10.77.0.1")
    monkeypatch.setattr(tls, "RENEW_DAYS", 398)
    second = identity.certificate.read_bytes()
    tls.automatic("10.77.0.1", tmp_path)
    assert identity.certificate.read_bytes() != second
    assert (tmp_path / "authority.pem").read_bytes() == authority


def test_a_certificate_lasts_as_long_as_devices_take(tmp_path: Path) -> None:
    identity = tls.automatic("0.0.0.0", tmp_path)
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts <= datetime.timedelta(days=397)


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX's")
def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    tls.automatic("0.0.0.0", folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("authority.key", "server.key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_an_address_it_may_not_vouch_for_is_left_out(tmp_path: Path) -> None:
    assert not tls.covers(tls.automatic("9.9.9.9", tmp_path), "9.9.9.9")


def test_ones_own_certificate(tmp_path: Path) -> None:
    made = tls.automatic("0.0.0.0", tmp_path)
    assert tls.own(str(made.certificate), str(made.key)).authority is None


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        ("missing.pem", "server.key", "No such file"),
        ("server.pem", "authority.key", "mismatch"),
        ("text.pem", "server.key", "text.pem"),
    ],
)
def test_what_is_no_certificate_says_so(tmp_path: Path, certificate: str, key: str, words: str) -> None:
    tls.automatic("0.0.0.0", tmp_path)
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=words):
        tls.own(str(tmp_path / certificate), str(tmp_path / key))


def test_a_damaged_authority_is_named(tmp_path: Path) -> None:
    tls.automatic("0.0.0.0", tmp_path)
    (tmp_path / "authority.pem").write_text("nonsense")
    with pytest.raises(PosewireError, match="damaged authority"):
        tls.automatic("0.0.0.0", tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PosewireError, match="can't be kept in"):
        tls.automatic("0.0.0.0", tmp_path / "file" / "tls")
