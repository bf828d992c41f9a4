"""Brokers that are killed and relays that hang: how long nothing comes, what is lost, how old what is shown is."""

import random
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.nats import site
from benchmarks.nats.viewers import Viewers, ages_ms, lost, viewers
from streamer.clock import now_us
from tests.nats_server import NatsServer, nats_cluster, nats_server

STEADY_S = 2.0
"""Before each kill, and after it."""
SHORTEST_OUTAGE_S = 0.1
LONGEST_OUTAGE_S = 2.0
PERIOD_S = 60.0
"""Of whose frames what is lost is told as a part."""
SAMPLE_S = 0.25


@dataclass(frozen=True)
class Outage:
    """Milliseconds in which nothing came; frames that never came; age of the oldest that was shown."""

    gap_ms: float
    lost: int
    oldest_ms: float


def broker(folder: Path, cycles: int) -> None:
    """Kill the only broker and start it again."""
    backs_ms, outages = [], []
    with ExitStack() as stack:
        server = stack.enter_context(nats_server(folder, site.LIMITS))
        seen = _stand(stack, folder, [server])
        for _ in range(cycles):
            seen.settle(STEADY_S)
            start_us = now_us() - 500_000
            server.kill()
            time.sleep(random.uniform(SHORTEST_OUTAGE_S, LONGEST_OUTAGE_S))
            server.restart()
            back_us = now_us()
            outages.append(_over(seen, start_us))
            notes = seen.notes(back_us - 20_000, now_us())  # it may listen a little before it is known to
            backs_ms.append((notes["came_us"][0] - back_us) / 1000)
    print(f"| broker killed and started again, {cycles} times | median | most |\n|---|---:|---:|")
    _row("from its being ready until frames come, ms", backs_ms)
    _rows(outages)


def cluster(folder: Path, cycles: int) -> None:
    """Kill the broker of three that the node is connected to, or the relay, in turn."""
    outages: dict[str, list[Outage]] = {"node": [], "relay": [], "both": []}
    with ExitStack() as stack:
        brokers = stack.enter_context(nats_cluster(folder, 3, site.LIMITS))
        take = site.make_take(folder)
        node = stack.enter_context(site.node(folder, brokers, *site.replays(take, 1)))
        relay = stack.enter_context(site.relay(folder, brokers))
        seen = stack.enter_context(viewers(relay.port, folder))
        for index in range(2 * cycles):
            seen.settle(STEADY_S)
            of_node, of_relay = (site.broker_of(server, brokers) for server in (node, relay))
            victim = (of_node, of_relay)[index % 2]
            start_us = now_us() - 500_000
            victim.kill()
            kind = "both" if of_node is of_relay else ("node", "relay")[index % 2]
            outages[kind].append(_over(seen, start_us))
            victim.restart()
    for kind, found in outages.items():
        if found:
            print(f"| broker of {kind} killed, {len(found)} times | median | most |\n|---|---:|---:|")
            _rows(found)
            print()


def _stand(stack: ExitStack, folder: Path, brokers: Sequence[NatsServer]) -> Viewers:
    take = site.make_take(folder)
    stack.enter_context(site.node(folder, brokers, *site.replays(take, 1)))
    relay = stack.enter_context(site.relay(folder, brokers))
    return stack.enter_context(viewers(relay.port, folder))


def _over(seen: Viewers, start_us: int) -> Outage:
    """What a fault did, once frames come again, of those since a moment before it."""
    seen.settle(STEADY_S)
    seen.written(now_us())
    notes = seen.notes(start_us, now_us())
    return Outage(np.diff(notes["came_us"]).max() / 1000, lost(notes)[0], ages_ms(notes).max())


def _rows(outages: Sequence[Outage]) -> None:
    _row("nothing comes, ms", [one.gap_ms for one in outages])
    _row("frames lost", [one.lost for one in outages])
    _row(f"of a period of {PERIOD_S:g} s, %", [one.lost / (PERIOD_S * site.RATE) * 100 for one in outages])
    _row("oldest frame shown, ms", [one.oldest_ms for one in outages])


def _row(name: str, values: Sequence[float]) -> None:
    print(f"| {name} | {np.median(values):.3g} | {max(values):.3g} |")


def stuck(folder: Path, seconds: float, streams: int) -> None:
    """Stop one of two relays, both with viewers, and let it go on."""
    with ExitStack() as stack:
        server = stack.enter_context(nats_server(folder, site.LIMITS))
        take = site.make_take(folder)
        stack.enter_context(site.node(folder, [server], *site.replays(take, streams)))
        relays = [stack.enter_context(site.relay(folder, [server])) for _ in range(2)]
        seen, others = (stack.enter_context(viewers(one.port, folder, 4, streams=streams)) for one in relays)
        seen.settle()
        others.settle()
        phases_us = [now_us()]
        memory = [_memory(server, 10.0)]
        relays[0].process.send_signal(signal.SIGSTOP)
        phases_us.append(now_us())
        memory.append(_memory(server, seconds))
        relays[0].process.send_signal(signal.SIGCONT)
        phases_us.append(now_us())
        memory.append(_memory(server, 10.0))
        phases_us.append(now_us())
        others.written(phases_us[-1])
        print(f"{streams} streams, a relay stopped for {seconds:g} s\n")
        print("| | broker MB, first | most | last | the other relay's viewers p50 ms | p99 | missed |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for name, sizes, start_us, end_us in zip(
            ("before", "stopped", "after"), memory, phases_us[:-1], phases_us[1:], strict=True
        ):
            notes = others.notes(start_us, end_us)
            p50, p99 = np.percentile(ages_ms(notes), [50, 99])
            figures = f"{sizes[0]:.1f} | {max(sizes):.1f} | {sizes[-1]:.1f} | {p50:.2f} | {p99:.2f}"
            print(f"| {name} | {figures} | {lost(notes)[0]} |")
        shown = seen.notes(phases_us[2], phases_us[3])
        fates = {
            fate: site.metric(relays[0], "posewire_nats_frames_total", f'fate="{fate}"')
            for fate in ("shown", "replaced", "stale")
        }
        log = server.log.splitlines()
    print(f"\nfirst frame {(shown['came_us'][0] - phases_us[2]) / 1000:.0f} ms after it went on")
    print(f"oldest shown from then on {ages_ms(shown).max():.0f} ms; the relay counted {fates}")
    print("the broker's log:", *[line for line in log if "Slow Consumer" in line], sep="\n")


def _memory(server: NatsServer, seconds: float) -> list[float]:
    """Its resident set in MB, again and again."""
    process, until, found = psutil.Process(server.process.pid), time.monotonic() + seconds, []
    while time.monotonic() < until:
        found.append(process.memory_info().rss / 1e6)
        time.sleep(SAMPLE_S)
    return found
