import asyncio
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from streamer.config import ServeConfig
from streamer.engine.base import Detection
from streamer.engine.model_choice import LASTING_S
from streamer.errors import EngineError
from streamer.hub.catalog import Catalog
from streamer.hub.hub import Hub
from streamer.output import Outputs
from streamer.settings import Settings
from streamer.source import SourceWish, open_sources
from streamer.stream.stream import Stream
from streamer.vitals.health import REASONS, Health
from tests.harness import write_clip


class Engine:
    """An engine that finds nobody; there is none for the heavy model."""

    name, smoothed = "scripted", False

    def __init__(self, settings: Settings) -> None:
        if settings.model == "heavy":
            raise EngineError("no such network")
        self.model = settings.model

    def estimate(self, image: np.ndarray, media_us: int) -> list[Detection]:
        return []

    def close(self) -> None:
        pass


class OfClass:
    """Engines of one class, for a model and a number of people each."""

    def __init__(self, make: type[Engine]) -> None:
        self.make = make

    def fits(self, before: Settings, now: Settings) -> bool:
        return (before.model, before.people) == (now.model, now.people)

    def renew(self) -> None:
        pass


async def test_an_engine_that_cannot_be_made_changes_nothing(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "grey.avi", [np.full((64, 64, 3), 90, np.uint8)] * 10)
    [named] = open_sources([str(clip)], SourceWish())
    catalog = Catalog()
    loop = asyncio.get_running_loop()
    outputs = Outputs((), ())
    stream = Stream(named, ServeConfig(), Settings("lite"), OfClass(Engine), Hub(catalog), outputs, loop)
    await stream.start()
    try:
        await stream.change(Settings("full", people=3, mirror=True))
        [told] = catalog.streams
        assert (told.model, told.people, told.mirror, told.preview) == ("full", 3, True, False)
        with pytest.raises(EngineError, match="no such network"):
            await stream.change(Settings("heavy"))
        assert catalog.streams == (told,)
        assert stream.settings == Settings("full", people=3, mirror=True)
    finally:
        await asyncio.to_thread(stream.stop)
        assert await stream.wait()


async def test_a_change_that_is_given_up_leaves_no_engine_open(tmp_path: Path) -> None:
    """As when the server ends while a network is being read."""
    made: list[Engine] = []
    going_on = threading.Event()

    class Counted(Engine):
        def __init__(self, settings: Settings) -> None:
            if made:
                going_on.wait(10)
            super().__init__(settings)
            self.closed = 0
            made.append(self)

        def close(self) -> None:
            self.closed += 1

    clip = write_clip(tmp_path / "grey.avi", [np.full((64, 64, 3), 90, np.uint8)] * 10)
    [named] = open_sources([str(clip)], SourceWish())
    loop = asyncio.get_running_loop()
    stream = Stream(named, ServeConfig(), Settings("lite"), OfClass(Counted), Hub(Catalog()), Outputs((), ()), loop)
    await stream.start()
    changing = asyncio.create_task(stream.change(Settings("full")))
    await asyncio.sleep(0.05)
    changing.cancel()
    await asyncio.to_thread(stream.stop)
    going_on.set()
    assert await stream.wait()
    assert [engine.closed for engine in made] == [1, 1]


async def test_auto_steps_down_for_good_and_says_so(tmp_path: Path) -> None:
    """Every model takes 60 ms a frame at 30 frames a second, whatever was measured before."""

    class Slow(Engine):
        def __init__(self, settings: Settings) -> None:
            self.model = settings.model

        def estimate(self, image: np.ndarray, media_us: int) -> list[Detection]:
            time.sleep(0.06)
            return []

    class Measured(OfClass):
        streams = 1

        def cost_ms(self, model: str) -> float:
            return {"lite": 1.0, "full": 10.0, "heavy": 40.0}[model]

    clip = write_clip(tmp_path / "grey.avi", [np.full((64, 64, 3), 90, np.uint8)] * 10)
    [named] = open_sources([str(clip)], SourceWish())
    catalog = Catalog()
    outputs = Outputs((), ())
    loop = asyncio.get_running_loop()
    stream = Stream(named, ServeConfig(), Settings("auto"), Measured(Slow), Hub(catalog), outputs, loop)

    async def busy(seconds: int) -> str:
        for _ in range(seconds):  # which pass faster here
            await asyncio.sleep(0.25)
            stream.tick()
        for _ in range(200):
            if not stream.stepping:
                break
            await asyncio.sleep(0.01)
        return catalog.status(named.id).detail

    await stream.start()
    try:
        assert catalog.info(named.id).model == "full"
        await busy(LASTING_S - 1)
        assert catalog.info(named.id).model == "full"
        assert await busy(2) == "model lite: full couldn't keep up with 30 frames a second"
        assert (catalog.info(named.id).model, catalog.status(named.id).state) == ("lite", "live")
        assert await busy(LASTING_S + 1) == "even model lite couldn't keep up with 30 frames a second"
        assert stream.settings.model == "auto"
        await stream.change(Settings("auto", mirror=True))  # what it stepped down to stays
        assert catalog.info(named.id).model == "lite"
        await stream.change(Settings("full"))
        assert catalog.status(named.id).detail == ""
        await busy(LASTING_S + 1)
        assert catalog.info(named.id).model == "full"  # what was asked for by name is kept
    finally:
        await asyncio.to_thread(stream.stop)
        assert await stream.wait()


async def test_camera_and_engine_are_told_apart_and_every_picture_is_accounted_for(tmp_path: Path) -> None:
    """A clip that ends, and an engine that is slow, fails, and works again."""
    hold, held = threading.Event(), threading.Event()

    class Moody(Engine):
        calls = 0

        def estimate(self, image: np.ndarray, media_us: int) -> list[Detection]:
            Moody.calls += 1
            if Moody.calls == 3:
                held.set()
                hold.wait(10)
                raise EngineError("/home/somebody/secret")
            return []

    clip = write_clip(tmp_path / "grey.avi", [np.full((64, 64, 3), 90, np.uint8)] * 40, fps=25)
    [named] = open_sources([str(clip)], SourceWish())
    hub = Hub(Catalog())
    loop = asyncio.get_running_loop()
    config = ServeConfig(loop=False)
    stream = Stream(named, config, Settings("lite"), OfClass(Moody), hub, Outputs((), ()), loop)
    assert stream.health() == Health("live", "idle", None, None, "")
    await stream.start()
    try:
        await asyncio.to_thread(held.wait, 10)
        health = stream.health()
        assert (health.camera, health.engine, health.reason) == ("live", "working", "")
        assert health.last_picture_age_ms is not None
        hold.set()
        while not stream.engine_faults:
            await asyncio.sleep(0.01)
        failed = stream.health()
        assert (failed.camera, failed.engine, failed.reason) == ("live", "failed", REASONS["failed"])
        while stream.health().camera != "ended" or stream.inferred == Moody.calls:
            await asyncio.sleep(0.01)
        while stream.captured > stream.inferred + stream.missed + stream.engine_faults:
            await asyncio.sleep(0.01)
    finally:
        await asyncio.to_thread(stream.stop)
        assert await stream.wait()
    assert stream.captured + stream.skipped == 40
    assert (stream.engine_faults, stream.replacements) == (1, 0)
    assert stream.missed > 0
    assert stream.health().reason == "; ".join((REASONS["ended"], REASONS["over"]))
