"""The player of recordings in the page: its time line, and the part of a recording that is chosen there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browse
from tests.e2e.recordings import CONTROL, PLAYED, SERVE, click, download, fill, go, play
from tests.harness import ServerProcess, running_server
from tests.recording.made import STEP_US, frame, pose, write

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
    with browse(f"{server.url}?token={CONTROL}", width=1280, height=900) as page:
        yield page
        assert page.do("seen.errors") == []


@pytest.fixture
def page(browser: Page, server: ServerProcess) -> Page:
    browser.do("await page.unrouteAll() ?? null")
    go(browser, server)
    return browser


def test_the_time_line_scrubs_slows_and_loops(page: Page) -> None:
    play(page, "two")
    duration_s = page.ask("posewire.player.durationS")
    assert duration_s == pytest.approx(59 / 30, abs=0.01)
    page.until("posewire.player.paused && posewire.player.positionS === posewire.player.durationS")  # it ends there
    page.do("seen.box = await page.locator('#player .position').boundingBox()")
    page.do("await page.mouse.move(seen.box.x + seen.box.width / 2, seen.box.y + seen.box.height / 2)")
    page.do("await page.mouse.down() || await page.mouse.move(seen.box.x + seen.box.width / 4, seen.box.y + 5)")
    page.until(f"Math.abs(posewire.player.positionS - {duration_s} / 4) < 0.1")
    page.do("await page.mouse.up()")
    at_s = page.ask("posewire.player.positionS")
    for way, shown in (("Right", 1), ("Right", 2), ("Left", 1), ("Left", 0)):  # from frame to frame, whatever the rate
        page.do(f'await page.keyboard.press("Arrow{way}")')
        index = int(at_s * 1e6 / STEP_US) + shown
        assert page.ask("posewire.player.positionS") == pytest.approx(index * STEP_US / 1e6)
        page.until(f"posewire.player.frame.seq === {index + 1}")
    assert page.ask('document.querySelector("#player .position").ariaValueText').endswith(" / 0:01.9")
    page.do('await page.click("#player .loop")')
    page.do('await page.selectOption("#player .timeline select", "4") && null')
    page.do('await page.click("#player .play")')
    page.ask("void (window.places = [])")
    page.ask("void setInterval(() => places.push(posewire.player?.positionS), 20)")
    page.until("places.some((place, i) => i && place < places[i - 1] - 1)")  # from the end to the beginning
    assert page.ask("posewire.player.paused") is False
    page.do('await page.selectOption("#player-stream", "side") && null')
    page.until('posewire.player.frame?.stream === "side"')
    page.do('await page.click("#player-close")')
    page.until("posewire.player === null")


BOUNDS = "[posewire.player.fromS, posewire.player.toS]"


def seek(page: Page, position_s: float) -> None:
    """To there, paused."""
    page.ask(f"""void ((slider) => (slider.value = {position_s}, slider.dispatchEvent(new Event("input"))))(
      document.querySelector("#player .position"))""")


def test_a_part_is_chosen_looped_and_exported(page: Page, tmp_path: Path) -> None:
    play(page, "two")
    page.do('await page.click("#player .play")')
    duration_s = page.ask("posewire.player.durationS")
    assert page.ask(BOUNDS) == [0, duration_s]
    assert page.ask("document.querySelector('#player-whole').hidden") is True
    seek(page, 0.51)
    page.do('await page.focus("#player .position") || await page.keyboard.press("i")')
    seek(page, 1.01)
    page.do('await page.click("#player-out")')
    chosen = [15 * STEP_US / 1e6, 31 * STEP_US / 1e6]  # with the frames that were shown
    assert page.ask(BOUNDS) == pytest.approx(chosen)
    assert page.text("#player-part") == "0:00.4 to 0:01.0 (0:00.5)"

    page.do('await page.click("#player .loop")')
    page.do('await page.click("#player .play")')
    page.ask("void (window.places = [])")
    page.ask("void setInterval(() => posewire.player && places.push(posewire.player.positionS), 10)")
    page.until("places.filter((place, i) => i && place < places[i - 1]).length >= 2")  # begins anew, and again
    low, high = page.ask("[Math.min(...places.slice(5)), Math.max(...places)]")
    assert chosen[0] - 0.01 <= low
    assert high <= chosen[1] + 0.01
    page.do('await page.click("#player .play")')

    asked = "seen.requests.filter((url) => url.includes('/export?')).map((url) => url.split('?')[1])"
    wish = json.dumps(
        {"status": 200, "body": "made", "headers": {"content-disposition": 'attachment; filename="a.bvh"'}}
    )
    page.do(f'await page.route("**/recordings/two/export*", (route) => route.fulfill({wish})) && null')
    for choice, part in (("part", "&start_s=0.499995&end_s=1.033323"), ("whole", "")):
        page.do('await page.click("#player-export")')
        page.do(f'await page.selectOption("#export-part", "{choice}") && null')
        assert download(page, "#export-make", tmp_path / "a.bvh") == "a.bvh"
        assert page.do(asked)[-1] == f"to=bvh&fps=source&filter=live{part}"
    click(page, "two", "export")  # as from its row; another recording has no such part
    assert page.ask("document.querySelector('#export-span').hidden") is False
    page.do('await page.keyboard.press("Escape")')
    click(page, "cut", "export")
    assert page.ask("document.querySelector('#export-span').hidden") is True
    page.do('await page.keyboard.press("Escape")')
    page.do("await page.unrouteAll() ?? null")

    page.do('await page.click("#player-whole")')
    assert page.ask(BOUNDS) == [0, duration_s]


def test_what_is_exported_has_the_frames_that_were_shown(page: Page, tmp_path: Path) -> None:
    play(page, "cut")
    page.do('await page.click("#player .play")')
    whole_s = page.ask("posewire.player.durationS")
    made, frames = tmp_path / "made.bvh", "Frames: {}\n"
    for start_s, end_s, count in ((0.21, 0.51, 10), (0, 0.21, 7), (0.21, whole_s, round(1e6 * whole_s / STEP_US) - 5)):
        for place_s, key in ((start_s, "i"), (end_s, "o")):
            seek(page, place_s)
            page.do(f'await page.focus("#player .position") || await page.keyboard.press("{key}")')
        page.do('await page.click("#player-export")')
        page.do('await page.selectOption("#export-rate", "source") && null')
        download(page, "#export-make", made)
        assert frames.format(count) in made.read_text()
        page.until('!document.querySelector("#export").open')
        page.do('await page.click("#player-whole")')
    seek(page, 0.5)
    page.do('await page.click("#player-in")')
    page.do('await page.click("#player-export")')
    page.do('await page.selectOption("#export-rate", "24") && null')
    download(page, "#export-make", made)
    assert "Frame Time: 0.0416" in made.read_text()


def test_the_points_of_a_part_are_dragged_and_do_not_pass_each_other(page: Page) -> None:
    play(page, "two")
    duration_s = page.ask("posewire.player.durationS")
    page.do("seen.box = await page.locator('#player .position').boundingBox()")
    # Half a knob from the ends of its track, as the time line has them; the brackets lie beside the points.
    page.do("(seen.x = (share) => seen.box.x + 8 + share * (seen.box.width - 16)) && null")
    page.do("seen.y = await page.locator('#player .part').boundingBox().then(({ y, height }) => y + height / 2)")
    page.do("await page.mouse.move(seen.x(0) - 5, seen.y) || await page.mouse.down()")
    page.do("await page.mouse.move(seen.x(0.5) - 5, seen.y) || await page.mouse.up()")
    assert page.ask(BOUNDS) == pytest.approx([duration_s / 2, duration_s], abs=0.03)
    assert page.ask("posewire.player.paused") is True
    assert page.ask("posewire.player.positionS") == page.ask("posewire.player.fromS")  # what is cut off is seen
    page.do("await page.mouse.move(seen.x(1) + 5, seen.y) || await page.mouse.down()")
    page.do("await page.mouse.move(seen.x(0.1) + 5, seen.y) || await page.mouse.up()")
    start_s, end_s = page.ask(BOUNDS)
    assert end_s - start_s == pytest.approx(1 / 30)
    page.do('await page.focus("#player .part .to") || await page.keyboard.press("Shift+ArrowRight")')
    assert page.ask(BOUNDS) == [start_s, pytest.approx(min(duration_s, end_s + 1))]
    page.do('await page.keyboard.press("Home")')
    assert page.ask(BOUNDS) == [start_s, pytest.approx(end_s)]
    seek(page, 0.2)
    page.do('await page.click("#player-out")')  # before the in point: from the beginning
    assert page.ask(BOUNDS) == [0, pytest.approx(7 * STEP_US / 1e6)]
    seek(page, 1.0)
    page.do('await page.click("#player-in")')  # after the out point: to the end
    assert page.ask(BOUNDS) == [pytest.approx(30 * STEP_US / 1e6), duration_s]
    click(page, "cut", "play")
    page.until(f'{PLAYED} === "cut"')
    assert page.ask(BOUNDS) == [0, page.ask("posewire.player.durationS")]


def test_the_keyboard_comes_to_the_time_line_and_back(page: Page) -> None:
    button = """#takes li[data-name="two"] .play"""
    page.do(f"await page.focus('{button}') || await page.keyboard.press('Enter')")
    page.until(f"{PLAYED} === 'two'")
    assert page.ask('document.activeElement.matches("#player .position")') is True
    page.do('await page.focus("#player-close") || await page.keyboard.press("Enter")')
    page.until("posewire.player === null")
    assert page.ask(f"document.activeElement.matches('{button}')") is True


def test_an_export_that_nobody_waits_for_is_ended(page: Page) -> None:
    page.do("(seen.ended = [], page.on('requestfailed', (request) => seen.ended.push(request.url()))) && null")
    page.do('await page.route("**/recordings/two/export*", () => {}) && null')  # takes long
    click(page, "two", "export")
    page.do('await page.click("#export-make")')
    assert page.text("#export-make") == "Exporting…"
    assert page.text("#export-close") == "Cancel"
    page.do('await page.click("#export-close")')
    page.until('!document.querySelector("#export-make").disabled')
    assert ["/export?" in url for url in page.do("seen.ended")] == [True]
    click(page, "two", "export")
    assert [page.text("#export-close"), page.text("#export-fault")] == ["Close", ""]
    page.do('await page.keyboard.press("Escape")')
    page.do("await page.unrouteAll() ?? null")


def test_where_nobody_is_seen_and_where_no_frame_came_is_said(page: Page, folder: Path) -> None:
    seen = [frame(1, pose()), frame(2), frame(3, t_us=frame(2).t_us + 3_000_000)]
    with (folder / "gap.mcap").open("wb") as file:
        write(file, seen)
    page.until('posewire.recordings.some(({ name }) => name === "gap")')
    play(page, "gap")
    page.do('await page.click("#player .play")')
    for position_s, hint in ((0, ""), (0.1, "Nobody in the picture"), (2, "No frame here")):
        seek(page, position_s)
        page.until(f'document.querySelector("#player-hint").textContent === "{hint}"')
    (folder / "gap.mcap").unlink()
