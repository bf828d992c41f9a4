"""What of a site can't be seen from outside; the rest is in tests/e2e."""

import asyncio
import os
import signal

import pytest

from streamer.clock import now_us
from streamer.config import SiteConfig
from streamer.errors import UsageError
from streamer.hub.catalog import Catalog
from streamer.hub.hub import Hub
from streamer.hub.session import describe
from streamer.recording.recordings import Recordings
from streamer.server.site import Offer, Site


class Part:
    """Notes what it is told."""

    def __init__(self, ends: bool = True) -> None:
        self.told: list[str] = []
        self._ends = ends

    async def start(self) -> None:
        self.told.append("start")

    def tick(self) -> None:
        self.told.append("tick")
        raise RuntimeError("this second's work")

    def stop(self) -> None:
        self.told.append("stop")

    async def wait(self) -> bool:
        self.told.append("wait")
        return self._ends


def site(**config: object) -> Site:
    catalog = Catalog()
    recordings = Recordings(None, lambda: describe(catalog, now_us()), False)
    return Site(SiteConfig(port=0, **config), Hub(catalog), recordings)


@pytest.mark.parametrize("ends", [True, False])
async def test_parts_are_started_looked_after_and_ended(ends: bool, capsys, caplog) -> None:
    part, quiet = Part(), Part(ends)
    task = asyncio.create_task(site().run(Offer([part, quiet], [])))
    while "tick" not in quiet.told:
        assert not task.done(), task
        await asyncio.sleep(0.05)
    assert "posewire ready http://127.0.0.1:" in capsys.readouterr().out
    assert "a second's work was left undone" in caplog.text  # and the next part had its turn
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(task, 5) is ends
    assert [word for word in part.told if word != "tick"] == ["start", "stop", "wait"]


async def test_a_part_that_can_not_start_ends_the_others(capsys) -> None:
    class Broken(Part):
        async def start(self) -> None:
            raise UsageError("no such camera")

    well = Part()
    with pytest.raises(UsageError, match="no such camera"):
        await site().run(Offer([well, Broken()], []))
    assert well.told == ["start", "stop", "wait"]
    assert capsys.readouterr().out == ""


async def test_settings_that_contradict_each_other_leave_no_port_bound() -> None:
    with pytest.raises(UsageError, match="--token and --read-token are the same"):
        site(token="a", read_token="a")
