"""What of the pipeline can't be seen from outside; the rest is in tests/e2e."""

import asyncio
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from streamer import pipeline
from streamer.config import ServeConfig
from streamer.errors import EngineError, PosewireError, SourceError
from streamer.server.server import listen
from tests.harness import write_clip


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return str(write_clip(tmp_path / "grey.avi", [np.full((64, 64, 3), 90, np.uint8)] * 10))


def config(*sources: str, port: int = 0) -> ServeConfig:
    return ServeConfig(sources=sources, port=port, model="lite", engine="mediapipe")


async def test_every_thread_ends_with_the_server(clip: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(threading.enumerate())
    task = asyncio.create_task(pipeline.serve(config(clip, clip)))
    while "posewire ready" not in capsys.readouterr().out:
        assert not task.done(), task
        await asyncio.sleep(0.02)
    names = {thread.name.partition("-")[0] for thread in set(threading.enumerate()) - before}
    assert {"capture", "engine"} <= names
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(task, 5) is True
    left = {thread for thread in set(threading.enumerate()) - before if thread.name.startswith(("capture", "engine"))}
    assert not left


async def test_a_start_that_fails_leaves_nothing_behind(clip: str, tmp_path: Path, monkeypatch) -> None:
    before = threading.active_count()
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(SourceError, match="not a video"):
        await pipeline.serve(config(clip, str(tmp_path / "text.mp4")))

    def no_engine(*_: object) -> None:
        raise EngineError("no network")

    monkeypatch.setattr("streamer.engine.mediapipe.MediaPipeEngine", no_engine)
    with pytest.raises(EngineError, match="no network"):
        await pipeline.serve(config(clip))
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith(("capture", "engine"))]
    assert names == []
    assert threading.active_count() <= before + 4  # the event loop's own pool stays until the loop ends


async def test_a_taken_port_is_found_before_anything_is_opened(clip: str) -> None:
    with listen("127.0.0.1", 0) as sock:
        with pytest.raises(PosewireError, match="can't listen"):
            await pipeline.serve(config(clip, port=sock.getsockname()[1]))


async def test_an_end_does_not_wait_for_an_engine_that_hangs(clip: str, monkeypatch, capsys) -> None:
    """Whether it hangs in a frame or is still being made."""
    from streamer.engine.mediapipe import MediaPipeEngine

    for where, ready in (("estimate", True), ("__init__", False)):
        hanging, released = threading.Event(), threading.Event()

        def hang(*_: object, hanging=hanging, released=released, **__: object) -> None:
            hanging.set()
            released.wait(30)
            raise EngineError("let go")

        with monkeypatch.context() as patch:
            patch.setattr(MediaPipeEngine, where, hang)
            task = asyncio.create_task(pipeline.serve(config(clip)))
            assert await asyncio.to_thread(hanging.wait, 20)
            if ready:
                while "posewire ready" not in capsys.readouterr().out:
                    await asyncio.sleep(0.02)
            os.kill(os.getpid(), signal.SIGTERM)
            assert await asyncio.wait_for(task, 5) is False
            released.set()
    for thread in threading.enumerate():
        if thread.name.startswith(("engine", "making")):
            thread.join(10)
            assert not thread.is_alive()
