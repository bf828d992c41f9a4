"""The page's "Receive this stream": what it builds works elsewhere, and costs what it says."""

import io
import json
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from websockets.sync.client import connect

from protocol.skeleton import ANGLES, BONES, PRESETS
from tests.browser import Page, browse
from tests.harness import ServerProcess, receive_type

WINDOW_S = 4  # of what the page shows

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url) as page:
        page.until("posewire.frames > 5")
        page.do('await page.click("#choose")')
        page.until('document.querySelector("#receive").open')
        yield page
        assert page.do("seen.errors") == []


def choose(page: Page, fields: list[str], landmarks: str = "", max_fps: str = "", dtype: str = "f32") -> str:
    """Make the panel build a subscription; the address it gives."""
    for box in page.ask('[...document.querySelectorAll("[name=fields]")].map(({ value }) => value)'):
        page.do(f'await page.setChecked("[name=fields][value={box}]", {json.dumps(box in fields)}) && null')
    for place, value in (("#preset", landmarks), ("#max-fps", max_fps), ("#dtype", dtype)):
        page.do(f'await page.selectOption("{place}", "{value}") && null')
    return page.text("#wish-address")


def test_what_it_offers_is_what_the_protocol_has(page: Page) -> None:
    options = page.ask('[...document.querySelector("#preset").options].map(({ value }) => value)')
    assert set(options) == {"", *PRESETS} - {"all"}
    counts = page.ask('[...document.querySelector("#preset").options].map((o) => [o.value, o.text])')
    for name, text in counts:
        assert str(len(PRESETS[name or "all"])) in text


def test_the_address_is_that_subscription(page: Page, demo: ServerProcess) -> None:
    address = choose(page, ["image", "angles"], "upper_body", "5", "f16")
    assert address == f"{demo.ws}?subscribe=demo&fields=image,angles&landmarks=upper_body&max_fps=5&dtype=f16"
    with connect(address) as socket:
        answer = receive_type(socket, "subscribed")
        assert (answer["fields"], answer["dtype"]) == (["image", "angles"], "f16")
        assert answer["landmarks"] == list(PRESETS["upper_body"])
        poses = receive_type(socket, "frame")["poses"]
        assert len(poses[0]["image"]) == 2 * 4 * len(PRESETS["upper_body"])


@pytest.mark.parametrize(
    "wish",
    [(["world"], "", "10", "f32"), (["image", "world", "bones", "angles"], "no_face", "10", "f16")],
    ids=["small", "large"],
)
def test_the_traffic_shown_is_what_another_client_measures(page: Page, wish: tuple) -> None:
    """Bytes a frame and the rate, over the same few seconds."""
    address = choose(page, *wish)
    with connect(address, compression=None, max_queue=None) as socket:
        receive_type(socket, "subscribed")
        came: list[tuple[float, int]] = []
        while not came or came[-1][0] - came[0][0] < 2 * WINDOW_S:
            came.append((time.monotonic(), len(socket.recv())))
    shown = page.ask(
        '["kbps", "bytes", "fps"].map((id) => parseFloat(document.querySelector(`#wish-${id}`).textContent))'
    )
    window = [(at, size) for at, size in came if came[-1][0] - at <= WINDOW_S]
    total = sum(size for _, size in window[1:])
    assert shown[1] == pytest.approx(total / (len(window) - 1), rel=0.1)
    assert shown[0] == pytest.approx(total / (window[-1][0] - window[0][0]) / 1000, rel=0.1)
    assert shown[0] == pytest.approx(shown[1] * shown[2] / 1000, rel=0.05)


def test_it_measures_only_while_it_is_open(page: Page) -> None:
    choose(page, ["world"])
    page.until('/[0-9]/.test(document.querySelector("#wish-kbps").textContent)')
    frames = """page.evaluate(() => posewire.subscriptions)"""
    assert page.do(f"await {frames}") == 2
    page.do('await page.keyboard.press("Escape")')
    page.until('!document.querySelector("#receive").open')
    assert page.do(f"await {frames}") == 1
    assert page.ask("document.activeElement.id") == "choose"
    page.do('await page.click("#choose")')
    page.until("posewire.subscriptions === 2")


def test_without_a_field_there_is_nothing_to_receive(page: Page) -> None:
    assert choose(page, []) == ""
    assert page.text("#receive-fault") == "Choose at least one field."
    assert page.ask('document.querySelector("#copy-wish").disabled') is True
    assert page.text("#wish-kbps") == "–"
    choose(page, ["world"])
    assert page.text("#receive-fault") == ""


def test_the_python_program_runs(page: Page) -> None:
    choose(page, ["world", "rest", "angles"], "coco17", "30", "f16")
    page.do('await page.click("#tab-python")')
    program = page.text("#program")
    shapes = "print(world.shape, rest.shape, angles.shape); raise SystemExit"
    program = program.replace('print(pose["id"], world, rest, angles)', shapes)
    assert shapes in program
    out = io.StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit):
        exec(compile(program, "program", "exec"), {})
    assert out.getvalue() == f"(17, 4) ({len(BONES)}, 3) ({len(ANGLES)},)\n"


def test_the_programs_are_tabs_by_keyboard(page: Page, demo: ServerProcess) -> None:
    choose(page, ["world"])
    page.do('await page.focus("#tab-python")')
    page.do('await page.keyboard.press("ArrowRight")')
    assert page.ask("document.activeElement.id") == "tab-web"
    assert '"fields":["world"]' in page.text("#program")
    page.do('await page.keyboard.press("ArrowRight")')
    assert page.text("#program") == f'posewire watch "{demo.ws}" --stream "demo"\n'
    assert page.ask('document.querySelector("#tab-terminal").ariaSelected') == "true"
    page.do('await page.keyboard.press("ArrowRight")')
    assert page.ask("document.activeElement.id") == "tab-python"


def test_the_web_program_runs(page: Page) -> None:
    choose(page, ["world", "angles"], "coco17", "30")
    page.do('await page.click("#tab-web")')
    client = Path(__file__).parents[2] / "clients" / "web" / "dist" / "posewire.js"
    answer = json.dumps({"path": str(client), "contentType": "text/javascript"})
    page.do(f'await page.route("**/static/posewire.js", (route) => route.fulfill({answer})) && null')
    program = page.text("#program").replace("./posewire.js", "/static/posewire.js").replace("console.log(", "seen(")
    program = "const seen = (...all) => (globalThis.received = all);\n" + program
    body = json.dumps({"body": program, "contentType": "text/javascript"})
    page.do(f'await page.route("**/static/program.js", (route) => route.fulfill({body})) && null')
    page.ask('import("/static/program.js").then(() => null)')
    page.until(f"globalThis.received?.[1].length === 4 * 17 && received[2].length === {len(ANGLES)}")
