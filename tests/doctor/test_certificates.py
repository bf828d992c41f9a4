import datetime
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from streamer.doctor.certificates import check_automatic, check_own
from streamer.lan import tls


def make(folder: Path, first_day: int, days: int, *names: str, stem: str = "own") -> tuple[str, str]:
    """A certificate made on the spot, from a day counted from today, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    start = now + datetime.timedelta(days=first_day)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=days))
    general = [_general(one) for one in names]
    if general:
        builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    pem = serialization.Encoding.PEM
    certificate_path, key_path = folder / f"{stem}.pem", folder / f"{stem}.key"
    certificate_path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    no_password = serialization.NoEncryption()
    key_path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password))
    key_path.chmod(0o600)
    return str(certificate_path), str(key_path)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def told(*paths: str, host: str = "127.0.0.1") -> list[tuple[str, str]]:
    return [(finding.level, finding.text) for finding in check_own(*paths, host)]


def test_a_certificate_that_is_right(tmp_path: Path) -> None:
    paths = make(tmp_path, -1, 90, "studio.example", "127.0.0.1")
    assert [level for level, _ in told(*paths)] == ["ok", "ok", "ok"]
    assert [level for level, _ in told(*paths, host="studio.example")] == ["ok", "ok", "ok"]
    wild = make(tmp_path, -1, 90, "*.example")
    assert told(*wild, host="studio.example")[2] == ("ok", "the certificate is for *.example")


@pytest.mark.parametrize(
    ("first_day", "days", "level", "text"),
    [
        (-90, 60, "problem", "the certificate has expired on "),
        (5, 90, "problem", "the certificate isn't valid before "),
        (-1, 10, "note", " days more"),
    ],
)
def test_its_dates(tmp_path: Path, first_day: int, days: int, level: str, text: str) -> None:
    found = told(*make(tmp_path, first_day, days, "127.0.0.1"))
    assert found[1][0] == level
    assert text in found[1][1]


def test_its_names_its_key_and_who_may_read_it(tmp_path: Path) -> None:
    certificate, key = make(tmp_path, -1, 90)
    _, other = make(tmp_path, -1, 90, stem="other")
    assert told(certificate, other) == [
        ("problem", f"--tls-cert {certificate} with --tls-key {other}: the key isn't that certificate's")
    ]
    assert told(certificate, key)[2] == ("note", "the certificate isn't for 127.0.0.1")
    Path(key).chmod(0o644)
    assert told(certificate, key)[3] == ("note", f"others on this machine may read {key}")
    Path(key).write_text("no key")
    assert [level for level, _ in told(certificate, key)] == ["problem"]
    assert [level for level, _ in told(str(tmp_path / "none"), key)] == ["problem"]


def test_what_tls_auto_has_made_or_will_make(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    [found] = check_automatic("127.0.0.1", folder)
    assert (found.level, str(folder) in found.text) == ("ok", True)
    assert not folder.exists()
    tls.automatic("127.0.0.1", folder)
    assert [finding.level for finding in check_automatic("127.0.0.1", folder)] == ["ok", "ok", "ok"]
    found = check_automatic("203.0.113.9", folder)[-1]
    assert (found.level, found.text) == ("note", "the certificate isn't for 203.0.113.9 yet")
    make(folder, -90, 60, "127.0.0.1", "localhost", stem="server")
    assert [finding.level for finding in check_automatic("127.0.0.1", folder)] == ["ok", "problem", "ok"]
    (folder / "server.pem").unlink()
    assert [finding.level for finding in check_automatic("127.0.0.1", folder)] == ["note"]
    (folder / "authority.pem").write_text("nothing")
    [found] = check_automatic("127.0.0.1", folder)
    assert (found.level, "can't be read" in found.text) == ("problem", True)


def test_a_folder_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    [found] = check_automatic("127.0.0.1", tmp_path / "tls")
    assert (found.level, found.text) == (
        "problem",
        f"--tls auto can't make its certificates: {tmp_path} can't be written to",
    )
