"""The page's "Open on another device": whom it invites, what they have to trust, and phones as cameras."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamer.lan import qr
from tests.browser import Page, browse
from tests.harness import ServerProcess, running_server

pytestmark = pytest.mark.browser

READ_URLS = ["https://192.168.1.17:8765/?token=xyz", "https://studio.local:8765/?token=xyz"]
URLS = ["https://192.168.1.17:8765/?token=abc", "https://studio.local:8765/?token=abc"]
SECTIONS = """Object.fromEntries(["invited", "alone", "cameras", "trust"]
  .map((id) => [id, !document.getElementById(id).hidden]))"""


@pytest.fixture(scope="module")
def page(demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url) as page:
        page.until("posewire.frames > 5")
        yield page
        assert page.do("seen.errors") == []


def answer(page: Page, path: str, body: object) -> None:
    """What a server says that listens beyond this machine, which none does in a test."""
    page.do(f'await page.route("**{path}", (route) => route.fulfill({{json: {json.dumps(body)}}})) && null')


def open_dialog(page: Page) -> None:
    page.do('await page.click("#devices")')
    page.until('document.querySelector("#invitation").open')


def test_where_only_this_machine_connects_it_says_how_to_open_the_server(page: Page) -> None:
    open_dialog(page)
    page.until('!document.querySelector("#alone").hidden')
    assert page.ask(SECTIONS) == {"invited": False, "alone": True, "cameras": False, "trust": False}
    assert page.text("#open-command") == "posewire serve --host 0.0.0.0 --tls auto"
    assert page.ask('document.querySelector("#invitation").contains(document.activeElement)') is True
    page.do('await page.keyboard.press("Escape")')
    page.until('!document.querySelector("#invitation").open')
    assert page.ask("document.activeElement.id") == "devices"


def test_who_is_invited_sees_code_addresses_and_whom_to_trust(page: Page, tmp_path: Path) -> None:
    (tmp_path / "code.svg").write_bytes(qr.svg(URLS[0]))
    picture = json.dumps({"path": str(tmp_path / "code.svg"), "contentType": "image/svg+xml"})
    page.do(f'await page.route("**/invitation.svg*", (route) => route.fulfill({picture})) && null')
    answer(page, "/invitation", {"urls": URLS, "read_urls": URLS, "authority": True})
    answer(page, "/cameras", {"cameras": [{"stream": "phone", "taken": False}], "may_publish": True})
    open_dialog(page)
    page.until('!document.querySelector("#invited").hidden')
    assert page.ask(SECTIONS) == {"invited": True, "alone": False, "cameras": True, "trust": True}
    page.until('document.querySelector("#invite-code").naturalWidth > 100')
    shown = '[...document.querySelectorAll("#invite-addresses code")].map((code) => code.textContent)'
    assert page.ask(shown) == URLS
    page.do('await page.context().grantPermissions(["clipboard-read", "clipboard-write"])')
    page.do('await page.click("#invite-addresses .address:nth-child(2) button")')
    page.until('document.querySelector("#invite-addresses .address:nth-child(2) button").textContent === "Copied"')
    assert page.ask("navigator.clipboard.readText()") == URLS[1]

    assert page.text("#camera-address code") == "https://192.168.1.17:8765/camera?token=abc"
    assert page.ask('new URL(document.querySelector("#camera-code").src).search') == "?page=camera"
    assert page.ask('document.querySelector("#cameras-tls").hidden') is True
    assert "phone" in page.text("#cameras-lead")

    systems = page.ask('[...document.querySelectorAll("#systems details")].map((d) => [d.dataset.system, d.open])')
    assert systems == [["linux", True], ["ios", False], ["android", False], ["windows", False], ["macos", False]]
    assert page.ask('document.querySelector("#authority").pathname') == "/authority.crt"
    page.do('await page.click("#invitation [data-close]")')
    page.until('!document.querySelector("#invitation").open')


def test_one_chooses_who_is_invited_to_what(page: Page) -> None:
    answer(page, "/invitation", {"urls": URLS, "read_urls": READ_URLS, "authority": False})
    answer(page, "/cameras", {"cameras": [{"stream": "phone", "taken": False}], "may_publish": True})
    open_dialog(page)
    page.until('document.querySelector("#may").checkVisibility()')
    shown = '[...document.querySelectorAll("#invite-addresses code")].map((code) => code.textContent)'
    code = "(({ src, alt }) => [new URL(src).search, alt])(document.querySelector('#invite-code'))"
    assert page.ask(shown) == URLS
    assert page.ask(code) == ["", f"QR code of the address {URLS[0]}"]
    assert page.ask(SECTIONS) == {"invited": True, "alone": False, "cameras": True, "trust": False}
    page.do('await page.focus("#may :checked") || await page.keyboard.press("ArrowRight")')
    assert page.ask(shown) == READ_URLS
    assert page.ask(code) == ["?may=read", f"QR code of the address {READ_URLS[0]}"]
    assert page.text("#may-hint") == "They see all streams and change nothing."
    # Nothing that is seen holds the other token.
    assert page.ask(SECTIONS) == {"invited": True, "alone": False, "cameras": False, "trust": False}
    assert page.ask('document.querySelector("#invitation").innerText.includes("abc")') is False
    page.do('await page.click("#may label:first-of-type")')
    assert page.ask(shown) == URLS
    page.do('await page.keyboard.press("Escape")')
    page.until('!document.querySelector("#invitation").open')


def test_who_has_nothing_to_choose_is_not_asked(page: Page) -> None:
    for urls in (READ_URLS, ["http://192.168.1.17:8765/"]):
        answer(page, "/invitation", {"urls": urls, "read_urls": urls, "authority": False})
        answer(page, "/cameras", {"cameras": [{"stream": "phone", "taken": False}], "may_publish": False})
        open_dialog(page)
        page.until('!document.querySelector("#invited").hidden')
        assert page.ask('document.querySelector("#may").checkVisibility()') is False
        assert page.text("#invite-addresses code") == urls[0]
        assert page.ask(SECTIONS) == {"invited": True, "alone": False, "cameras": False, "trust": False}
        page.do('await page.keyboard.press("Escape")')
        page.until('!document.querySelector("#invitation").open')


def test_a_camera_needs_https(page: Page) -> None:
    urls = ["http://192.168.1.17:8765/"]
    answer(page, "/invitation", {"urls": urls, "read_urls": urls, "authority": False})
    answer(page, "/cameras", {"cameras": [{"stream": "phone", "taken": False}], "may_publish": True})
    open_dialog(page)
    page.until('!document.querySelector("#cameras-tls").hidden')
    assert "--tls auto" in page.text("#cameras-tls")
    assert page.ask(SECTIONS) == {"invited": True, "alone": False, "cameras": True, "trust": False}
    page.do("await page.mouse.click(5, 5)")  # beside it
    page.until('!document.querySelector("#invitation").open')


def test_each_visitor_s_own_system_comes_first(page: Page, tmp_path: Path) -> None:
    page.parts(tmp_path, "live/invitation")
    agents = {
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)": "ios",
        "Mozilla/5.0 (Linux; Android 15; Pixel 9)": "android",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64)": "windows",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)": "macos",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "linux",
    }
    told = page.ask(
        f"""import("/static/parts.js").then(({{ systemOf }}) => [
          ...{json.dumps(list(agents))}.map((agent) => systemOf(agent, 0)),
          systemOf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", 5)])"""
    )
    assert told == [*agents.values(), "ios"]


def test_the_token_goes_along(tmp_path: Path) -> None:
    arguments = ("--source", "demo", "--source", "phone=browser", "--model", "lite", "--token", "s3cret")
    with running_server(tmp_path, *arguments) as server, browse(f"{server.url}?token=s3cret") as page:
        page.until("posewire.frames > 3")
        open_dialog(page)
        page.until('!document.querySelector("#cameras").hidden')
        here = "(({ pathname, search }) => pathname + search)(document.querySelector('#camera-here'))"
        assert page.ask(here) == "/camera?token=s3cret"
        assert page.ask(SECTIONS) == {"invited": False, "alone": True, "cameras": True, "trust": False}
        assert page.ask('document.querySelector("#camera-code").hidden') is True
