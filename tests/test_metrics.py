"""What Prometheus' own parser reads of a server's numbers."""

import asyncio
import urllib.request

from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from streamer.photo.cache import key
from streamer.photo.request import PhotoRequest
from tests.inprocess import LocalServer, local_server


def read(local: LocalServer) -> dict[tuple[str, ...], float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{local.port}/metrics") as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


async def test_numbers_follow_what_happens() -> None:
    async with local_server() as local, connect(local.ws + "?subscribe=*") as client:
        await client.recv()
        for _ in range(3):
            local.publish()
        cache = local.photos.cache
        cache.put(key(PhotoRequest(), b"a"), b"answer")
        cache.get(key(PhotoRequest(), b"a"))
        numbers = await asyncio.to_thread(read, local)
    assert numbers["posewire_clients",] == 1
    assert numbers["posewire_frames_total", "cam"] == 3
    assert numbers["posewire_stream_live", "cam"] == 1
    assert numbers["posewire_frames_dropped_total",] == 0
    assert numbers["posewire_photo_answers_total", "hit"] == 1
    assert numbers["posewire_photo_answers_total", "miss"] == 0
    assert numbers["posewire_photo_cache_bytes",] == 6
    assert numbers["posewire_photo_waiting",] == 0
    assert numbers["process_resident_memory_bytes",] > 0
