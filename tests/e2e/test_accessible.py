"""The pages by the rules of axe-core, in light and dark, on a phone and on a desk; and by keyboard."""

import json
from collections.abc import Iterator

import pytest

from tests.browser import FOLDER, Page, browse
from tests.harness import ServerProcess

pytestmark = pytest.mark.browser

AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, impact, nodes }) => [id, impact, nodes.map(({ target }) => target.join(" ")).slice(0, 5)]))"""


FOCUSED = """((e) => [e.id || e.dataset.angle || e.textContent, parseFloat(getComputedStyle(e).outlineWidth)])(
  document.activeElement)"""


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest, demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url, scheme=request.param) as page:
        page.do(f"await page.addInitScript({{path: {json.dumps(str(AXE))}}}) && null")
        yield page


def open_page(page: Page, demo: ServerProcess, path: str, ready: str, width: int = 1280) -> None:
    page.do(f"await page.setViewportSize({{width: {width}, height: 800}})")
    page.do(f"await page.goto({json.dumps(demo.url + path)}) && null")
    page.until(ready, 30_000)


READY = {
    "": 'posewire.frames > 5 && !document.querySelector("#avatar-tools").hidden',
    "photo": 'document.querySelector("#notice").dataset.key !== undefined',
    "docs": 'document.querySelectorAll(".opblock").length > 5',
}


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["", "photo"])
def test_no_rule_is_broken(page: Page, demo: ServerProcess, path: str, width: int) -> None:
    open_page(page, demo, path, READY[path], width)
    unnamed = ["empty-heading", "minor", ["#name"]]  # of a photograph that isn't there yet
    assert [found for found in page.ask(VIOLATIONS) if found != unnamed] == []


def test_nothing_serious_on_the_page_of_the_api(page: Page, demo: ServerProcess) -> None:
    """But for the buttons within buttons of Swagger UI, whose markup is its own."""
    open_page(page, demo, "docs", READY["docs"])
    grave = [found for found in page.ask(VIOLATIONS) if found[1] in ("serious", "critical")]
    assert [found for found in grave if found[0] != "nested-interactive"] == []


@pytest.mark.parametrize(
    ("button", "shows"), [("#devices", "#trust"), ("#choose", "#program"), ("#tuning summary", "#parameters input")]
)
def test_no_rule_is_broken_in_what_opens(page: Page, demo: ServerProcess, button: str, shows: str) -> None:
    open_page(page, demo, "", READY[""])
    urls = [f"https://192.168.1.17:8765/?token={token}" for token in ("abc", "xyz")]
    invited = {"json": {"urls": urls[:1], "read_urls": urls[1:], "authority": True}}
    page.do(f'await page.route("**/invitation", (route) => route.fulfill({json.dumps(invited)})) && null')
    page.do(f'await page.click("{button}")')
    page.until(f"document.querySelector('{shows}')?.checkVisibility()")
    assert page.ask(VIOLATIONS) == []


def test_every_control_is_reached_by_the_tab_key_and_seen(page: Page, demo: ServerProcess) -> None:
    """In the order of the page, each with a ring around it."""
    open_page(page, demo, "", READY[""])
    wanted = page.ask(
        """[...document.querySelectorAll("a, summary, button, select, input, canvas[tabindex]")]
          .filter((e) => e.checkVisibility() && !e.disabled).map((e) => e.id || e.dataset.angle || e.textContent)"""
    )
    reached = []
    for _ in wanted:
        page.do('await page.keyboard.press("Tab")')
        name, ring = page.ask(FOCUSED)
        reached.append(name)
        assert ring >= 2, name
    assert reached == wanted


def test_at_twice_the_size_nothing_is_cut_off(page: Page, demo: ServerProcess) -> None:
    """A browser's zoom of 200 % on a desk is half as many pixels; 320 are what WCAG asks for."""
    for width in (640, 320):
        open_page(page, demo, "", READY[""], width)
        assert page.ask("document.documentElement.scrollWidth") <= width


def test_who_wants_less_motion_gets_none_by_itself(page: Page, demo: ServerProcess) -> None:
    page.do('await page.emulateMedia({reducedMotion: "reduce"})')
    open_page(page, demo, "", READY[""])
    assert page.ask('document.querySelector("#orbit").ariaPressed') == "false"
    page.do('await page.emulateMedia({reducedMotion: "no-preference"})')


def test_a_change_of_state_is_said_once(page: Page, demo: ServerProcess) -> None:
    """The seconds of a wait are shown, not said."""
    open_page(page, demo, "", READY[""])
    page.until('document.querySelector("#announcer").textContent === "Live"')  # frames can be faster than words
    page.ask("""void (window.changes = { "#announcer": [], "#state-text": [] }, Object.keys(changes).forEach((id) =>
      new MutationObserver(() => changes[id].push(document.querySelector(id).textContent))
        .observe(document.querySelector(id), { childList: true, characterData: true, subtree: true })))""")
    page.do('await page.route("**/streams*", (route) => route.abort()) && null')
    page.do('await page.routeWebSocket("**/stream*", (socket) => socket.close()) && null')
    page.ask("void document.querySelector('#again').click()")
    page.until("""new Set(changes["#state-text"].filter((text) => /[0-9]/.test(text))).size >= 3""", 30_000)
    said = page.ask('changes["#announcer"]')
    assert said == ["Connecting", "Reconnecting. The server is out of reach"]
