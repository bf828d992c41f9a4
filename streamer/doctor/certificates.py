"""TLS: the authority and certificate of `--tls auto`, or the user's own."""

import datetime
import ipaddress
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from streamer.doctor.finding import Finding, note, ok, problem
from streamer.errors import UsageError


def check_own(certificate: str, key: str, host: str) -> Sequence[Finding]:
    """A certificate and key that the user has: they go together, last, and are for this machine."""
    from cryptography import x509

    from streamer.lan import tls
    from streamer.lan.addresses import reachable

    try:
        identity = tls.own(certificate, key)
    except UsageError as error:
        todo = "give the PEM files of a certificate, with its chain after it, and of its key"
        return [problem(_why(str(error)), todo)]
    found = [ok(f"{certificate} and {key} go together")]
    first = x509.load_pem_x509_certificates(identity.certificate.read_bytes())[0]
    found.append(_lasting(first, "the certificate", "have it renewed"))
    names = _names(first)
    missing = [name for name in reachable(host) if not _covers(names, name)]
    if missing:
        todo = f"clients have to use one of its names: {', '.join(names[:6]) or 'it has none'}"
        found.append(note(f"the certificate isn't for {', '.join(missing)}", todo))
    else:
        found.append(ok(f"the certificate is for {', '.join(names[:6])}"))
    return found + _readable(identity.key)


def check_automatic(host: str, folder: Path | None = None) -> Sequence[Finding]:
    """What `--tls auto` has made, or will make at the next start."""
    from cryptography import x509

    from streamer.lan import tls
    from streamer.lan.addresses import reachable

    folder = folder or tls.default_folder()
    if not (folder / "authority.pem").exists():
        parent = next(one for one in (folder, *folder.parents) if one.exists())
        if not os.access(parent, os.W_OK):
            todo = "let your user write there, or set XDG_CONFIG_HOME to another folder"
            return [problem(f"--tls auto can't make its certificates: {parent} can't be written to", todo)]
        return [ok(f"--tls auto makes an authority and a certificate at its first start, in {folder}")]
    try:
        authority = x509.load_pem_x509_certificate((folder / "authority.pem").read_bytes())
        server = x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())
    except FileNotFoundError as error:
        return [note(f"{error.filename} is missing", "--tls auto makes it at its next start")]
    except (OSError, ValueError) as error:
        todo = f"move {folder} away; --tls auto makes new ones, which the devices have to trust anew"
        return [problem(f"the certificates in {folder} can't be read ({error})", todo)]
    found = [_lasting(authority, "the authority", "--tls auto makes a new one, which the devices have to trust anew")]
    found.append(_lasting(server, "the certificate", "--tls auto makes a new one at its next start"))
    names = _names(server)
    missing = [name for name in ("localhost", *reachable(host)) if not _covers(names, name)]
    if missing:
        todo = "--tls auto makes a new one at its next start"
        found.append(note(f"the certificate isn't for {', '.join(missing)} yet", todo))
    else:
        found.append(ok(f"the certificate is for all {len(names)} names and addresses of this machine"))
    return found + _readable(folder / "server.key") + _readable(folder / "authority.key")


def _lasting(certificate, whose: str, todo: str) -> Finding:  # type: ignore[no-untyped-def]  # x509 is read on demand
    from streamer.lan.tls import RENEW_DAYS

    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < start:
        return problem(f"{whose} isn't valid before {start:%Y-%m-%d}", "set this machine's clock, if it is wrong")
    if now > end:
        return problem(f"{whose} has expired on {end:%Y-%m-%d}", todo)
    days = (end - now).days
    text = f"{whose} lasts until {end:%Y-%m-%d}"
    return ok(text) if days > RENEW_DAYS else note(f"{text}, {days} days more", todo)


def _names(certificate) -> list[str]:  # type: ignore[no-untyped-def]
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def _covers(names: Sequence[str], host: str) -> bool:
    try:
        return str(ipaddress.ip_address(host)) in names
    except ValueError:
        wildcard = f"*.{host.partition('.')[2]}"
        return host.lower() in [name.lower() for name in names] or wildcard.lower() in [name.lower() for name in names]


def _readable(key: Path) -> list[Finding]:
    if sys.platform == "win32" or not key.exists() or not key.stat().st_mode & 0o077:
        return []
    return [note(f"others on this machine may read {key}", f"chmod 600 {key}")]


def _why(text: str) -> str:
    """What OpenSSL says, in words where it is terse."""
    if "KEY_VALUES_MISMATCH" in text or "key values mismatch" in text:
        return f"{text.partition(': ')[0]}: the key isn't that certificate's"
    return text
