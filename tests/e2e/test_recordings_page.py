"""Recordings in the page: made, played, downloaded and exported, in a real Chromium on a real server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamer.recording.reader import Recording
from tests.browser import Page, browse
from tests.e2e.recordings import CONTROL, ROW, SERVE, WATCH, click, download, fill, go, play
from tests.e2e.test_accessible import AXE, VIOLATIONS
from tests.harness import ServerProcess, running_server
from tests.recording.made import write

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("recordings"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("server"), *SERVE, "--recordings", str(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: ServerProcess) -> Iterator[Page]:
    with browse(f"{server.url}?token={CONTROL}") as page:
        page.do(f"await page.addInitScript({{path: {json.dumps(str(AXE))}}}) && null")
        yield page
        assert [error for error in page.do("seen.errors") if "status of 422" not in error] == []


@pytest.fixture
def page(browser: Page, server: ServerProcess) -> Page:
    browser.do("await page.unrouteAll() ?? await page.setViewportSize({width: 1280, height: 900})")
    go(browser, server)
    return browser


def test_one_is_made_played_downloaded_and_exported(page: Page, folder: Path, tmp_path: Path) -> None:
    before = set(folder.iterdir())
    page.do('await page.click("#record")')
    page.until('document.querySelector("#record").dataset.state === "recording"')
    assert page.text("#record-text") == "Stop"
    page.until('/^0:0[2-9]$/.test(document.querySelector("#record-time").textContent)')
    page.do("await page.reload() && null")  # which forgets nothing
    page.until('document.querySelector("#record").dataset.state === "recording"')
    page.do('await page.click("#record")')
    page.until('document.querySelector("#record").dataset.state === "idle"')
    assert page.text("#record-fault") == ""
    [path] = set(folder.iterdir()) - before
    with Recording.open(path) as recording:
        assert recording.whole
        duration_s = (recording.end_us - recording.start_us) / 1e6
        first = next(iter(recording.messages(kinds=("frame",)))).frame()
    assert page.ask("posewire.recordings[0].name") == path.stem  # the newest is the first
    row = str(page.ask(f"{ROW.replace('NAME', path.stem)}.textContent"))
    assert "demo" in row
    assert " kB" in row or " MB" in row

    play(page, path.stem)
    assert page.ask("posewire.player.durationS") == pytest.approx(duration_s, abs=1e-3)
    page.until("posewire.player.positionS > 0.3 && posewire.player.frame.poses.length === 1")
    page.do('await page.click("#player .play")')
    assert page.ask("posewire.player.paused") is True
    page.do('await page.focus("#player .position") || await page.keyboard.press("Home")')
    page.until("posewire.player.frame?.seq !== undefined && posewire.player.positionS === 0")
    assert page.ask("posewire.player.frame.t_us") == first.t_us
    world = page.ask("posewire.player.frame.poses[0].world[0]")
    assert world == pytest.approx(first.poses[0].world[0].tolist(), abs=1e-6)

    kept = tmp_path / "kept.mcap"
    link = f"""#takes li[data-name="{path.stem}"] a"""
    download(page, link, kept)
    assert kept.read_bytes() == path.read_bytes()

    click(page, path.stem, "export")
    bvh = tmp_path / "made.bvh"
    page.do('await page.selectOption("#export-format", "bvh") && null')
    page.do('await page.selectOption("#export-rate", "30") && null')
    page.do('await page.selectOption("#export-filter", "offline") && null')
    assert download(page, "#export-make", bvh) == f"{path.stem}.bvh"
    text = bvh.read_text()
    assert text.startswith("HIERARCHY")
    assert "Frame Time: 0.0333" in text
    frame_count = int(text.partition("Frames:")[2].split()[0])
    assert 1 < frame_count <= round(30 * duration_s) + 1
    page.until('!document.querySelector("#export").open')


def test_of_many_one_is_found_by_its_name(page: Page, server: ServerProcess) -> None:
    assert page.ask('document.querySelector("#record-find").hidden') is True
    kept = {"state": "finished", "bytes": 1, "duration_s": 1, "left_out": 0, "error": "", "started": None}
    many = [{**kept, "name": f"take-{i}", "streams": ["cam" if i else "side"]} for i in range(30)]
    told = json.dumps({"json": {"recordings": many, "possible": True, "may_record": True}})
    page.do(f'await page.route("**/recordings", (route) => route.fulfill({told})) && null')
    go(page, server)
    assert page.text("#record-count") == "30"
    names = '[...document.querySelectorAll("#takes li")].map(({ dataset }) => dataset.name)'
    for wanted, found in (("-29", ["take-29"]), ("SIDE", ["take-0"]), ("nothing", [])):
        page.do(f'await page.fill("#record-find", "{wanted}") ?? null')
        assert page.ask(names) == found
    assert page.text("#record-note") == "No recording has that name."
    page.do('await page.fill("#record-find", "") ?? null')
    assert len(page.ask(names)) == 30

    # One more comes: who is about to press a button of another keeps it.
    page.do('await page.focus("#takes li:nth-child(3) .export") ?? null')
    focused = page.ask('document.activeElement.closest("li").dataset.name')
    told = json.dumps(
        {"json": {"recordings": [*many, {**many[1], "name": "zz"}], "possible": True, "may_record": True}}
    )
    page.do("await page.unrouteAll() ?? null")
    page.do(f'await page.route("**/recordings", (route) => route.fulfill({told})) && null')
    page.until(f"{names}[0] === 'zz'")
    assert page.ask('document.activeElement.closest("li")?.dataset.name') == focused
    page.do("await page.unrouteAll() ?? null")


def test_a_recording_that_fails_is_said(page: Page, folder: Path) -> None:
    before = set(folder.iterdir())
    page.do('await page.click("#record")')
    page.until('document.querySelector("#record").dataset.state === "recording"')
    page.do(
        """await page.route("**/recordings", async (route) => {
          const answer = await route.fetch();
          const kept = await answer.json();
          for (const entry of kept.recordings.filter(({ state }) => state === "recording"))
            Object.assign(entry, { state: "failed", error: "No space left on device" });
          return route.fulfill({ json: kept }); }) && null"""
    )
    page.until('document.querySelector("#record").dataset.state === "idle"')
    fault = page.text("#record-fault")
    page.do("await page.unrouteAll() ?? null")
    assert fault.startswith("Recording 2")
    assert fault.endswith(" failed: No space left on device")
    page.until('document.querySelector("#record").dataset.state === "recording"')
    page.do('await page.click("#record")')
    page.until('document.querySelector("#record").dataset.state === "idle"')
    [path] = set(folder.iterdir()) - before
    path.unlink()


def test_one_that_was_cut_plays_up_to_there_and_one_that_is_none_is_not_offered(page: Page) -> None:
    assert "Cut off" in str(page.ask(f"{ROW.replace('NAME', 'cut')}.textContent"))
    play(page, "cut")
    assert 0.3 < page.ask("posewire.player.durationS") < 1.7
    assert page.text("#player-note") == "This recording was cut off. It plays up to there."
    page.until("posewire.player.paused")
    assert page.ask(f"{ROW.replace('NAME', 'broken')}.querySelector('.play')") is None
    assert "Unreadable" in str(page.ask(f"{ROW.replace('NAME', 'broken')}.textContent"))


def test_what_cannot_be_exported_is_said(page: Page, folder: Path) -> None:
    with (folder / "nobody.mcap").open("wb") as file:
        write(file, [])
    page.until('posewire.recordings.some(({ name }) => name === "nobody")')
    click(page, "nobody", "export")
    page.do('await page.click("#export-make")')
    page.until('document.querySelector("#export-fault").textContent.startsWith("nobody is seen")', 40_000)
    assert page.ask('document.querySelector("#export-make").disabled') is False
    page.do('await page.keyboard.press("Escape")')
    play_it = "document.querySelector('#takes li[data-name=\"nobody\"] .play').click()"
    page.ask(f"void {play_it}")
    page.until('document.querySelector("#player-note").textContent === "There is no frame in this recording."')
    (folder / "nobody.mcap").unlink()


def test_who_watches_plays_and_does_not_record(page: Page, server: ServerProcess) -> None:
    go(page, server, WATCH)
    assert page.ask('document.querySelector("#record").hidden') is True
    assert page.text("#record-note") == "This address is for watching: recording needs the other token."
    play(page, "two")


def test_a_server_without_a_folder_says_what_is_missing(demo: ServerProcess) -> None:
    with browse(demo.url) as page:
        page.until("posewire.recordings !== null")
        assert page.ask('document.querySelector("#record").hidden') is True
        assert page.text("#record-note") == "To record, start the server with --recordings and a folder."


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_screen(page: Page, server: ServerProcess, width: int, scheme: str, language: str) -> None:
    page.do(f"await page.setViewportSize({{width: {width}, height: 844}})")
    page.do(f'await page.emulateMedia({{colorScheme: "{scheme}"}})')
    page.ask(f'localStorage.setItem("posewire.language", "{language}")')
    go(page, server)
    play(page, "cut")
    page.do("""await page.click('#player .play') && null""")
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask(VIOLATIONS) == []
    page.do('await page.focus("#player .position") || await page.keyboard.press("ArrowLeft")')
    page.do('await page.keyboard.press("o") ?? null')
    assert page.ask(VIOLATIONS) == []
    assert page.ask("document.documentElement.scrollWidth") <= width
    page.do('await page.click("#player-export")')
    assert page.ask("document.querySelector('#export-part').checkVisibility()") is True
    assert page.ask(VIOLATIONS) == []
    page.do('await page.keyboard.press("Escape")')
    page.ask("localStorage.clear()")


REPLAY = {"duration_s": 40.0, "position_s": 10.0, "speed": 1.0, "paused": False, "loop": True, "ended": False}


@pytest.mark.parametrize("may_change", [True, False])
def test_a_stream_that_is_a_replay_is_steered(page: Page, server: ServerProcess, may_change: bool) -> None:
    """Against a server of our own making: what it is sent, and what is shown of its answers."""
    body = json.dumps({"replays": {"demo": REPLAY}, "may_change": may_change})
    told = json.dumps({"contentType": "application/json", "body": body})
    page.do(f'await page.route("**/replay", (route) => route.fulfill({told})) && null')
    page.do(
        f"""(seen.replay = {json.dumps(REPLAY)}, seen.wishes = [], await page.route("**/replay/demo", (route) => {{
          const wish = route.request().method() === "PATCH" ? route.request().postDataJSON() : null;
          if (wish) {{ seen.wishes.push(wish); Object.assign(seen.replay, wish); }}
          return route.fulfill({{ json: seen.replay }}); }})) && null"""
    )
    try:
        go(page, server)
        page.until("posewire.replay !== null && document.querySelector('#replay').checkVisibility()")
        page.until("posewire.replay.position_s > 10.1")
        assert page.text("#replay output").endswith(" / 0:40.0")
        if not may_change:
            assert page.ask(
                "[...document.querySelectorAll('#replay :is(button, select, input)')].every((e) => e.disabled)"
            )
            assert "needs the other token" in page.text("#replay-note")
            return
        page.do('await page.click("#replay .play")')
        page.until("posewire.replay.paused")
        page.do('await page.focus("#replay [type=range]") || await page.keyboard.press("End")')
        page.until("posewire.replay.position_s === 40")
        page.do('await page.selectOption("#replay select", "0.5") && null')
        page.do('await page.click("#replay .loop")')
        page.until("!posewire.replay.loop")
        page.do("await page.waitForTimeout(700)")  # another answer has come, and says the same
        assert page.do("seen.wishes") == [{"paused": True}, {"position_s": 40}, {"speed": 0.5}, {"loop": False}]
        assert page.ask("posewire.replay") == {**REPLAY, "paused": True, "position_s": 40, "speed": 0.5, "loop": False}
    finally:
        page.do('await page.goto("about:blank") ?? null')  # the server has no such stream to ask about
        page.do("await page.unrouteAll() ?? null")


def test_a_recording_that_is_served_is_steered_for_everyone(tmp_path: Path, folder: Path) -> None:
    options = ("--source", str(folder / "two.mcap"), "--token", CONTROL, "--read-token", WATCH)
    with running_server(tmp_path, *options) as server, browse(f"{server.url}?token={CONTROL}") as page:
        page.until("posewire.frames > 3 && posewire.replay !== null", 30_000)
        assert page.ask("posewire.replay.duration_s") == pytest.approx(59 / 30, abs=0.05)
        page.do('await page.click("#replay .play")')
        page.until('posewire.state === "paused"')
        page.until('document.querySelector("#state-text").textContent === "Paused"')
        frames_before = page.ask("posewire.frames")
        page.do('await page.focus("#replay [type=range]") || await page.keyboard.press("Home")')
        page.until(f"posewire.frames > {frames_before} && posewire.replay.position_s === 0")
        page.until("posewire.avatar !== null", 20_000)
        page.do("await page.waitForTimeout(1500)")  # longer than a live stream may be silent
        assert page.ask("posewire.avatar !== null") is True
        assert page.ask('[posewire.state, document.querySelector("#notice").hidden]') == ["paused", True]
        page.do('await page.click("#replay .play")')
        page.until('posewire.state === "live" && posewire.replay.position_s > 0.2')
        assert page.do("seen.errors") == []


def test_a_stream_that_is_none_has_no_time_line(page: Page) -> None:
    page.do("await page.waitForTimeout(700)")
    assert page.ask("[posewire.replay, document.querySelector('#replay').hidden]") == [None, True]


def test_durations_and_sizes_are_readable(page: Page, tmp_path: Path) -> None:
    page.parts(tmp_path, "recordings/units")
    told = page.ask("""import("/static/parts.js").then(({ clockOf, sizeOf }) => [
      [0, 59.99, 60, 3725].map((seconds) => clockOf(seconds)), [0, 59.96, 61.25].map((seconds) => clockOf(seconds, 1)),
      [12, 4200, 3_210_000, 45_600_000].map(sizeOf)])""")
    assert told == [
        ["0:00", "0:59", "1:00", "1:02:05"],
        ["0:00.0", "0:59.9", "1:01.2"],
        ["1 kB", "4 kB", "3.2 MB", "46 MB"],
    ]
