"""What tests of the page's recordings have in common."""

import json
from pathlib import Path

from tests.browser import Page
from tests.harness import ServerProcess
from tests.recording.made import CAM, SIDE, frames, write

CONTROL, WATCH = "the-token-for-control", "the-token-for-watching"
SERVE = ("--source", "demo", "--model", "lite", "--fps", "15", "--token", CONTROL, "--read-token", WATCH)
ROW = """[...document.querySelectorAll("#takes li")].find((row) => row.dataset.name === "NAME")"""
PLAYED = "posewire.player?.ready && posewire.player.name"


def fill(folder: Path) -> Path:
    """With a recording of two streams, one that was cut and one that is none."""
    with (folder / "two.mcap").open("wb") as file:
        write(file, [*frames(60), *frames(30, "side")], (CAM, SIDE))
    whole = (folder / "two.mcap").read_bytes()
    with (folder / "cut.mcap").open("wb") as file:
        write(file, frames(60), finish=False)
    data = (folder / "cut.mcap").read_bytes()
    (folder / "cut.mcap").write_bytes(data[: len(data) // 2])
    (folder / "broken.mcap").write_bytes(whole[100:])
    return folder


def go(page: Page, server: ServerProcess, token: str = CONTROL) -> None:
    page.do(f'await page.goto("{server.url}?token={token}") && null')
    page.until("posewire.frames > 3 && posewire.recordings !== null", 30_000)


def click(page: Page, name: str, deed: str) -> None:
    page.do(f"""await page.click('#takes li[data-name="{name}"] .{deed}')""")


def download(page: Page, button: str, path: Path) -> object:
    """What comes when that is pressed, kept; the name it has."""
    both = f'[page.waitForEvent("download", {{timeout: 50000}}), page.click({json.dumps(button)})]'
    keep = f"async ([download]) => (await download.saveAs({json.dumps(str(path))}), download.suggestedFilename())"
    return page.do(f"await Promise.all({both}).then({keep})")


def play(page: Page, name: str) -> None:
    click(page, name, "play")
    page.until(f'{PLAYED} === "{name}"')
