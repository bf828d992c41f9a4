"""What the pages show to those who may only watch, and to those who are to wait: a real Chromium on a real server."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.browser import Page, browse
from tests.e2e.test_accessible import AXE, VIOLATIONS
from tests.harness import ServerProcess, running_server

pytestmark = pytest.mark.browser

CONTROL, WATCH = "the-token-for-control", "the-token-for-watching"
SOURCES = ("--model", "lite", "--source", "demo", "--fps", "10", "--source", "phone=browser")
SERVE = (*SOURCES, "--token", CONTROL, "--read-token", WATCH)
WEBCAM = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
PHOTO = Path(__file__).parents[1] / "photos" / "astronaut.jpg"
CAMERA_LINK = """document.querySelector('nav a[href*="/camera"]')"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("server"), *SERVE) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: ServerProcess) -> Iterator[Page]:
    with browse(f"{server.url}?token={WATCH}", argument=WEBCAM) as page:
        page.do(f"await page.addInitScript({{path: {json.dumps(str(AXE))}}}) && null")
        yield page
        refused = "the server responded with a status of 403"  # a browser notes it, too
        assert [error for error in page.do("seen.errors") if refused not in error] == []


@pytest.fixture
def page(browser: Page) -> Page:
    browser.do("await page.setViewportSize({width: 1280, height: 800})")
    browser.do('await page.emulateMedia({colorScheme: "dark"})')
    browser.ask("localStorage.clear()")
    return browser


def go(page: Page, server: ServerProcess, path: str, token: str = WATCH) -> None:
    page.do("seen.requests.splice(0) && null")
    page.do(f'await page.goto("{server.url}{path}?token={token}") && null')


def open_settings(page: Page, server: ServerProcess, token: str) -> None:
    go(page, server, "", token)
    page.until("posewire.frames > 3", 30_000)
    page.do('await page.click("#tuning summary")')
    page.until('document.querySelectorAll("#parameters input").length === 6')


def test_who_watches_sees_the_settings_and_why_they_stay(page: Page, server: ServerProcess) -> None:
    open_settings(page, server, WATCH)
    assert page.text("#read-only") == "This address is for watching: settings need the other token."
    assert page.ask('document.querySelector("#read-only").checkVisibility()') is True
    controls = '[...document.querySelectorAll("#set :is(select, input, button)")]'
    assert page.ask(f'{controls}.every((e) => e.matches(":disabled"))') is True
    assert page.ask('["model", "people", "smoothing"].map((id) => document.querySelector(`#set-${id}`).value)') == [
        "lite",
        "1",
        "one-euro",
    ]
    for unused in ("#defaults", "#command"):
        assert page.ask(f"document.querySelector('{unused}').checkVisibility()") is False
    # What only shows, such as the landmark of the plot, stays to be chosen.
    assert page.ask('document.querySelector("#trace-landmark").disabled') is False
    page.do('await page.focus("#tuning summary") || await page.keyboard.press("Tab")')
    assert page.ask("document.activeElement.id") == "trace-landmark"


def test_who_controls_changes_them(page: Page, server: ServerProcess) -> None:
    open_settings(page, server, CONTROL)
    assert page.ask('document.querySelector("#read-only").checkVisibility()') is False
    assert page.ask('document.querySelector("#command").checkVisibility()') is True
    page.do('await page.selectOption("#set-people", "2") && null')
    page.until('document.querySelector("#command").textContent.includes("--people 2")')
    page.do('await page.selectOption("#set-people", "1") && null')
    page.until('document.querySelector("#command").textContent.includes("--people 1")')
    assert page.text("#refused-setting") == ""


def test_only_who_may_be_a_camera_is_offered_to(page: Page, server: ServerProcess) -> None:
    go(page, server, "", CONTROL)
    page.until(f"{CAMERA_LINK}.hidden === false")
    go(page, server, "")
    page.until("posewire.frames > 3", 30_000)
    page.do('await page.click("#devices")')
    page.until('!document.querySelector("#alone").hidden')
    assert page.ask('document.querySelector("#cameras").hidden') is True
    assert page.ask('document.querySelector("#may").checkVisibility()') is False
    assert page.ask(f"{CAMERA_LINK}.hidden") is True


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_screen_of_who_watches(page: Page, server: ServerProcess, width: int, scheme: str, language: str) -> None:
    page.do(f"await page.setViewportSize({{width: {width}, height: 844}})")
    page.do(f'await page.emulateMedia({{colorScheme: "{scheme}"}})')
    page.ask(f'localStorage.setItem("posewire.language", "{language}")')
    open_settings(page, server, WATCH)
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask(VIOLATIONS) == []
    go(page, server, "camera")
    page.until('posewire.phase === "readOnly"')
    assert page.ask("document.documentElement.scrollWidth") <= width
    assert page.ask(VIOLATIONS) == []


def test_a_camera_that_may_not_publish_says_so_and_takes_the_other_token(page: Page, server: ServerProcess) -> None:
    go(page, server, "camera")
    page.until('posewire.phase === "readOnly"')
    assert page.ask("posewire.state") == "refused"
    assert page.text("#state-text") == "Watch only"
    assert page.text("#notice-title") == "This address is for watching"
    assert "the other token" in page.text("#notice-detail")
    assert page.ask('document.querySelector("#start").disabled') is True
    assert page.ask('document.querySelector("#video").srcObject') is None
    assert [url for url in page.do("seen.requests") if "/publish/" in str(url)] == []
    page.do(f'await page.fill("#token", "{CONTROL}") || await page.keyboard.press("Enter")')
    page.until('posewire.state === "live" && posewire.acknowledged > 2', 30_000)
    assert page.do("page.url()") == f"{server.url}camera?token={CONTROL}"
    page.do("await page.click('#start')")
    page.until('posewire.state === "ended"')


def test_a_camera_that_may_publish_no_more_lets_go_of_it(tmp_path: Path) -> None:
    """A server that came back with the tokens the other way round."""
    with running_server(tmp_path, *SOURCES, "--token", "one", "--read-token", "two") as first:
        port = first.port
        with browse(f"{first.url}camera?token=one", argument=WEBCAM) as page:
            page.do("await page.click('#start')")
            page.until('posewire.state === "live"', 30_000)
            first.stop()
            page.until('posewire.state === "reconnecting"')
            with running_server(tmp_path, *SOURCES, "--token", "two", "--read-token", "one", port=port):
                page.until('posewire.phase === "readOnly"', 20_000)
                assert page.ask('document.querySelector("#video").srcObject') is None
                page.do("seen.requests.splice(0) && null")
                page.do("await page.waitForTimeout(4000)")  # longer than any pause before another try
                assert page.do("seen.requests") == []


def test_a_picture_that_may_not_be_sent(page: Page, server: ServerProcess) -> None:
    go(page, server, "photo")
    page.until('document.querySelector("#notice").dataset.key === "drop"')
    page.do(f'await page.setInputFiles("#files", {json.dumps(str(PHOTO))})')
    page.until('document.querySelector("#notice").dataset.key === "readOnly"')
    assert page.text("#notice-title") == "This address is for watching"
    assert "the other token" in page.text("#notice-detail")
    assert page.text("#notice-server") == ""  # it says the same
    page.do(f'await page.fill("#token", "{CONTROL}") || await page.keyboard.press("Enter")')
    page.until('posewire.pictures[0].state === "found"', 60_000)
    assert page.do("page.url()") == f"{server.url}photo?token={CONTROL}"


def test_pages_of_an_address_that_is_locked_out(tmp_path: Path) -> None:
    with running_server(tmp_path, *SERVE) as server, browse(f"{server.url}?token={CONTROL}") as page:
        page.until("posewire.frames > 3", 30_000)
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
            for guess in range(5):
                connection.request("GET", f"/streams?token=guess-{guess}")
                connection.getresponse().read()
        page.do(f'await page.goto("{server.url}static/index.html?token={CONTROL}") && null')
        page.until('document.querySelector("#notice-title").textContent === "The server asks this device to wait"')
        assert page.ask("posewire.state") == "reconnecting"
        assert page.text("#notice-server").startswith("5 wrong tokens came from 127.0.0.1; it is listened to again in ")
        page.until('/^Reconnecting in [2-6][0-9] s$/.test(document.querySelector("#state-text").textContent)')
        page.do(f'await page.goto("{server.url}static/photo.html?token={CONTROL}") && null')
        page.until('document.querySelector("#notice").dataset.key === "wait"')
        assert page.text("#notice-title") == "The server asks this device to wait"
        assert page.text("#notice-server").startswith("5 wrong tokens came from 127.0.0.1")
        assert page.ask('document.querySelector("#again").checkVisibility()') is True


@contextmanager
def told_to_wait(page: Page, path: str, socket: str, seconds: int) -> Iterator[None]:
    """Refuse a page's WebSocket, and have the server tell it to wait."""
    problem = {"status": 429, "detail": "32 connections of 192.0.2.1 are open", "reason": "connections_of_address"}
    headers = {"retry-after": str(seconds)}
    answer = json.dumps(
        {"status": 429, "headers": headers, "contentType": "application/problem+json", "body": json.dumps(problem)}
    )
    page.do(f'await page.route("**{path}?*", (route) => route.fulfill({answer})) && null')
    page.do(
        f"""await page.routeWebSocket("**{socket}*", (socket) => {{
          (globalThis.askedMs ??= []).push(performance.now()); socket.close(); }}) && null"""
    )
    try:
        yield
    finally:
        page.do(f'await page.unroute("**{path}?*") && null')


@pytest.mark.parametrize(
    ("at", "path", "socket"), [("", "/streams", "/stream?"), ("camera", "/cameras", "/publish/phone?")]
)
def test_a_page_that_is_told_to_wait_comes_again(server: ServerProcess, at: str, path: str, socket: str) -> None:
    start = f"{server.url}{at}?token={CONTROL}"
    with browse(start, argument=WEBCAM) as page:
        page.until('document.querySelector("#state-text").textContent !== ""')
        if at == "camera":
            page.until('document.querySelector("#stream").value === "phone"')
        with told_to_wait(page, path, socket, 7):
            if at == "camera":
                page.do("await page.click('#start')")
            else:
                page.do(f'await page.goto("{start}") && null')
            page.until('document.querySelector("#notice-title").textContent === "The server asks this device to wait"')
            assert page.ask("posewire.state") == "reconnecting"
            assert page.text("#notice-server").lower().startswith("32 connections of 192.0.2.1 are open")
            page.do(
                "await new Promise((done) => { const look = () => askedMs.length > 1 ? done() : setTimeout(look, 50);"
                " look(); })"
            )
        waited_s = float(str(page.do("(askedMs[1] - askedMs[0]) / 1000")))
        assert 6.9 <= waited_s < 20


def test_a_wrong_token_costs_the_camera_page_one_try_each(tmp_path: Path) -> None:
    """A page that asks for several things at once shows a token that may be wrong only once."""
    with running_server(tmp_path, *SERVE) as server:
        with browse(f"{server.url}static/camera.html?token=wrong", argument=WEBCAM) as page:
            for attempt in range(4):
                page.until(
                    'document.querySelector("#notice-title").textContent === "The server does not take this token"'
                )
                assert page.ask('document.querySelector("#start").disabled') is True
                page.do("seen.requests.splice(0) && null")
                page.do(f'await page.fill("#token", "guess-{attempt}") || await page.keyboard.press("Enter")')
                page.do("await page.waitForTimeout(500)")
                assert [url for url in page.do("seen.requests") if "token=" in str(url)] == [
                    f"{server.url}cameras?token=guess-{attempt}"
                ]
    with running_server(tmp_path, *SERVE) as server:
        with browse(f"{server.url}static/camera.html?token=wrong", argument=WEBCAM) as page:
            page.until('document.querySelector("#notice-title").textContent === "The server does not take this token"')
            page.do(f'await page.fill("#token", "{CONTROL}") || await page.keyboard.press("Enter")')
            page.until('posewire.state === "live"', 30_000)
