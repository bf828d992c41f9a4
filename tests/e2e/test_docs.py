"""The API page in a real Chromium, on a real server with a token."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import pytest

from streamer.photo.picture import PictureLimits
from streamer.rest.openapi import describe
from tests.browser import Page, browse
from tests.harness import ServerProcess, read_clip, running_server

pytestmark = pytest.mark.browser
PATHS = describe(PictureLimits())["paths"]
OPERATIONS = [[method.upper(), path] for path, operations in PATHS.items() for method in operations]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    # One picture a second: the photographs of these tests come after the stream's.
    still = tmp_path_factory.mktemp("still")
    assert cv2.imwrite(str(still / "a.jpg"), read_clip(count=1)[0])
    options = ("--token", "s3cret", "--model", "lite", "--source", str(still), "--fps", "1")
    with running_server(tmp_path_factory.mktemp("docs"), *options) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: ServerProcess) -> Iterator[Page]:
    with browse(f"{server.url}docs?token=s3cret") as page:
        yield page
        seen = page.do("seen")
        assert {urlsplit(url).netloc for url in seen["requests"]} == {urlsplit(server.url).netloc}
        assert seen["errors"] == []  # among them whatever the content security policy forbids


@pytest.fixture
def page(browser: Page, server: ServerProcess) -> Page:
    browser.do("await page.setViewportSize({width: 1280, height: 800})")
    browser.do(f"await page.goto({json.dumps(server.url + 'docs?token=s3cret')}) && null")
    ready(browser)
    return browser


def ready(page: Page) -> None:
    page.until(f'document.querySelectorAll(".opblock").length === {len(OPERATIONS)}')
    page.until('document.querySelector("#say").textContent === ""')


def try_out(page: Page, name: str) -> str:
    """Open an operation to be tried out; its selector."""
    block = f"#operations-{name}"
    page.do(f'await page.click("{block} .opblock-summary-control")')
    page.do(f'await page.click("{block} .try-out button")')
    page.do(f'await page.waitForSelector("{block} .execute") && null')
    return block


def execute(page: Page, block: str) -> tuple[str, str]:
    """Status and body of the answer."""
    page.do(f'await page.click("{block} .execute")')
    page.do(f'await page.waitForSelector("{block} .live-responses-table .response", {{timeout: 55000}}) && null')
    row = f"{block} .live-responses-table .response"
    status = page.text(f"{row} .response-col_status").strip()
    return status, page.text(f"{row} .response-col_description")


def test_every_operation_is_listed(page: Page) -> None:
    listed = page.ask(
        '[...document.querySelectorAll(".opblock")].map((one) => ["method", "path"].map((part) => '
        "one.querySelector(`.opblock-summary-${part}`).textContent.replaceAll('\\u200b', '')))"
    )
    assert sorted(listed) == sorted(OPERATIONS)


def test_a_picture_is_tried_out(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "dancer.jpg"
    assert cv2.imwrite(str(picture), read_clip(count=51)[50])
    block = try_out(page, "pictures-detect")
    page.do(f'await page.selectOption("{block} tr[data-param-name=model] select", "lite") && null')
    page.do(f'await page.setInputFiles("{block} input[type=file]", {json.dumps(str(picture))})')
    status, body = execute(page, block)
    assert status == "200"
    assert '"left_ankle"' in body
    # The token goes in a header, so that it stands in no address.
    sent = page.do('seen.requests.filter((url) => url.includes("/detect")).at(-1)')
    assert "model=lite" in sent
    assert "s3cret" not in sent


def test_a_batch_is_tried_out(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "dancer.jpg"
    assert cv2.imwrite(str(picture), read_clip(count=51)[50])
    block = try_out(page, "pictures-batch_detect")
    page.do(f'await page.selectOption("{block} tr[data-param-name=model] select", "lite") && null')
    page.do(f'await page.click("{block} .opblock-section-request-body .json-schema-form-item-add")')
    page.do(f'await page.setInputFiles("{block} input[type=file]", {json.dumps(str(picture))})')
    status, body = execute(page, block)
    assert status == "200"
    assert '"name": "dancer.jpg"' in body.replace('":"', '": "')


def test_a_question_without_options(page: Page) -> None:
    status, body = execute(page, try_out(page, "server-streams"))
    assert status == "200"
    assert '"still"' in body or '"id"' in body


def test_no_other_page_loads_it(page: Page, server: ServerProcess) -> None:
    loaded = len(page.do("seen.requests"))
    page.do("await page.click('nav a[data-t=photo]')")
    page.until('document.querySelector("#notice").dataset.key === "drop"')
    assert page.do("page.url()") == f"{server.url}photo?token=s3cret"
    assert [url for url in page.do("seen.requests")[loaded:] if "swagger" in url or "docs" in url] == []


def test_both_languages(page: Page) -> None:
    assert page.text("nav a[aria-current]") == "API"
    page.do('await page.click("#language")')
    assert page.text("nav a[aria-current]") == "接口"
    assert page.ask("document.title") == "Posewire 接口"
    page.do('await page.click("#language")')
    assert page.ask("document.documentElement.lang") == "en"


def test_a_narrow_screen(page: Page) -> None:
    page.do("await page.setViewportSize({width: 390, height: 844})")
    assert page.ask("document.documentElement.scrollWidth") <= 390
    try_out(page, "pictures-detect")
    assert page.ask("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_light_and_dark(page: Page, scheme: str, is_dark: bool) -> None:
    page.do(f"await page.emulateMedia({{colorScheme: '{scheme}'}})")
    page.until(f'document.documentElement.classList.contains("dark-mode") === {str(is_dark).lower()}')
    ink = page.ask(
        'getComputedStyle(document.querySelector(".opblock-summary-path")).color.match(/[0-9]+/g).map(Number)'
    )
    assert (sum(ink) / 3 > 128) == is_dark


def test_without_the_token_it_says_so(server: ServerProcess) -> None:
    with browse(f"{server.url}static/docs.html") as page:
        page.until('document.querySelector("#say").textContent.includes("token")')
        assert page.ask('document.querySelectorAll(".opblock").length') == 0
