"""C# under mono for the tests of receivers: compiling it, and a receiver in a process of its own."""

import asyncio
import json
import os
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT_S = 60


def build(target: Path, sources: Path, *options: str) -> None:
    """Compile a folder of C#; a warning is an error."""
    assert shutil.which("mcs"), "no mcs on the PATH; on Debian: apt-get install mono-mcs libnunit-cil-dev nunit-console"
    command = ["mcs", "-warnaserror", "-warn:4", "-debug", *options, f"-out:{target}"]
    files = [str(path) for path in sorted(sources.glob("*.cs"))]
    done = subprocess.run([*command, *files], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Listener:
    """The console receiver in a process of its own: what it said so far, oldest first."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[dict] = []
        self._over = False
        self._news = threading.Condition()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(json.loads(line))
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def until(self, holds: Callable[[dict], bool], after: int = 0) -> dict:
        """The first line from number `after` on of which something holds."""
        deadline = time.monotonic() + LIMIT_S
        with self._news:
            while True:
                for line in self.lines[after:]:
                    if holds(line):
                        return line
                left = deadline - time.monotonic()
                assert left > 0, f"it never came; last: {self.lines[-3:]}"
                assert not self._over, f"it ended; last: {self.lines[-3:]}"
                self._news.wait(left)

    def state(self, name: str, after: int = 0) -> dict:
        """The first line from number `after` on with a state."""
        return self.until(lambda line: line["state"] == name, after)

    def stop(self) -> dict:
        """Tell it to stop and return its last word."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(LIMIT_S) == 0
        self._reading.join(LIMIT_S)
        assert self.lines[-1]["event"] == "stopped"
        assert (self.lines[-1]["running"], self.lines[-1]["state"]) == (False, "Off")
        return self.lines[-1]


@contextmanager
def listening(
    built: Path, address: str, token: str = "", stream: str = "", pause_ms: int = 50, home: Path | None = None
) -> Iterator[Listener]:
    env = {**os.environ, **({"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")} if home else {})}
    process = subprocess.Popen(
        ["mono", str(built / "Listener.exe"), address, token, stream, str(pause_ms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )
    try:
        yield Listener(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def tls_front(folder: Path, port: int) -> Iterator[int]:
    """A TLS proxy before a server, with the certificate in the folder, on a port of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    loop = asyncio.new_event_loop()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, back_writer), pump(back_reader, writer), return_exceptions=True)

    front = loop.run_until_complete(asyncio.start_server(relay, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield front.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(front), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(front: asyncio.Server) -> None:
    front.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
