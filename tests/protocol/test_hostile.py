"""No message costs a server more than it may, whatever is in it."""

import sys
import time
import tracemalloc

import pytest

from protocol.codec import decode_map
from protocol.errors import CODES
from protocol.limits import MAX_CLIENT_MESSAGE_BYTES
from tests.protocol.hostile import MAX_CPU_S, MAX_MEMORY_BYTES, VALUES, array, cases, outcome

CASES = cases()
BUSY = 10
"""How many times as long it may take on a machine that does other things too; `benchmarks/hostile.py` is exact."""


@pytest.mark.parametrize("name", CASES)
def test_no_message_costs_more_than_ten_milliseconds_and_two_megabytes(name: str) -> None:
    data = CASES[name]
    size = len(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    assert size <= MAX_CLIENT_MESSAGE_BYTES
    assert outcome(data) in CODES | {"time", "frame"}
    tracemalloc.start()
    try:
        outcome(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MAX_MEMORY_BYTES
    spent = []
    for _ in range(3):
        start = time.thread_time()
        outcome(data)
        spent.append(time.thread_time() - start)
    assert min(spent) < BUSY * MAX_CPU_S


def test_the_cases_reach_both_sides_of_the_limit_of_values() -> None:
    found = {outcome(data) for data in CASES.values()}
    assert {"malformed", "too_deep", "too_large", "bad_message", "frame"} <= found
    assert outcome(array(b"\xc0", VALUES - 2)) == "bad_message"
    assert outcome(array(b"\xc0", VALUES - 1)) == "too_large"


def test_keys_that_strangers_choose_are_not_interned() -> None:
    """An interned string lives as long as early releases of Python 3.12 do."""
    (key,) = decode_map(b"\x81\xa8some key\xc0")
    assert sys.intern("".join(["some", " key"])) is not key
