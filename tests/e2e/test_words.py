"""The pages' words: each language has all of them, browsers get theirs, and readers can change it."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.skeleton import ANGLES, LANDMARKS
from tests.browser import Page, browse
from tests.harness import ServerProcess, read_clip, running_server
from tests.mjpeg import MjpegServer

pytestmark = pytest.mark.browser

HAN = re.compile(r"[\u4e00-\u9fff]")
# What a page shows or says, but for names of streams, engines and the like, which are the same in every language.
SHOWN = """[...document.querySelectorAll(
    "[data-t], [data-t-label], #state-text, #angle-rows span, #title-plot, #avatar-hint")]
  .map((e) => e.dataset.tLabel === undefined ? e.textContent : e.getAttribute("aria-label"))"""


@pytest.fixture(scope="module")
def page(demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url) as page:
        page.until("posewire.frames > 5 && posewire.avatar !== null", 20_000)
        yield page
        assert page.do("seen.errors") == []


@pytest.mark.parametrize("module", ["live/words", "photo/words", "camera/words"])
def test_both_languages_say_the_same_things(page: Page, tmp_path: Path, module: str) -> None:
    page.do("await page.reload() && null")  # a browser keeps the modules it has read
    page.parts(tmp_path, module)
    words = page.ask('import("/static/parts.js").then(({ WORDS }) => WORDS)')
    english, chinese = words["en"], words["zh-CN"]
    named = {*LANDMARKS, *(name.removeprefix("left_").removeprefix("right_") for name in ANGLES)}
    named = set() if module == "camera/words" else named  # which names no landmark
    assert set(chinese) - set(english) == named
    assert set(english) <= set(chinese)
    holes = re.compile(r"\{\w+\}")
    for key, text in english.items():
        assert text, key
        assert sorted(holes.findall(text)) == sorted(holes.findall(chinese[key])), key
        assert not HAN.search(text) or key.startswith("language"), key


def test_the_live_page_changes_its_language_and_keeps_it(page: Page) -> None:
    assert page.ask("document.documentElement.lang") == "en"
    english = page.ask(SHOWN)
    assert all(english), english
    page.do('await page.click("#language")')
    page.until('document.querySelector("#announcer").textContent === "实时"')
    chinese = page.ask(SHOWN)
    assert len(chinese) == len(english)
    same = {
        text
        for text, other in zip(english, chinese, strict=True)
        if not HAN.search(other) and other != "English" and not other.startswith("Switch to")
    }
    assert same <= {"kB/s"}
    page.do("await page.reload() && null")
    page.until('document.querySelector("#title-plot").textContent === "肘屈曲"')
    assert page.ask("document.documentElement.lang") == "zh-CN"
    page.do('await page.click("#language")')
    page.until('document.querySelector("#state-text").textContent === "Live"')
    assert page.text("#title-plot") == "Elbow flexion"


def test_a_chinese_browser_gets_chinese_at_once(demo: ServerProcess) -> None:
    for path in ("", "photo", "camera"):
        with browse(demo.url + path, locale="zh-CN") as page:
            assert page.ask("document.documentElement.lang") == "zh-CN"
            assert page.text("nav a[aria-current]") in ("实时", "照片", "摄像头")


def test_states_are_said_in_the_reader_s_language_and_reasons_as_sent(tmp_path: Path) -> None:
    with running_server(tmp_path, "--model", "lite", "--token", "first") as server:
        with browse(f"{server.url}static/index.html?token=wrong", locale="zh-CN") as page:
            page.until('posewire.state === "refused"')
            page.until('document.querySelector("#notice-title").textContent === "服务器不接受此令牌"')
            page.do('await page.fill("#token", "first") || await page.keyboard.press("Enter")')
            page.until('document.querySelector("#state-text").textContent === "实时"')
            server.stop(signal.SIGKILL)
            page.until('document.querySelector("#notice-title").textContent === "无法连接服务器"')
            page.until('document.querySelector("#announcer").textContent === "正在重新连接。无法连接服务器"')
    with MjpegServer([picture[::2, ::2] for picture in read_clip(count=10)], fps=15) as camera:
        with running_server(tmp_path, "--source", f"cam={camera.url}", "--model", "lite") as server:
            with browse(server.url, locale="zh-CN") as page:
                page.until("posewire.frames > 5")
                camera.gone()
                page.until('document.querySelector("#notice-title").textContent === "视频流中断"')
                page.until("""/^[A-Za-z]/.test(document.querySelector('#notice-server[lang="en"]').textContent)""")
