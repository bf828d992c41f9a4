"""The built-in page in a real Chromium, on the real stream."""

import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from tests.browser import Page, browse
from tests.harness import ServerProcess, read_clip, running_server, write_clip
from tests.mjpeg import MjpegServer

PAGE_BYTES = 155_000  # beside the HTML itself, as it is, in both languages
THREE_BYTES = 800_000  # three.js and three-vrm, read only where there is an avatar to draw
LOADED = """Object.fromEntries(performance.getEntriesByType("resource")
  .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize])
  .filter(([path]) => path.startsWith("/static/")))"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url) as page:
        page.until("posewire.frames > 10")
        yield page


def test_the_figures_of_a_live_stream(page: Page) -> None:
    page.until("posewire.fps > 10 && posewire.latencyMs !== null")
    assert page.ask("posewire.state") == "live"
    for place in ("#state-text", "#announcer"):
        page.until(f'document.querySelector("{place}").textContent === "Live"')
    page.until('document.querySelector("#notice").hidden')
    median, p95 = page.ask("[posewire.latencyMs, posewire.latencyP95Ms]")
    assert 0 < median <= p95 < 2000
    page.until('parseFloat(document.querySelector("#p95").textContent) > 0')
    page.until('parseFloat(document.querySelector("#fps").textContent) > 10')
    page.until('document.querySelector("#people").textContent === "1"')
    page.until('document.querySelector("#dropped").textContent === String(posewire.dropped)')
    assert page.text("#size") == "720 × 1280"
    assert page.text("#engine") in ("openvino", "openvino-bf16")  # as the processor allows
    assert page.text("#model") == "lite"
    assert page.text("#smoothing") == "one-euro"
    assert page.ask('document.querySelector("#picker").hidden') is True


SAMPLES = """new Promise((done) => {
  const canvas = document.querySelector("VIEW" === "picture" ? "#view-2d" : "#view-3d");
  const ratio = canvas.width / canvas.clientWidth;
  const samples = [];
  let seq = -1;
  const look = () => requestAnimationFrame(() => {
    const { frame, VIEW } = posewire;
    if (frame?.poses.length === 1 && frame.seq !== seq) {
      seq = frame.seq;
      const spots = [11, 12, 25, 26].map((joint) => [VIEW[3 * joint] * ratio, VIEW[3 * joint + 1] * ratio]);
      const pixels = [...spots, [20, 100]].map(([x, y]) =>
        [...canvas.getContext("2d").getImageData(Math.round(x) - 6, Math.round(y) - 6, 13, 13).data]);
      const { image, world } = frame.poses[0];
      samples.push({ pixels, image, world, size: frame.size, joints: [...VIEW.slice(0, 99)] });
    }
    samples.length < 12 ? look() : done(samples);
  });
  look();
})"""


@pytest.mark.parametrize("view", ["picture", "space"])
def test_joints_are_drawn_where_the_landmarks_are(page: Page, view: str) -> None:
    """At shoulders and knees the pixels have the colour of the side; in a corner of the canvas nothing has one."""
    page.do('await page.click("#front")')
    page.until("posewire.frame?.poses.length === 1")
    samples = page.ask(SAMPLES.replace("VIEW", view))
    # Left is teal, right is orange, in whatever shade: what tells them apart is which of red and blue is more.
    pixels = np.array([sample["pixels"] for sample in samples]).reshape(12, 5, -1, 4).astype(int)
    warmth = pixels[..., 0] - pixels[..., 2]
    for joint, is_side in enumerate([warmth < -60, warmth > 60, warmth < -60, warmth > 60]):
        share = (is_side[:, joint].sum(axis=1) > 10).mean()
        assert share > 0.7, f"joint {joint} has its colour in {share:.0%} of the frames"
    assert np.abs(warmth[:, 4]).max() < 30

    for sample in samples:
        x, y, _ = np.array(sample["joints"]).reshape(33, 3).T
        if view == "picture":  # one scale for both directions, so that the picture keeps its shape
            image = np.array(sample["image"])
            (across, left), (down, top) = np.polyfit(image[:, 0], x, 1), np.polyfit(image[:, 1], y, 1)
            assert np.allclose(across * image[:, 0] + left, x, atol=0.1)
            assert np.allclose(down * image[:, 1] + top, y, atol=0.1)
            assert across > 100
            assert down / across == pytest.approx(sample["size"][1] / sample["size"][0], rel=1e-3)
        else:  # from the front +X is right and +Y up, but for the perspective
            world = np.array(sample["world"])
            assert np.corrcoef(world[:, 0], x)[0, 1] > 0.97
            assert np.corrcoef(world[:, 1], y)[0, 1] < -0.97


def test_both_views_move(page: Page) -> None:
    grab = '["#view-2d", "#view-3d"].map((id) => document.querySelector(id).toDataURL())'
    first = page.ask(grab)
    seen = page.ask("posewire.frames")
    page.until(f"posewire.frames > {seen} + 5")
    second = page.ask(grab)
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_the_space_view_turns_by_keyboard_and_pointer(page: Page) -> None:
    pressed = 'document.querySelector("#orbit").ariaPressed'
    page.do('await page.focus("#view-3d")')
    page.do('await page.keyboard.press("ArrowLeft")')
    assert page.ask(pressed) == "false"
    page.do('await page.click("#orbit")')
    assert page.ask(pressed) == "true"
    page.do("await page.mouse.move(900, 300) || await page.mouse.down() || await page.mouse.move(960, 310)")
    page.do("await page.mouse.up()")
    assert page.ask(pressed) == "false"
    metre = page.ask("posewire.space[2]")
    page.do("await page.mouse.wheel(0, -800)")
    page.until(f"posewire.space[2] > 1.5 * {metre}")
    page.do('await page.click("#front")')
    page.until(f"posewire.space[2] < 1.4 * {metre}")


def test_the_address_is_copied(page: Page, demo: ServerProcess) -> None:
    page.do('await page.context().grantPermissions(["clipboard-read", "clipboard-write"])')
    page.do('await page.click("#copy")')
    page.until('document.querySelector("#copy").textContent === "Copied"')
    assert page.ask("navigator.clipboard.readText()") == demo.ws == page.text("#address")


def test_nothing_is_loaded_from_elsewhere_and_nothing_complains(page: Page, demo: ServerProcess) -> None:
    seen = page.do("seen")
    assert seen["errors"] == []
    assert {urlsplit(url).netloc for url in seen["requests"]} == {urlsplit(demo.url).netloc}
    sizes = page.ask(LOADED)
    assert 0 < sizes.pop("/static/stage.js") < THREE_BYTES
    assert len(sizes) > 2
    assert 0 < sum(sizes.values()) < PAGE_BYTES


def test_frames_that_stop_are_no_live_figure(page: Page, demo: ServerProcess) -> None:
    """A server that is stopped says nothing at all; the page says so after a second, and goes on when it does."""
    demo.process.send_signal(signal.SIGSTOP)
    try:
        page.until('posewire.state === "silent"', 3000)
        page.until('document.querySelector("#notice-title").textContent === "No frames"')
        page.until('document.querySelector("#fps").textContent === "0"')
    finally:
        demo.process.send_signal(signal.SIGCONT)
    page.until('posewire.state === "live" && document.querySelector("#notice").hidden')


FRAME_COLOUR = """() => {
  const canvas = document.querySelector("#view-2d");
  const below = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height - 40, 1, 1);
  return `rgb(${[...below.data.slice(0, 3)].join(" ")})`;
}"""


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light")])
def test_every_screen(page: Page, width: int, scheme: str) -> None:
    """Nothing is wider than the screen or cut off, and the page follows the scheme, also while it is open."""
    page.do(f"await page.setViewportSize({{width: {width}, height: 800}})")
    page.do(f'await page.emulateMedia({{colorScheme: "{scheme}"}})')
    page.until("posewire.state === 'live' && posewire.latencyMs !== null")
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask('[...document.querySelectorAll("dd")].filter((e) => e.scrollWidth > e.clientWidth).length') == 0
    background = page.ask("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(244, 245, 247)" if scheme == "light" else "rgb(11, 13, 17)")
    frame = "rgb(243 244 247)" if scheme == "light" else "rgb(18 22 29)"
    page.until(f'({FRAME_COLOUR})() === "{frame}"')


def test_a_wrong_token_says_so_and_the_right_one_can_be_entered(tmp_path: Path) -> None:
    with running_server(tmp_path, "--token", "first", "--model", "lite") as server:
        with browse(f"{server.url}?token=first") as page:
            page.until("posewire.frames > 3")
            assert page.text("#address") == f"{server.ws}?token=first"
            server.stop()
            with running_server(tmp_path, "--token", "second", "--model", "lite", port=server.port) as server:
                page.until('posewire.state === "refused"')
                assert page.text("#state-text") == "Refused: wrong token"
                assert "does not take this token" in page.text("#notice")
                page.do('await page.fill("#token", "second") || await page.keyboard.press("Enter")')
                page.until('posewire.state === "live"')
                assert page.text("#address") == f"{server.ws}?token=second"
                assert page.do("page.url()") == f"{server.url}?token=second"
                page.do('await page.goto(new URL("/static/index.html", page.url()).href) && null')
                page.until('posewire.state === "refused"')
                assert "asks for a token" in page.text("#notice")


def test_a_lost_source_and_a_second_stream(tmp_path: Path) -> None:
    pictures = [picture[::2, ::2] for picture in read_clip(count=10)]
    with MjpegServer(pictures, fps=15) as camera:
        arguments = ["--source", f"cam={camera.url}", "--source", "demo", "--model", "lite"]
        with running_server(tmp_path, *arguments) as server, browse(server.url) as page:
            page.until("posewire.frames > 5")
            assert page.ask('[...document.querySelector("#stream").options].map((o) => o.value)') == ["cam", "demo"]
            camera.gone()
            page.until('posewire.state === "lost"')
            assert page.text("#state-text").startswith("Stream lost: ")
            page.until('document.querySelector("#notice-title").textContent === "Stream lost"')
            page.do('await page.selectOption("#stream", "demo") && null')
            page.until('posewire.state === "live" && posewire.frame?.stream === "demo"')
            page.until('document.querySelector("#size").textContent === "720 × 1280"')


def test_the_stream_chosen_is_kept_over_a_restart(tmp_path: Path) -> None:
    two = ["--source", "demo", "--source", "demo", "--model", "lite"]
    with running_server(tmp_path, *two) as first, browse(first.url) as page:
        page.until("posewire.frames > 5")
        names = page.ask('[...document.querySelector("#stream").options].map((o) => o.value)')
        assert len(set(names)) == 2
        page.do(f'await page.selectOption("#stream", "{names[1]}") && null')
        page.until(f'posewire.frame?.stream === "{names[1]}"')
        first.stop(signal.SIGKILL)
        page.until('document.querySelector("#notice-title").textContent === "The server is out of reach"')
        assert page.text("#state-text").startswith("Reconnecting")
        with running_server(tmp_path, *two, port=first.port):
            page.until(f'posewire.state === "live" && posewire.frame?.stream === "{names[1]}"', 15_000)
            page.until(f'document.querySelector("#stream").value === "{names[1]}"')


def test_nobody_in_the_picture_is_said(tmp_path: Path) -> None:
    grey = write_clip(tmp_path / "grey.avi", [np.full((240, 320, 3), 120, np.uint8)] * 10, fps=15)
    with running_server(tmp_path, "--source", str(grey), "--model", "lite") as server, browse(server.url) as page:
        page.until("posewire.frames > 5")
        page.until('document.querySelector("#notice-title").textContent === "Nobody in the picture"')
        page.until('document.querySelector("#people").textContent === "0"')
