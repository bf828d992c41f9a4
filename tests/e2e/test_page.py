"""The built-in page in a real Chromium, on the real stream."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.harness import ServerProcess, read_clip, read_line, running_server, write_clip
from tests.mjpeg import MjpegServer

FOLDER = Path(__file__).parent / "browser"

pytestmark = pytest.mark.browser


class Page:
    """A page in a browser of its own; `do` runs a line of Playwright, `ask` a line in the page."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def do(self, expression: str) -> object:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(expression.split()) + "\n")
        self._process.stdin.flush()
        answer = json.loads(read_line(self._process, 30))
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def ask(self, expression: str) -> object:
        return self.do(f"await page.evaluate(() => {expression})")

    def until(self, condition: str, timeout_ms: int = 10_000) -> None:
        self.do(f"await page.waitForFunction(() => {condition}, null, {{timeout: {timeout_ms}}}) && null")

    def text(self, selector: str) -> str:
        return str(self.ask(f'document.querySelector("{selector}").textContent'))

    def shoot(self, path: Path) -> None:
        self.do(f"await page.screenshot({{path: {json.dumps(str(path))}}})")


@contextmanager
def browse(url: str, **options: object) -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no chromium on the PATH; on Debian: apt-get install chromium"
    assert (FOLDER / "node_modules").is_dir(), f"no node_modules; run: npm ci --prefix {FOLDER}"
    pairs = [f"{key}={value}" for key, value in {"chromium": chromium, **options}.items()]
    process = subprocess.Popen(
        ["node", "page.mjs", url, *pairs], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert json.loads(read_line(process, 60)) == {"ready": True}
        yield Page(process)
    finally:
        process.communicate(timeout=20)  # the end of its input ends the browser


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("demo"), "--model", "lite") as server:
        yield server


@pytest.fixture(scope="module")
def page(demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url) as page:
        page.until("posewire.frames > 10")
        yield page


def test_the_figures_of_a_live_stream(page: Page) -> None:
    page.until("posewire.fps !== null && posewire.latencyMs !== null")
    assert page.ask("posewire.state") == "live"
    assert page.text("#state-text") == "Live"
    assert page.ask("posewire.fps") > 10
    assert 0 < page.ask("posewire.latencyMs") < 2000
    page.until('document.querySelector("#p95").textContent !== "–"')
    assert page.text("#people") in ("1", "0")
    assert page.text("#size") == "720 × 1280"
    assert page.text("#engine") == "mediapipe lite"
    assert page.text("#smoothing") == "one-euro"
    assert page.text("#address").startswith("ws://127.0.0.1:")
    assert page.ask('document.querySelector("#picker").hidden') is True


def test_joints_are_drawn_where_the_landmarks_are(page: Page) -> None:
    """The pixels of the 2D view at the shoulders and hips have the colours of the two sides."""
    page.until("posewire.frame?.poses.length === 1")
    pixels = page.ask(
        """new Promise((done) => {
          const look = () => requestAnimationFrame(() => {
            const { frame, box } = posewire;
            if (!frame?.poses.length) return look();
            const canvas = document.querySelector("#view-2d");
            const ratio = canvas.width / canvas.clientWidth;
            const style = getComputedStyle(document.documentElement);
            const colours = ["--left", "--right"].map((name) => style.getPropertyValue(name).trim());
            requestAnimationFrame(() => {
              const f = posewire.frame;
              if (!f?.poses.length) return look();
              const context = canvas.getContext("2d");
              const around = [11, 12, 23, 24].map((index) => {
                const [x, y] = f.poses[0].image[index];
                const px = Math.round((box.x + x * box.w) * ratio), py = Math.round((box.y + y * box.h) * ratio);
                return [...context.getImageData(px - 9, py - 9, 19, 19).data];
              });
              done({ around, colours });
            });
          });
          look();
        })"""
    )
    sides = [np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) for colour in pixels["colours"]]
    for data, side in zip(pixels["around"], [0, 1, 0, 1], strict=True):
        rgba = np.array(data).reshape(-1, 4)
        drawn = rgba[rgba[:, 3] > 60][:, :3].astype(int)
        assert len(drawn), "nothing is drawn where a landmark is"
        nearest = [np.abs(drawn - colour).sum(axis=1).min() for colour in sides]
        assert nearest[side] < 60


def test_both_views_move(page: Page) -> None:
    grab = '[...document.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL())'
    first = page.ask(grab)
    page.do("await page.waitForTimeout(300)")
    second = page.ask(grab)
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_nothing_is_loaded_from_elsewhere_and_nothing_complains(page: Page, demo: ServerProcess) -> None:
    seen = page.do("seen")
    assert seen["errors"] == []
    assert {urlsplit(url).netloc for url in seen["requests"]} == {urlsplit(demo.url).netloc}
    sizes = sum(path.stat().st_size for path in (Path(__file__).parents[2] / "streamer" / "web").iterdir())
    assert sizes < 100_000


def test_the_space_view_turns_by_keyboard_and_pointer(page: Page) -> None:
    page.do('await page.focus("#view-3d")')
    page.do('await page.keyboard.press("ArrowLeft")')
    assert page.ask('document.querySelector("#orbit").ariaPressed') == "false"
    page.do('await page.click("#orbit")')
    assert page.ask('document.querySelector("#orbit").ariaPressed') == "true"
    page.do("await page.mouse.move(900, 300) || await page.mouse.down() || await page.mouse.move(960, 310)")
    page.do("await page.mouse.up()")
    assert page.ask('document.querySelector("#orbit").ariaPressed') == "false"
    page.do('await page.click("#front")')


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light")])
def test_every_screen(demo: ServerProcess, width: int, scheme: str, tmp_path: Path) -> None:
    with browse(demo.url, width=width, height=800, scheme=scheme) as page:
        page.until("posewire.frames > 5")
        assert page.ask("document.documentElement.scrollWidth") <= width
        page.shoot(tmp_path / "shot.png")
        background = page.ask("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(245, 246, 248)") == (scheme == "light")


def test_a_wrong_token_says_so(tmp_path: Path) -> None:
    with running_server(tmp_path, "--token", "s3cret", "--model", "lite") as server:
        with browse(f"{server.url}?token=s3cret") as page:
            page.until("posewire.frames > 3")
            assert "token=s3cret" in page.text("#address")
            page.do('await page.evaluate(() => history.replaceState(null, "", "/?token=wrong"))')
            answer = page.do("await page.goto(page.url()).then((response) => response.status())")
            assert answer == 401


def test_a_restart_a_lost_source_and_a_second_stream(tmp_path: Path) -> None:
    pictures = [picture[::2, ::2] for picture in read_clip(count=10)]
    with MjpegServer(pictures, fps=15) as camera:
        arguments = ["--source", f"cam={camera.url}", "--source", "demo", "--model", "lite"]
        with running_server(tmp_path, *arguments) as first, browse(first.url) as page:
            page.until("posewire.frames > 5")
            assert page.ask('[...document.querySelector("#stream").options].map((o) => o.value)') == ["cam", "demo"]
            camera.gone()
            page.until('posewire.state === "lost"')
            assert page.text("#state-text").startswith("Source lost: ")
            page.until('!document.querySelector("#note-2d").hidden')
            assert page.text("#note-2d") == "No frames"
            page.do('await page.selectOption("#stream", "demo") && null')
            page.until('posewire.state === "live" && posewire.frame?.stream === "demo"')
            assert page.text("#size") == "720 × 1280"
            first.stop()
            page.until('document.querySelector("#state-text").textContent.startsWith("Server out of reach")')
            with running_server(tmp_path, "--model", "lite", port=first.port):
                page.until('posewire.state === "live" && posewire.frame?.stream === "demo"', 15_000)


def test_nobody_in_the_picture_is_said(tmp_path: Path) -> None:
    grey = write_clip(tmp_path / "grey.avi", [np.full((240, 320, 3), 120, np.uint8)] * 10, fps=15)
    with running_server(tmp_path, "--source", str(grey), "--model", "lite") as server, browse(server.url) as page:
        page.until("posewire.frames > 5")
        page.until('document.querySelector("#note-2d").textContent === "Nobody in the picture"')
        assert page.text("#people") == "0"
