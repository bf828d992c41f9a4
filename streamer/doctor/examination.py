"""All checks in their order, for what a server would be started with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streamer.doctor import cameras, certificates, estimation, networks, packages, ports, processor, reach
from streamer.doctor.finding import Finding, Section, examined


@dataclass(frozen=True, slots=True)
class Wish:
    """As for `posewire serve`. sources: none for the cameras that there are."""

    sources: Sequence[str] = ()
    host: str = "127.0.0.1"
    port: int = 8765
    tls: str = "off"
    tls_cert: str | None = None
    tls_key: str | None = None


def sections(wish: Wish) -> list[Section]:
    """What is looked at, from the machine outwards."""
    found = [
        Section("Installation", lambda: [*packages.check_python(), *packages.check_packages()]),
        Section("Models", networks.check_networks),
        Section("Processor", processor.check_processor),
        Section("Engines", estimation.check_engines),
    ]
    if wish.sources:
        found.append(Section("Sources", lambda: cameras.check_sources(wish.sources)))
    else:
        found.append(Section("Cameras", cameras.check_cameras))
    found.append(Section("Server", lambda: [*ports.check_port(wish.host, wish.port), *ports.check_connections()]))
    found.append(Section("Network", lambda: reach.check_network(wish.host)))
    if wish.tls_cert is not None and wish.tls_key is not None:
        certificate, key = wish.tls_cert, wish.tls_key
        found.append(Section("TLS", lambda: certificates.check_own(certificate, key, wish.host)))
    else:
        found.append(Section("TLS", lambda: certificates.check_automatic(wish.host)))
    found.append(Section("Clock", reach.check_clock))
    return found


def examine(
    sections: Sequence[Section],
    heading: Callable[[str], None],
    findings: Callable[[Sequence[Finding]], None],
) -> list[tuple[str, Sequence[Finding]]]:
    """Run the checks one after the other, and tell of each as it begins and as it ends."""
    done = []
    for section in sections:
        heading(section.title)
        found = examined(section)
        findings(found)
        done.append((section.title, found))
    return done
