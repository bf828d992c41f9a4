"""The embedded networks and the demo clip."""

from collections.abc import Sequence

from streamer.doctor.finding import Finding, ok, problem
from streamer.doctor.packages import REINSTALL
from streamer.engine.embedded import SHA256, read_network
from streamer.errors import EngineError


def check_networks() -> Sequence[Finding]:
    """Each is there and is the one that this version was released with."""
    found: list[Finding] = []
    size = 0
    for name in SHA256:
        try:
            size += len(read_network(name))
        except EngineError as error:
            found.append(problem(str(error).removesuffix("; reinstall posewire"), REINSTALL))
    if not found:
        found.append(ok(f"{len(SHA256)} networks, {size / 1e6:.0f} MB, as released"))
    from streamer.errors import SourceError
    from streamer.source.video import demo

    try:
        demo()
    except SourceError as error:
        found.append(problem(str(error).removesuffix("; reinstall posewire"), REINSTALL))
    return found
