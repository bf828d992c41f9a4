"""Fuzz the codec: `python -m tests.fuzz.codec --minutes 5`. See runner.py."""

from tests.fuzz.invariants import check_decode
from tests.fuzz.runner import bounded, run, vectors
from tests.protocol.hostile import cases, outcome

JSON = b"j"
"""First byte of an input that is JSON; any other first byte makes it msgpack."""
MODULES = ["protocol.codec", "protocol.unpack", "protocol.schema", "protocol.reader", "protocol.poses"]


def as_message(data: bytes) -> bytes | str:
    """What stands behind the first byte, as a WebSocket library would give it."""
    return data[1:].decode("utf-8", "replace") if data[:1] == JSON else data[1:]


def fuzz_codec(data: bytes) -> None:
    """One input."""
    message = as_message(data)
    bounded(lambda: outcome(message), len(data))
    check_decode(message)


def seeds() -> list[bytes]:
    """Golden vectors and the dearest messages known."""
    found = [(JSON if form == "json" else b"m") + data for data, form in vectors()]
    found += [
        JSON + case.encode("utf-8", "replace") if isinstance(case, str) else b"m" + case for case in cases().values()
    ]
    return found


if __name__ == "__main__":
    run("codec", fuzz_codec, seeds(), MODULES)
