"""The camera page in a real Chromium, whose fake webcam plays the demo clip, on a real server."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.browser import Page, browse
from tests.harness import ServerProcess, raw_client, read_clip, receive_type, running_server
from tests.publisher import as_jpegs, publishing

pytestmark = pytest.mark.browser

ALLOWED = "--use-fake-ui-for-media-stream"
LEFT_SHOULDER = 11
TRUNK = [11, 12, 23, 24]


@pytest.fixture(scope="module")
def webcam(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Chromium's arguments for a webcam that plays the first seconds of the clip, over and over."""
    path = tmp_path_factory.mktemp("webcam") / "webcam.y4m"
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W360 H640 F30:1 Ip A1:1 C420jpeg\n")
        for picture in read_clip(count=90):
            small = cv2.resize(picture, (360, 640), interpolation=cv2.INTER_AREA)
            file.write(b"FRAME\n" + cv2.cvtColor(small, cv2.COLOR_BGR2YUV_I420).tobytes())
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={path}"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    options = ("--source", "phone=browser", "--source", "demo", "--model", "lite")
    with running_server(tmp_path_factory.mktemp("server"), *options) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: ServerProcess, webcam: list[str]) -> Iterator[Page]:
    with browse(server.url + "camera", argument=[ALLOWED, *webcam]) as page:
        yield page
        assert page.do("seen.errors") == []


@pytest.fixture
def page(browser: Page, server: ServerProcess) -> Page:
    """The page as it is when it is opened, in English."""
    browser.do("await page.setViewportSize({width: 1280, height: 800})")
    browser.ask("localStorage.clear()")
    browser.do(f'await page.goto("{server.url}camera") && null')
    browser.until('posewire.state === "ended"')
    return browser


def start(page: Page) -> None:
    page.do("await page.click('#start')")
    page.until('posewire.state === "live" && posewire.people === 1', 30_000)


def until_notice(page: Page, title: str) -> None:
    page.until(f'document.querySelector("#notice-title").textContent === "{title}"', 20_000)


def landmarks(client, count: int) -> np.ndarray:
    """Where the first person's landmarks are, of so many frames."""
    found: list[np.ndarray] = []
    while len(found) < count:
        frame = receive_type(client, "frame", 30)
        if frame["poses"]:
            found.append(np.frombuffer(frame["poses"][0]["image"], "<f4").reshape(-1, 4))
    return np.array(found)


def test_the_webcam_becomes_landmarks_at_another_client(page: Page, server: ServerProcess) -> None:
    with raw_client(server, "?subscribe=demo&fields=image") as client:
        known = landmarks(client, 100)[:, TRUNK, :2]
    with raw_client(server, "?subscribe=phone&fields=image") as client:
        assert receive_type(client, "status")["state"] == "lost"
        start(page)
        assert receive_type(client, "status", 30)["state"] == "live"
        seen = landmarks(client, 60)
        page.do("await page.click('#start')")
        assert receive_type(client, "status", 30)["state"] == "lost"
    assert (seen[:, TRUNK, 3] > 0.5).mean() > 0.9
    assert np.ptp(seen[:, LEFT_SHOULDER, 0]) > 0.03  # he moves
    away = np.abs(seen[:, None, TRUNK, :2] - known[None]).mean(axis=(2, 3)).min(axis=1)
    assert np.median(away) < 0.03, away  # and as in the clip


SAMPLES = """new Promise((done) => {
  const canvas = document.querySelector("#view");
  const context = canvas.getContext("2d");
  const ratio = canvas.width / canvas.clientWidth;
  const samples = [];
  const look = () => requestAnimationFrame(() => requestAnimationFrame(() => {
    const { points } = posewire;
    if (points.length) {
      const pixels = [11, 12, 23, 24].map((i) => points[i].map((value) => Math.round(value * ratio)))
        .map(([x, y]) => [...context.getImageData(x, y, 1, 1).data.slice(0, 3)]);
      samples.push({ points, image: posewire.image, pixels, corner: [...context.getImageData(3, 3, 1, 1).data] });
    }
    samples.length < 10 ? look() : done(samples);
  }));
  look();
})"""


def test_what_is_sent_is_shown_with_the_skeleton_on_it(page: Page) -> None:
    start(page)
    assert page.ask("posewire.size") == [360, 640]
    samples = [page.ask(SAMPLES)]
    page.do("await page.click('#mirror')")
    samples.append(page.ask(SAMPLES))
    red = np.array([[sample["pixels"] for sample in run] for run in samples]).reshape(-1, 3)
    assert ((red[:, 0] > 200) & (red[:, 1] < 110)).mean() > 0.9
    assert all(sample["corner"][3] == 0 for run in samples for sample in run)  # nothing is drawn beside the picture
    for run, direction in zip(samples, (-1, 1), strict=True):  # as in a mirror, and not
        for sample in run:
            image, points = np.array(sample["image"]), np.array(sample["points"])
            (across, left), (down, top) = (np.polyfit(image[:, k], points[:, k], 1) for k in (0, 1))
            assert np.allclose(across * image[:, 0] + left, points[:, 0], atol=0.1)
            assert np.allclose(down * image[:, 1] + top, points[:, 1], atol=0.1)
            assert direction * across > 100
            assert down / abs(across) == pytest.approx(640 / 360, rel=1e-3)


def test_the_figures_are_those_of_the_connection(page: Page) -> None:
    start(page)
    page.until('Number(document.querySelector("#rate").textContent) > 5')
    page.until('Number(document.querySelector("#round-trip").textContent) > 0')
    page.until('Number(document.querySelector("#data").textContent) > 50')
    assert page.text("#size") == "360 × 640"
    assert page.text("#state-text") == "Live"
    assert page.ask("posewire.sent - posewire.acknowledged") <= 2
    page.do("await page.selectOption('#side', '480') && null")
    page.until('document.querySelector("#size").textContent === "270 × 480"')
    page.until('posewire.state === "live"')


CUT_OFF = """[...document.querySelectorAll(".figures dd, button, header *")]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && !e.classList.contains("unseen"))
  .filter((e) => getComputedStyle(e).display !== "inline")"""


@pytest.mark.parametrize(("width", "height", "scheme"), [(390, 844, "light"), (844, 390, "dark"), (1280, 800, "light")])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_screen_in_both_languages(page: Page, width: int, height: int, scheme: str, language: str) -> None:
    page.do(f"await page.setViewportSize({{width: {width}, height: {height}}})")
    page.do(f'await page.emulateMedia({{colorScheme: "{scheme}"}})')
    if language != "en":
        page.do("await page.click('#language')")
    start(page)
    assert page.text("#state-text") == ("Live" if language == "en" else "实时")
    assert page.text("#start") == ("Stop" if language == "en" else "停止")
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask(f"{CUT_OFF}.map((e) => e.outerHTML)") == []
    stage = page.ask("[document.querySelector('#view').clientWidth, document.querySelector('#view').clientHeight]")
    assert min(stage) > 250


def test_it_works_by_keyboard_and_has_labels(page: Page) -> None:
    page.do("await page.focus('#start') || await page.keyboard.press('Enter')")
    page.until('posewire.state === "live"', 30_000)
    page.do("await page.keyboard.press('Space')")
    page.until('posewire.state === "ended"')
    unnamed = """[...document.querySelectorAll("button, select, input, canvas")]
      .filter((e) => !e.closest("[hidden]") && !e.textContent.trim())
      .filter((e) => !e.getAttribute("aria-label") && !e.labels?.[0]?.textContent.trim())"""
    assert page.ask(f"{unnamed}.length") == 0


def test_another_camera_has_the_stream_until_it_stops(page: Page, server: ServerProcess) -> None:
    with publishing(server, "phone", as_jpegs(read_clip(count=5), 240)):
        page.do("await page.click('#start')")
        until_notice(page, "Another camera has this stream")
        assert page.ask("posewire.sent") == 0
    page.until('posewire.state === "live"', 20_000)
    page.until("posewire.sent > 3")
    forget_refusals(page)


def forget_refusals(page: Page) -> None:
    """A browser complains of every handshake that is refused."""
    assert page.do("seen.errors.every((text) => /WebSocket connection.* failed/.test(text))")
    page.do("seen.errors.splice(0) && null")


def test_a_page_that_is_not_in_front_lets_go_of_the_camera_and_comes_back(page: Page) -> None:
    start(page)
    turn = """(Object.defineProperty(document, "hidden", { configurable: true, get: () => HIDDEN }),
      document.dispatchEvent(new Event("visibilitychange")))"""
    page.ask(turn.replace("HIDDEN", "true"))
    assert page.ask("posewire.phase") == "hidden"
    assert page.ask('document.querySelector("#video").srcObject') is None
    page.ask(turn.replace("HIDDEN", "false"))
    page.until('posewire.state === "live"', 30_000)


def test_a_camera_that_is_taken_away_says_so(page: Page) -> None:
    start(page)
    page.ask('document.querySelector("#video").srcObject.getVideoTracks()[0].onended()')
    until_notice(page, "The camera is gone")
    assert page.text("#start") == "Try again"
    start(page)


def test_a_server_that_comes_back_is_found(tmp_path: Path, webcam: list[str]) -> None:
    options = ("--source", "browser", "--model", "lite")
    with running_server(tmp_path, *options) as first, browse(first.url + "camera", argument=[ALLOWED, *webcam]) as page:
        start(page)
        first.stop()
        until_notice(page, "The server is out of reach")
        assert page.text("#state-text") == "Reconnecting"
        with running_server(tmp_path, *options, port=first.port):
            page.until('posewire.state === "live" && posewire.people === 1', 30_000)


def test_without_a_camera_and_without_permission(server: ServerProcess, webcam: list[str]) -> None:
    with browse(server.url + "camera", argument=ALLOWED) as page:
        page.do("await page.click('#start')")
        until_notice(page, "No camera found")
    with browse(server.url + "camera", argument=["--deny-permission-prompts", *webcam], locale="zh-CN") as page:
        page.do("await page.click('#start')")
        until_notice(page, "未允许使用摄像头")
        assert "网站设置" in page.text("#notice-detail")
        assert page.text("#start") == "重试"


def test_an_insecure_page_says_how_to_get_a_secure_one(tmp_path: Path) -> None:
    options = ("--source", "browser", "--model", "lite", "--allow-host", "phone.test")
    with running_server(tmp_path, *options) as server:
        url = server.url.replace("127.0.0.1", "phone.test") + "camera"
        with browse(url, argument="--host-resolver-rules=MAP phone.test 127.0.0.1") as page:
            assert page.text("#notice-title") == "Browsers give cameras to secure pages only"
            assert page.ask('document.querySelector("#start").disabled') is True
            assert page.ask('document.querySelector("#trust").open') is True
            assert "--tls auto" in page.text("#trust-start code")


def test_over_https_with_the_server_s_own_authority(tmp_path: Path, webcam: list[str]) -> None:
    options = ("--source", "browser", "--model", "lite", "--tls", "auto", "--token", "s3cret")
    with running_server(tmp_path, *options, env={"XDG_CONFIG_HOME": str(tmp_path)}) as server:
        arguments = [ALLOWED, "--ignore-certificate-errors", *webcam]
        with browse(f"{server.url}?token=s3cret", argument=arguments) as page:
            page.until("""document.querySelector('nav a[href*="/camera"]').hidden === false""")
            page.do("""await page.click('nav a[href*="/camera"]')""")
            page.until("!document.querySelector('#trust').hidden")
            assert page.ask('document.querySelector("#authority").checkVisibility()') is False
            page.do("await page.click('#trust summary')")
            assert page.ask('document.querySelector("#authority").checkVisibility()') is True
            start(page)
        with browse(f"{server.url}static/camera.html?token=wrong", argument=arguments) as page:
            until_notice(page, "The server does not take this token")
            page.do('await page.fill("#token", "s3cret") || await page.keyboard.press("Enter")')
            page.until('posewire.state === "live"', 30_000)


def test_only_servers_with_a_stream_for_cameras_offer_the_page(server: ServerProcess, tmp_path: Path) -> None:
    hidden = """document.querySelector('nav a[href*="/camera"]').hidden"""
    with browse(server.url) as page:
        page.until(f"{hidden} === false")
    with running_server(tmp_path, "--model", "lite") as other, browse(other.url) as page:
        page.until("posewire.frames > 3")
        assert page.ask(hidden) is True
        page.do(f'await page.goto("{other.url}camera") && null')
        page.do("await page.click('#start')")
        page.until('posewire.state === "fault"')  # it has no camera either, which comes first


def test_pictures_get_smaller_where_answers_are_slow_and_better_again(page: Page, tmp_path: Path) -> None:
    page.parts(tmp_path, "camera/pace")
    levels = page.ask("""import("/static/parts.js").then(({ Pace }) => {
      const pace = new Pace();
      const levels = [];
      let nowMs = 0;
      const run = (seconds, roundTripMs) => {
        for (let i = 0; i < 30 * seconds; i++) pace.count(roundTripMs, (nowMs += 1000 / 30));
        levels.push(pace.level.scale * pace.level.quality);
      };
      run(3, 30); run(0.3, 400); run(3, 400); run(20, 400); run(30, 120); run(60, 30);
      return levels;
    })""")
    assert levels[0] == levels[1]  # a moment is no trend
    assert levels[2] < levels[1]
    assert levels[3] < levels[2]
    assert levels[4] == levels[3]  # neither slow nor quick
    assert levels[5] == levels[0]


def test_it_is_light(page: Page) -> None:
    loaded = """performance.getEntriesByType("resource").filter(({ name }) => name.includes("/static/"))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
    page.until("document.readyState === 'complete'")
    assert 10_000 < page.ask(loaded) < 150_000
