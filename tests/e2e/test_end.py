"""The end under load: every client is told, whoever doesn't listen is cut, and it takes no longer than two seconds."""

import asyncio
import socket
import ssl
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.addresses import source_address
from tests.harness import running_server

CLIENTS = 100
STALLED = 10
LIMIT_S = 2.0


async def converse(url: str, index: int, trust: ssl.SSLContext | None, reading: asyncio.Semaphore) -> int | None:
    """Subscribe and read until the server closes; the close code, None where there was none."""
    local = source_address(index)
    async with connect(url, ssl=trust, compression=None, local_addr=local, close_timeout=1) as client:
        for _ in range(5):
            await client.recv()
        reading.release()
        try:
            while True:
                await client.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


async def stall(url: str, port: int, index: int, trust: ssl.SSLContext | None) -> ClientConnection:
    """A client that reads nothing any more, its sockets so small that they are soon full."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.bind(source_address(index))
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", port))
    client = await connect(url, sock=plain, ssl=trust, compression=None, max_queue=1, close_timeout=0.1)
    client.transport.pause_reading()
    return client


@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
async def test_every_client_is_told_of_the_end(tmp_path: Path, secure: bool) -> None:
    options = ["--model", "lite", *(["--tls", "auto"] if secure else [])]
    with running_server(tmp_path, *options, env={"XDG_CONFIG_HOME": str(tmp_path)}) as server:
        trust = None
        if secure:
            trust = ssl.create_default_context(cafile=tmp_path / "posewire" / "tls" / "authority.pem")
        url = server.ws + "?subscribe=*&fields=image,world,bones,rest,angles"
        stuck = [await stall(url, server.port, CLIENTS + index, trust) for index in range(STALLED)]
        reading = asyncio.Semaphore(0)
        clients = [asyncio.create_task(converse(url, index, trust, reading)) for index in range(CLIENTS)]
        for _ in range(CLIENTS):
            await asyncio.wait_for(reading.acquire(), 60)
        await asyncio.sleep(4)  # until those that don't read have full sockets
        asked = time.monotonic()
        server.process.terminate()
        status = await asyncio.to_thread(server.process.wait, 10)
        took_s = time.monotonic() - asked
        codes = await asyncio.wait_for(asyncio.gather(*clients), 10)
        for client in stuck:
            client.transport.abort()
        log = server.log
    assert status == 0
    assert codes == [1001] * CLIENTS
    assert took_s < 3 * LIMIT_S  # alone on its machine within LIMIT_S
    assert "ERROR" not in log
    assert "Traceback" not in log
