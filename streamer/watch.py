"""`posewire watch`: a client in the terminal that shows rate, latency and drops."""

import asyncio
import json
import math
import ssl
import sys
import time
from collections import deque
from collections.abc import Iterable

from posewire_client import Client, ConnectionRefused, State
from protocol.messages import Frame, Subscribe
from streamer.errors import PosewireError, UsageError

WINDOW = 4096
"""Latencies kept for the percentiles: the last minute or so."""


class Meter:
    """What arrived so far. Latency is from capture to the decoded frame here, in milliseconds."""

    def __init__(self) -> None:
        self.frames = 0
        self.poses = 0
        self.streams: dict[str, int] = {}
        self._missed: dict[str, int] = {}
        self._last_seq: dict[str, int] = {}
        self._latencies_ms: deque[float] = deque(maxlen=WINDOW)
        self._arrivals_s: deque[float] = deque(maxlen=WINDOW)

    def add(self, frame: Frame, latency_us: float | None) -> None:
        """Count one frame; `latency_us` is None while the clocks aren't synchronised."""
        self.frames += 1
        self.poses += len(frame.poses)
        self.streams[frame.stream] = self.streams.get(frame.stream, 0) + 1
        last = self._last_seq.get(frame.stream)
        if last is not None and frame.seq > last:
            self._missed[frame.stream] = self._missed.get(frame.stream, 0) + frame.seq - last - 1
        self._last_seq[frame.stream] = frame.seq
        self._arrivals_s.append(time.monotonic())
        if latency_us is not None:
            self._latencies_ms.append(latency_us / 1000)

    def report(self, client: Client) -> dict[str, object]:
        """The figures as one JSON-ready object."""
        seconds = self._arrivals_s[-1] - self._arrivals_s[0] if len(self._arrivals_s) > 1 else 0.0
        return {
            "frames": self.frames,
            "fps": round((len(self._arrivals_s) - 1) / seconds, 2) if seconds else None,
            "latency_ms": percentiles(self._latencies_ms),
            "clock_error_ms": round(client.clock.error_us / 1000, 3) if client.clock.ready else None,
            "dropped_by_server": client.dropped,
            "skipped_here": client.skipped,
            "missing_seq": sum(self._missed.values()),
            "poses_per_frame": round(self.poses / self.frames, 3) if self.frames else None,
            "streams": self.streams,
            "state": client.state.value,
        }


def percentiles(values: Iterable[float]) -> dict[str, float] | None:
    """p50, p95 and p99 by the nearest-rank method; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    return {f"p{p}": round(ordered[math.ceil(p / 100 * len(ordered)) - 1], 3) for p in (50, 95, 99)}


async def watch(url: str, stream: str, frames: int | None, as_json: bool, authority: str | None = None) -> int:
    """Watch until `frames` came, or for ever. authority: a PEM file of whom to trust with wss.

    Raises UsageError for a bad address or a refusal, PosewireError where no server answers.
    """
    try:
        trusted = ssl.create_default_context(cafile=authority) if authority else None
        client = Client(url, [Subscribe(0, stream)], ssl=trusted)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(f"--ca {authority}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    meter = Meter()
    tasks: list[asyncio.Task[None]] = []
    if frames is None or not as_json:
        tasks.append(asyncio.create_task(_show(client, meter, as_json)))
    try:
        async with client:
            if await client.first_attempt() is State.LOST:
                answered = client.reason.startswith("HTTP ")  # one that takes nobody now
                raise PosewireError(f"{url if answered else f'no Posewire server at {url}'}: {client.reason}")
            tasks.append(asyncio.create_task(_count(client, meter, frames)))
            # What only shows ends where it can't any more, because the reader of its output has gone.
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            _print_report(client, meter, as_json)
    except asyncio.CancelledError:  # Ctrl-C
        _print_report(client, meter, as_json)
        raise
    except ConnectionRefused as error:
        raise UsageError(f"{url}: {error}") from None
    finally:
        for task in tasks:
            task.cancel()
    return 0


async def _count(client: Client, meter: Meter, frames: int | None) -> None:
    async for frame in client:
        meter.add(frame, client.latency_us(frame) if client.clock.ready else None)
        if frames is not None and meter.frames >= frames:
            return


def _print_report(client: Client, meter: Meter, as_json: bool) -> None:
    report = meter.report(client)
    if as_json:
        print(json.dumps(report), flush=True)
    else:
        if sys.stdout.isatty():
            print("\r\x1b[K", end="")
        print(_line(report), flush=True)


async def _show(client: Client, meter: Meter, as_json: bool) -> None:
    while True:
        await asyncio.sleep(1.0)
        if as_json:
            print(json.dumps(meter.report(client)), flush=True)
        else:
            lost = [f"{s.stream} {s.state}: {s.detail}" for s in client.statuses.values() if s.state != "live"]
            trouble = f"{client.state.value}: {client.reason}" if client.reason else "; ".join(lost)
            line = _line(meter.report(client)) + (f"  [{trouble}]" if trouble else "")
            print(
                f"\r\x1b[K{line}" if sys.stdout.isatty() else line, end="" if sys.stdout.isatty() else "\n", flush=True
            )


def _line(report: dict[str, object]) -> str:
    latency = report["latency_ms"]
    shown = (
        f"p50 {latency['p50']:.1f}  p95 {latency['p95']:.1f}  p99 {latency['p99']:.1f} ms"
        if isinstance(latency, dict)
        else "latency -"
    )
    fps = report["fps"]
    rate = f"{fps:.1f} fps" if isinstance(fps, float) else "- fps"
    return f"{report['frames']} frames  {rate}  {shown}  dropped {report['dropped_by_server']}"
