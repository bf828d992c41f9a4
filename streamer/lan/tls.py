"""Certificates for a machine on a local network: a certificate authority of its own, and a certificate signed by it.

Browsers give a page the camera only where its origin is secure, and nobody issues certificates for 192.168.0.7. So this
machine makes an authority once, which is trusted on each device by hand, and with it a certificate whenever its names
or addresses change. The authority can vouch for private addresses and this machine's names only (RFC 5280, name
constraints): whoever gets hold of its key can't pose as a bank.
"""

import datetime
import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from streamer.errors import PosewireError, UsageError
from streamer.lan.addresses import lan_addresses, machine_names

CA_DAYS = 3650
DAYS = 397
"""Of a server's certificate: the most that Apple's devices take from one issued today, less a day."""
RENEW_DAYS = 30
_PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "::1/128",
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Files in PEM: a certificate with its chain, its key, and the authority that is to be trusted by hand, if any."""

    certificate: Path
    key: Path
    authority: Path | None = None

    def context(self) -> ssl.SSLContext:
        """For a server: TLS 1.2 and newer, without what a client could use to make it work for nothing."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        # Tickets come after the handshake: where a client reads in one thread and sends in another, as many do, reading
        # them meets sending the request within one OpenSSL connection, and now and then the request is never sent.
        context.num_tickets = 0
        context.load_cert_chain(self.certificate, self.key)
        return context


def own(certificate: str, key: str) -> Identity:
    """A certificate and key that the user has. Raises UsageError where they can't be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(f"--tls-cert {certificate} with --tls-key {key}: {error.strerror or error}") from None
    return Identity(Path(certificate), Path(key))


def _no_password() -> str:
    raise UsageError("--tls-key needs a password; give a key without one")


def automatic(host: str, folder: Path | None = None) -> Identity:
    """A certificate for this machine's names and addresses, made where there is none that still fits.

    host: what the server listens on. folder: where authority and certificate are kept; the user's own by default.
    Raises PosewireError where they can't be written.
    """
    folder = folder or default_folder()
    identity = Identity(folder / "server.pem", folder / "server.key", folder / "authority.pem")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority = _authority(folder)
        names = _names(host, authority[0])
        if not _fits(identity, authority[0], names):
            _issue(identity, authority, names)
    except OSError as error:
        raise PosewireError(f"certificates can't be kept in {folder}: {error.strerror}") from None
    return identity


def default_folder() -> Path:
    """Where authority and certificate are kept: the user's configuration."""
    return platformdirs.user_config_path("posewire") / "tls"


def covers(identity: Identity, address: str) -> bool:
    """Whether the certificate is for that address."""
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return ipaddress.ip_address(address) in covered.get_values_for_type(x509.IPAddress)


Signer = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _authority(folder: Path) -> Signer:
    certificate_path, key_path = folder / "authority.pem", folder / "authority.key"
    try:
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        same = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()
        if same and _days_left(certificate) > DAYS:
            return certificate, key  # type: ignore[return-value]  # `same` says so
    except FileNotFoundError:
        pass
    except ValueError as error:
        raise PosewireError(f"{folder} holds a damaged authority ({error}); move it away to get a new one") from None
    key = ec.generate_private_key(ec.SECP256R1())
    names = machine_names()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Posewire on {(names or ['this machine'])[0]}"[:64])])
    allowed: list[x509.GeneralName] = [x509.DNSName(name) for name in ("localhost", "local", *names)]
    allowed += [x509.IPAddress(ipaddress.ip_network(net)) for net in (*_PRIVATE, *lan_addresses())]
    certificate = (
        _builder(subject, subject, key, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.NameConstraints(allowed, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_path, key)
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _issue(identity: Identity, authority: Signer, names: list[x509.GeneralName]) -> None:
    issuer, issuer_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Posewire")])
    certificate = (
        _builder(subject, issuer.subject, key, DAYS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    _write_key(identity.key, key)
    pem = serialization.Encoding.PEM
    identity.certificate.write_bytes(certificate.public_bytes(pem) + issuer.public_bytes(pem))


def _fits(identity: Identity, issuer: x509.Certificate, names: list[x509.GeneralName]) -> bool:
    """Whether the certificate there is ours, lasts, goes with its key and covers all names."""
    try:
        certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
        key = serialization.load_pem_private_key(identity.key.read_bytes(), None)
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # whatever is wrong with it, a new one is made
        return False
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    same_key = certificate.public_key() == key.public_key()
    return same_key and _days_left(certificate) > RENEW_DAYS and all(name in covered for name in names)


def _names(host: str, issuer: x509.Certificate) -> list[x509.GeneralName]:
    texts = ["127.0.0.1", "::1", *lan_addresses()]
    names = ["localhost", *machine_names()]
    try:
        address = ipaddress.ip_address(host)
        if not address.is_unspecified:
            texts.append(str(address))
    except ValueError:
        names.append(host.lower())
    addresses = [ipaddress.ip_address(text) for text in dict.fromkeys(texts)]
    return [
        *(x509.DNSName(name) for name in dict.fromkeys(names)),
        *(x509.IPAddress(address) for address in addresses if _may_vouch(issuer, address)),
    ]


def _may_vouch(issuer: x509.Certificate, address: "ipaddress.IPv4Address | ipaddress.IPv6Address") -> bool:
    allowed = issuer.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    nets = [ipaddress.ip_network(name.value) for name in allowed if isinstance(name, x509.IPAddress)]
    return any(address.version == net.version and address in net for net in nets)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # for devices whose clock is behind
        .not_valid_after(now + datetime.timedelta(days=days - 1))
    )


def _usage(**used: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: used.get(name, False) for name in names})


def _days_left(certificate: x509.Certificate) -> float:
    return (certificate.not_valid_after_utc - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 86_400


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
