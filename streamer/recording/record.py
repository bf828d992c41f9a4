"""`posewire record`: a client that keeps what any server streams."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from posewire_client import Client, ConnectionRefused, State
from protocol.codec import encode
from protocol.messages import FIELDS, Frame, Hello, Message, Status, Subscribe, Subscribed
from streamer.clock import now_us
from streamer.errors import PosewireError, UsageError
from streamer.recording.recorder import Progress, Recorder
from streamer.signals import on_signals

STOP_TIMEOUT_S = 10.0


class Tape:
    """Hands a client's messages to a recorder. over: set once no more may be kept, with `reason` in words.

    granted: ids of the subscriptions that the server ever took.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._now_us = 0
        self._dated = False
        self._hello: Hello | None = None
        self.granted: set[int] = set()
        self.over = asyncio.Event()
        self.reason = ""
        self.frames = 0

    def keep(self, message: Message) -> None:
        """Keep one, if it is of those that are kept."""
        match message:
            case Hello():
                if message.now_us < self._now_us:
                    self.reason = "the server's clock began anew, so its machine was started again"
                    self.over.set()
                    return
                self._hello = message
                self._recorder.hello(message)
            case Subscribed():
                self.granted.add(message.id)
            case Frame() if not self.over.is_set():
                self._now_us = message.sent_us
                self.frames += 1
                # Whichever subscription it came by, a recording has one of each stream.
                data = encode(replace(message, id=0))
                self._recorder.frame(message.stream, message.seq, message.t_us, data)
            case Status() if not self.over.is_set():
                self._describe(message)
                self._recorder.status(message)
        if self._recorder.progress().state == "failed":
            self.reason = self._recorder.progress().error
            self.over.set()

    def _describe(self, status: Status) -> None:
        """Follow the streams that come, change and go, as a new connection's hello would tell of them."""
        if self._hello is None or not (status.gone or status.info):
            return
        others = tuple(info for info in self._hello.streams if info.id != status.stream)
        now = () if status.gone or status.info is None else (status.info,)
        self._hello = replace(self._hello, streams=(*others, *now))
        if now and self._recorder.wants(status.stream):
            self._recorder.hello(self._hello)

    def date(self, t_us: float) -> None:
        """Note once what the server's clock shows now."""
        if not self._dated:
            self._dated = True
            self._recorder.clock(round(t_us), datetime.now(timezone.utc))


async def record(
    url: str,
    path: Path,
    streams: Sequence[str],
    seconds: float | None,
    token: str | None = None,
    authority: str | None = None,
) -> int:
    """Record until `seconds` are over, a signal comes, or it can't go on. authority: a PEM file of whom to trust.

    streams: none stands for all, and so does `*`. Raises UsageError for a bad address, a refusal or a file that can't
    be; PosewireError where no server answers, and where the recording ended before it should.
    """
    try:
        trusted = ssl.create_default_context(cafile=authority) if authority else None
        named = [] if "*" in streams else list(dict.fromkeys(streams))
        wishes = [Subscribe(id, stream, FIELDS) for id, stream in enumerate(named or ["*"])]
        Client(url, wishes)
    except OSError as error:  # ssl.SSLError is one
        raise UsageError(f"--ca {authority}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    recorder = Recorder(path, named or None)
    tape = Tape(recorder)
    client = Client(url, wishes, token, trusted, tape.keep)
    mistake = ""
    on_signals(asyncio.get_running_loop(), tape.over.set)
    try:
        async with client:
            await _connected(client, tape, url)
            await _until_over(client, tape, seconds)
    except ConnectionRefused as error:
        if len(tape.granted) < len(wishes):
            mistake = f"{url}: {error}"
        else:  # when it came back
            tape.reason = str(error)
    finally:
        in_time = await asyncio.to_thread(recorder.stop, STOP_TIMEOUT_S)
        progress = recorder.progress()
        if mistake or (not progress.messages and progress.state == "finished"):
            await asyncio.to_thread(path.unlink, missing_ok=True)  # nothing came, so there is nothing to keep
    if mistake:
        raise UsageError(mistake)
    if not in_time:
        raise PosewireError(f"{path}: the disk took longer than {STOP_TIMEOUT_S:g} s to finish it")
    if progress.messages:
        print(_line(path, tape, progress, client.dropped), flush=True)
    if tape.reason or progress.error:
        raise PosewireError(f"the recording ended: {progress.error or tape.reason}")
    if not progress.messages:
        raise PosewireError(f"{url}: nothing came, so there is no recording")
    return 0


async def _connected(client: Client, tape: Tape, url: str) -> None:
    """Wait for the first attempt to connect. Raises PosewireError where no server answers."""
    attempt = asyncio.ensure_future(client.first_attempt())
    over = asyncio.ensure_future(tape.over.wait())
    await asyncio.wait([attempt, over], return_when=asyncio.FIRST_COMPLETED)
    over.cancel()
    if not attempt.done():
        attempt.cancel()
    elif attempt.result() is State.LOST:
        answered = client.reason.startswith("HTTP ")  # one that takes nobody now
        raise PosewireError(f"{url if answered else f'no Posewire server at {url}'}: {client.reason}")


async def _until_over(client: Client, tape: Tape, seconds: float | None) -> None:
    """Raises ConnectionRefused, also where the server comes back and refuses."""
    over = asyncio.ensure_future(tape.over.wait())
    following = asyncio.ensure_future(_follow(client, tape))
    try:
        done, _ = await asyncio.wait([over, following], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if following in done:
            following.result()
    finally:
        over.cancel()
        following.cancel()


async def _follow(client: Client, tape: Tape) -> None:
    async for _ in client:  # frames are kept as they come; here it is seen when the client is refused
        if client.clock.ready:
            tape.date(now_us() + client.clock.offset_us)


def _line(path: Path, tape: Tape, progress: Progress, dropped: int) -> str:
    minutes, tenths = divmod(round((progress.end_us - progress.start_us) / 1e5), 600)
    duration = f"{minutes // 60}:{minutes % 60:02}:{tenths / 10:04.1f}"
    lost = f"; {dropped} dropped by the server" if dropped else ""
    left_out = f"; {progress.left_out} left out, the disk was too slow" if progress.left_out else ""
    frames = min(tape.frames, progress.messages)  # a disk that failed has fewer than came
    return f"{path}: {frames} frames, {duration}, {progress.bytes / 1e6:.1f} MB{lost}{left_out}"
