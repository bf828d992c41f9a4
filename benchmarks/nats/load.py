"""Latency, viewers, processor time and many streams, while nothing fails."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.fanout import cpu_s
from benchmarks.nats import site
from benchmarks.nats.viewers import SAMPLED, Viewers, ages_ms, lost, viewers
from benchmarks.pipeline import slow_clip
from streamer.clock import now_us
from tests.harness import ServerProcess
from tests.nats_server import NatsServer, nats_server

LONGEST_MS = 50.0
MOST_MISSED = 0.001
"""A relay carries viewers while their p99 and what they miss are at most this."""
FIRST, OTHERS = "0", "1-{}"
"""Processors: the relay's own, and everyone else's."""


def latency(folder: Path, seconds: float, rounds: int, engine: bool) -> None:
    """Capture to viewer, without NATS, directly at a node and through a relay, in turn; then both ways at once."""
    if engine:
        source = ["--source", str(slow_clip(folder, site.RATE)), "--model", "lite"]
    else:
        source = site.replays(site.make_take(folder), 1)
    ages: dict[str, list[np.ndarray]] = {"server without NATS": [], "node": [], "relay": []}
    longer: list[np.ndarray] = []
    with nats_server(folder, site.LIMITS) as broker:
        for _ in range(rounds):
            for way, found in ages.items():
                with ExitStack() as stack:
                    brokers = [] if way == "server without NATS" else [broker]
                    server = stack.enter_context(site.node(folder, brokers, *source))
                    if way == "relay":
                        server = stack.enter_context(site.relay(folder, brokers))
                    seen = stack.enter_context(viewers(server.port, folder))
                    seen.settle()
                    found.append(ages_ms(seen.watch(seconds)))
            longer.append(_longer_ms(folder, broker, source, seconds))
    print("| capture to viewer | frames/s | p50 ms | p99 ms | p50 beyond the server's | beyond the node's |")
    print("|---|---:|---:|---:|---:|---:|")
    medians = {way: np.array([np.median(turn) for turn in found]) for way, found in ages.items()}
    for way, found in ages.items():
        p50, p99 = np.percentile(np.concatenate(found), [50, 99])
        more = [f"{np.median(medians[way] - medians[base]):+.2f}" for base in ("server without NATS", "node")]
        rate = sum(map(len, found)) / rounds / seconds
        print(f"| {way} | {rate:.1f} | {p50:.2f} | {p99:.2f} | {' | '.join(more)} |")
    p50, p99 = np.percentile(np.concatenate(longer), [50, 99])
    print(f"\nthe same frame at both at once, later at the relay's viewer by: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


def _longer_ms(folder: Path, broker: NatsServer, source: Sequence[str], seconds: float) -> np.ndarray:
    """By how much each frame comes later through a relay than directly."""
    with (
        site.node(folder, [broker], *source) as server,
        site.relay(folder, [broker]) as relay,
        viewers(server.port, folder) as near,
        viewers(relay.port, folder) as far,
    ):
        near.settle()
        far.settle()
        start_us = now_us()
        there, here = far.watch(seconds), near.notes(start_us, now_us())
    came_us = dict(zip(here["seq"].tolist(), here["came_us"].tolist(), strict=True))
    both = [(seq, at_us) for seq, at_us in there[["seq", "came_us"]].tolist() if seq in came_us]
    return np.array([(at_us - came_us[seq]) / 1000 for seq, at_us in both])


def carry(folder: Path, seconds: float, counts: Sequence[int], streams: int) -> None:
    """How many viewers a relay on a processor of its own carries, each with one of the streams."""
    cores = os.cpu_count() or 1
    alone = ["taskset", "-c", FIRST] if cores > 1 else []
    beside = ["taskset", "-c", OTHERS.format(cores - 1)] if cores > 1 else []
    take = site.make_take(folder)
    names = [f"n.s{index:02d}" for index in range(streams)]
    print(f"streams: {streams}; a relay on one of {cores} processors\n")
    print("| viewers | frames/s each | p50 ms | p99 ms | missed % | relay's processor % | us a frame sent | |")
    print("|---:|---:|---:|---:|---:|---:|---:|---|", flush=True)
    with (
        nats_server(folder, site.LIMITS) as broker,
        site.node(folder, [broker], *site.replays(take, streams), prefix=beside) as node,
        site.relay(folder, [broker], prefix=alone) as relay,
    ):
        for pid in (broker.process.pid, os.getpid()):
            if cores > 1:
                os.sched_setaffinity(pid, range(1, cores))
        assert node.process.poll() is None
        for count in counts:
            with viewers(relay.port, folder, count, names, prefix=beside) as seen:
                seen.settle(2.0)
                used_s, start_us = cpu_s(relay.process.pid), now_us()
                notes = seen.watch(seconds)
                used_s, end_us = cpu_s(relay.process.pid) - used_s, now_us()
                messages, _ = seen.messages(start_us, end_us)
            p50, p99 = np.percentile(ages_ms(notes), [50, 99])
            took_s = (end_us - start_us) / 1e6
            missing, due = lost(notes)
            good = p99 <= LONGEST_MS and missing <= MOST_MISSED * due
            rate, missed = messages / count / took_s, missing / due
            print(
                f"| {count} | {rate:.1f} | {p50:.1f} | {p99:.1f} | {missed:.2%} | {used_s / took_s:.0%} "
                f"| {used_s / messages * 1e6:.1f} | {'holds' if good else 'over'} |",
                flush=True,
            )
            if not good:
                break


@dataclass(frozen=True)
class Turn:
    """Messages that the node sent, those that viewers got and their bytes, seconds; processor time by process."""

    published: float
    received: float
    received_bytes: float
    seconds: float
    used_us: dict[str, float]

    def each_us(self, process: str) -> float:
        """For each message that the node sent, or would."""
        return self.used_us[process] / self.published


class Line:
    """A node, a broker, relays, and beside them a server without NATS: all of one set of streams."""

    def __init__(self, stack: ExitStack, folder: Path, streams: int, relays: int = 1) -> None:
        take = site.make_take(folder)
        self.streams = streams
        self._folder = folder
        broker = stack.enter_context(nats_server(folder, site.LIMITS))
        self.server = stack.enter_context(site.node(folder, [], *site.replays(take, streams)))
        self.node = stack.enter_context(site.node(folder, [broker], *site.replays(take, streams)))
        self.relays = [stack.enter_context(site.relay(folder, [broker])) for _ in range(relays)]
        self.pids = {
            "server": self.server.process.pid,
            "node": self.node.process.pid,
            "broker": broker.process.pid,
            **{f"relay{index or ''}": relay.process.pid for index, relay in enumerate(self.relays)},
        }

    def turn(self, seconds: float, watched: dict[ServerProcess, int]) -> Turn:
        """So many seconds with so many viewers at each."""
        with ExitStack() as stack:
            seen = [
                stack.enter_context(viewers(server.port, self._folder, count, streams=self.streams))
                for server, count in watched.items()
            ]
            for some in seen:
                some.settle()
            if not seen:
                time.sleep(2.0)
            return self._measure(seconds, seen)

    def _measure(self, seconds: float, seen: Sequence[Viewers]) -> Turn:
        sent = self._sent()
        before, start_us = {name: cpu_s(pid) for name, pid in self.pids.items()}, now_us()
        time.sleep(seconds)
        used_us = {name: (cpu_s(pid) - before[name]) * 1e6 for name, pid in self.pids.items()}
        end_us = now_us()
        sent, took_s = self._sent() - sent, (now_us() - start_us) / 1e6
        for some in seen:
            some.written(end_us)
        received = [some.messages(start_us, end_us) for some in seen]
        frames, size = (sum(values) for values in zip(*received, strict=True)) if received else (0.0, 0.0)
        return Turn(sent * (end_us - start_us) / 1e6 / took_s, frames, size, (end_us - start_us) / 1e6, used_us)

    def _sent(self) -> float:
        return site.metric(self.node, "posewire_nats_frames_total", 'fate="sent"')


def cpu(folder: Path, seconds: float, rounds: int, streams: int) -> None:
    """What a message costs the node, the broker and the relay."""
    with ExitStack() as stack:
        line = Line(stack, folder, streams)
        server, node, [relay] = line.server, line.node, line.relays
        kinds: dict[str, Callable[[], Turn]] = {
            "nobody": lambda: line.turn(seconds, {}),
            "one at the server without NATS": lambda: line.turn(seconds, {server: 1}),
            "one at the node": lambda: line.turn(seconds, {node: 1}),
            "one at the relay": lambda: line.turn(seconds, {relay: 1}),
            f"{SAMPLED} at the relay": lambda: line.turn(seconds, {relay: SAMPLED}),
        }
        turns: dict[str, list[Turn]] = {kind: [] for kind in kinds}
        for _ in range(rounds):
            for kind, measure in kinds.items():
                turns[kind].append(measure())
    print(f"{streams} streams of {site.RATE:g} Hz; processor microseconds for each of the node's messages, medians\n")
    print("| viewers | server without NATS | node | broker | relay | relay % |\n|---|---:|---:|---:|---:|---:|")
    for kind, found in turns.items():
        each = [_median(found, name) for name in ("server", "node", "broker", "relay")]
        percent = statistics.median(turn.used_us["relay"] / turn.seconds / 1e4 for turn in found)
        print(f"| {kind} | {' | '.join(f'{value:.0f}' for value in each)} | {percent:.1f} |")
    nobody, _, _, one, ten = (turns[kind] for kind in kinds)
    publishing = _difference(nobody, "node", nobody, "server")
    relaying, viewer = _difference(one, "relay", nobody, "relay"), _difference(ten, "relay", one, "relay")
    print(f"\na published message costs the node {publishing:.0f} us")
    each_us = viewer / (SAMPLED - 1)
    print(f"a relayed message costs the relay {relaying:.0f} us with one viewer, {each_us:.1f} us more for each other")


def _median(turns: Sequence[Turn], process: str) -> float:
    return statistics.median(turn.each_us(process) for turn in turns)


def _difference(a: Sequence[Turn], of_a: str, b: Sequence[Turn], of_b: str) -> float:
    return statistics.median(x.each_us(of_a) - y.each_us(of_b) for x, y in zip(a, b, strict=True))


def many(folder: Path, seconds: float, streams: int, nodes: int) -> None:
    """Many streams through one broker to one viewer at one relay."""
    take = site.make_take(folder)
    with ExitStack() as stack:
        broker = stack.enter_context(nats_server(folder, site.LIMITS))
        for index in range(nodes):
            share = site.replays(take, streams // nodes)
            stack.enter_context(site.node(folder, [broker], *share, name=f"n{index}"))
        relay = stack.enter_context(site.relay(folder, [broker]))
        seen = stack.enter_context(viewers(relay.port, folder, streams=streams // nodes * nodes))
        seen.settle(2.0)
        used_s = cpu_s(relay.process.pid)
        notes = seen.watch(seconds)
        used_s = cpu_s(relay.process.pid) - used_s
    ages = ages_ms(notes)
    p50, p99 = np.percentile(ages, [50, 99])
    missing, due = lost(notes)
    print(
        f"{streams} streams of {nodes} nodes: {len(notes) / seconds:.0f} frames/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"at most {ages.max():.0f} ms; {missing} of {due} frames missed; relay's processor {used_s / seconds:.0%}"
    )
