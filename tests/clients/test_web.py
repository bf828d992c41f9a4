"""The web client in Node, on the golden vectors, and in a real Chromium on a real server."""

import functools
import http.server
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browse
from tests.harness import ServerProcess, running_server

CLIENT = Path(__file__).parents[2] / "clients" / "web"

pytestmark = pytest.mark.browser


def test_what_runs_in_node() -> None:
    done = subprocess.run(["node", "--test", "tests/"], cwd=CLIENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "\n# fail 0\n" in done.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("web"), "--model", "lite", "--token", "s3cret") as server:
        yield server


@pytest.fixture(scope="module")
def page(server: ServerProcess) -> Iterator[Page]:
    """A page of the server's with the client at hand; a page of anybody else's would need --allow-origin."""
    with browse(f"{server.url}static/favicon.svg") as page:
        answer = f'{{path: "{CLIENT / "dist" / "posewire.js"}", contentType: "text/javascript"}}'
        page.do(f'await page.route("**/static/client.js", (route) => route.fulfill({answer})) && null')
        page.do('await page.evaluate(() => import("/static/client.js").then((all) => void (window.posewire = all)))')
        yield page


def test_frames_arrive_and_say_how_old_they_are(page: Page) -> None:
    page.ask("""void (window.client = new posewire.PosewireClient(location.origin, "s3cret"),
      window.one = client.subscribe({ fields: ["world"], landmarks: "upper_body", dtype: "f16", max_fps: 10 }))""")
    page.until("one.frames > 5 && one.latencyMs !== null")
    shown = page.ask("""({ state: client.state, landmarks: one.answer.landmarks.length,
      numbers: one.frame.poses[0].world.length, none: one.frame.poses[0].image, latency: one.latencyMs,
      bytes: one.bytes / one.frames, streams: client.hello.streams.length })""")
    assert shown["state"] == "live"
    assert shown["numbers"] == 4 * shown["landmarks"] > 0
    assert shown["none"] is None
    assert 0 < shown["latency"] < 5000
    assert 8 * shown["landmarks"] < shown["bytes"] < 1000
    assert shown["streams"] == 1


def test_two_subscriptions_and_one_that_is_refused(page: Page) -> None:
    page.ask("""void (window.two = client.subscribe({ fields: ["image"] }),
      window.bad = client.subscribe({ stream: "nowhere" }))""")
    page.until("two.frames > 3 && bad.refusal !== null")
    assert page.ask("bad.refusal.code") == "unknown_stream"
    assert page.ask("two.frame.poses[0].world") is None
    page.ask("two.end()")
    ended = page.ask("two.frames")
    before = page.ask("one.frames")
    page.until(f"one.frames > {before} + 5")
    assert page.ask("two.frames") == ended


def test_a_wrong_token_is_refused_in_the_server_s_words_and_another_is_taken(page: Page) -> None:
    page.ask('client.reconnect("wrong")')
    page.until('client.state === "refused"')
    assert page.ask("[client.httpStatus, client.reason]") == [401, "wrong token"]
    assert page.ask("one.frame") is None
    before = page.ask("one.frames")
    page.ask('client.reconnect("s3cret")')
    page.until(f'client.state === "live" && one.frames > {before} + 3')


def test_another_origin_has_to_be_let_in(tmp_path: Path, page: Page) -> None:
    with running_server(tmp_path, "--model", "lite") as other:
        page.ask(f'void (window.shut = new posewire.PosewireClient("{other.url}"), window.none = shut.subscribe())')
        page.until('shut.state === "lost"', 20_000)
        page.ask("shut.close()")
        assert page.ask("[shut.state, none.frames]") == ["off", 0]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of somebody's own page: the README's example, as it stands there, beside the built client."""
    (example,) = re.findall(r"```html\n(.*?)```", (CLIENT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "site"
    folder.mkdir()
    shutil.copy(CLIENT / "dist" / "posewire.js", folder)
    (folder / "index.html").write_text(f"<!doctype html>\n{example}", encoding="utf-8")
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        threading.Thread(target=web.serve_forever).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_the_ten_lines_draw_what_comes(tmp_path: Path, site: str) -> None:
    with running_server(tmp_path, "--model", "lite", "--allow-origin", site) as server:
        index = tmp_path / "site" / "index.html"
        text = index.read_text(encoding="utf-8")
        assert "http://127.0.0.1:8765" in text
        index.write_text(text.replace("http://127.0.0.1:8765", server.url), encoding="utf-8")
        with browse(site) as page:
            page.until("""document.querySelector("#stage").getContext("2d").getImageData(0, 0, 360, 640).data
              .filter((value, index) => index % 4 === 3 && value > 0).length > 100""")
            assert page.do("seen.errors.filter((error) => !error.includes('404'))") == []


def test_a_page_let_in_is_told_why_it_is_refused(tmp_path: Path, site: str) -> None:
    with (
        running_server(tmp_path, "--model", "lite", "--token", "s3cret", "--allow-origin", site) as server,
        browse(f"{site}/posewire.js") as page,
    ):
        page.ask(f"""import("/posewire.js").then(({{ PosewireClient }}) =>
          void (window.client = new PosewireClient("{server.url}", "wrong")))""")
        page.until('client.state === "refused"', 20_000)
        assert page.ask("[client.httpStatus, client.reason]") == [401, "wrong token"]
        page.ask('client.reconnect("s3cret")')
        page.until('client.state === "live"')


def test_a_server_that_goes_and_comes_back(tmp_path: Path, page: Page, server: ServerProcess) -> None:
    options = ("--model", "lite", "--allow-origin", server.url.rstrip("/"))
    with running_server(tmp_path, *options) as first:
        page.ask(f'void (window.far = new posewire.PosewireClient("{first.url}"), window.three = far.subscribe())')
        page.until("three.frames > 3")
        first.stop(signal.SIGKILL)
        page.until('far.state === "lost" && far.retryAtMs > 0 && three.frame === null')
        seen = page.ask("three.frames")
        with running_server(tmp_path, *options, port=first.port):
            page.until(f'far.state === "live" && three.frames > {seen} + 3', 20_000)
    page.ask("far.close()")
