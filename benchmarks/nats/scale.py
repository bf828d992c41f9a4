"""On paper: what a hundred thousand viewers take, reckoned from what a few cost here."""

import math
from contextlib import ExitStack
from pathlib import Path

from benchmarks.nats import site
from benchmarks.nats.load import Line
from streamer.guard.door import MAX_CONNECTIONS
from streamer.recording.reader import Recording

VIEWERS = 100_000
STREAMS, MANY = 8, 25
"""Measured with: streams, and viewers of all of them."""
FULL = 0.7
"""How much of a processor is to be used."""
HEADERS_BYTES = 66
"""Of a segment beside what it brings: Ethernet, IP, TCP with its time stamps."""
SUBJECT_BYTES = 60
"""Of a message on NATS beside the frame, about: the command, the subject, the length."""


def scale(folder: Path, seconds: float) -> None:
    """Measure with two relays, then reckon."""
    with ExitStack() as stack:
        line = Line(stack, folder, STREAMS, relays=2)
        first, second = line.relays
        nobody = line.turn(seconds, {})
        one = line.turn(seconds, {first: 1})
        many = line.turn(seconds, {first: MANY})
        two = line.turn(seconds, {first: 1, second: 1})
    with Recording.open(folder / "take.mcap") as recording:
        sizes = [len(message.data) for message in recording.messages(kinds=("frame",))]
    whole_bytes = sum(sizes) / len(sizes) + SUBJECT_BYTES
    view_bytes = many.received_bytes / many.received + HEADERS_BYTES
    relaying_us = one.each_us("relay") - nobody.each_us("relay")
    viewer_us = (many.each_us("relay") - one.each_us("relay")) / (MANY - 1)
    another_us = max(0.0, two.each_us("broker") - one.each_us("broker"))
    node_us = one.each_us("node")
    print(f"one person, image and world, {site.RATE:g} Hz; measured with {STREAMS} streams, 1 and {MANY} viewers:")
    print(f"a frame to a viewer {view_bytes:.0f} bytes and {viewer_us:.1f} us of a relay")
    print(f"a frame over NATS {whole_bytes:.0f} bytes; {relaying_us:.0f} us of a relay, {node_us:.0f} us of a node")
    print(f"the broker: {one.each_us('broker'):.0f} us a message with one relay, {another_us:.0f} us for another\n")
    print(f"for {VIEWERS} viewers, each of one stream, relays' processors used to {FULL:.0%}:\n")
    print(
        "| streams | viewers a relay | relays | each sends Mbit/s | brokers send Mbit/s | brokers' processors |", end=""
    )
    print(" nodes send Mbit/s together |\n|---:|---:|---:|---:|---:|---:|---:|")
    for streams in (1, 4, 24):
        left_us = FULL * 1e6 / site.RATE - streams * relaying_us
        each = min(MAX_CONNECTIONS, math.floor(left_us / viewer_us))
        if each < 1:
            print(f"| {streams} | none: reading the streams takes all of a processor | | | | | |")
            continue
        relays = math.ceil(VIEWERS / each)
        sends = each * site.RATE * view_bytes * 8e-6
        spread = relays * streams * site.RATE * whole_bytes * 8e-6
        broker_us = one.each_us("broker") + another_us * (relays - 1)
        brokers = broker_us * streams * site.RATE / 1e6 / FULL
        nodes = streams * site.RATE * whole_bytes * 8e-6
        print(f"| {streams} | {each} | {relays} | {sends:.0f} | {spread:.0f} | {brokers:.2f} | {nodes:.1f} |")
