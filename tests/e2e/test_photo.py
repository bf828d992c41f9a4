"""The photo page in a real Chromium, on a real server."""

import csv
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from protocol.skeleton import ANGLES, EDGES, LANDMARKS
from tests.browser import Page, browse
from tests.harness import ServerProcess, read_clip, running_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    return read_clip(count=61)


@pytest.fixture(scope="module")
def browser(demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url + "photo") as page:
        yield page
        assert page.do("seen")["errors"] == []


@pytest.fixture
def page(browser: Page, demo: ServerProcess) -> Page:
    """The page as it is when it is opened, in English, looking for one person with the fastest network."""
    browser.do("await page.setViewportSize({width: 1280, height: 800})")
    browser.ask("localStorage.clear()")
    open_page(browser, demo.url + "photo")
    browser.do('await page.selectOption("#model", "lite") && null')
    return browser


def open_page(page: Page, url: str) -> None:
    page.do(f"await page.goto({json.dumps(url)}) && null")
    page.until('document.querySelector("#notice").dataset.key !== undefined')


def give(page: Page, *files: Path) -> None:
    """Choose files as with the picker, and wait until there is an answer to each."""
    page.do(f'await page.setInputFiles("#files", {json.dumps([str(file) for file in files])})')
    settled(page, len(files))


def settled(page: Page, count: int) -> None:
    done = 'posewire.pictures.every((one) => ["found", "nobody", "failed"].includes(one.state))'
    page.until(f"posewire.pictures.length === {count} && {done}", 55_000)


def save(path: Path, picture: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), picture)
    return path


def download(page: Page, button: str, path: Path) -> bytes:
    page.do(
        f"""await Promise.all([page.waitForEvent("download"), page.click({json.dumps(button)})])
        .then(([file]) => file.saveAs({json.dumps(str(path))}).then(() => file.suggestedFilename()))"""
    )
    return path.read_bytes()


PIXELS = """(() => {
  const canvas = document.querySelector("#view");
  const ratio = canvas.width / canvas.clientWidth;
  return posewire.points.map((person) => person.map(([x, y]) =>
    [...canvas.getContext("2d").getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data]));
})()"""
CLEAR = (11, 12, 13, 14, 23, 24, 25, 26)  # landmarks that nothing else is drawn over


def assert_points_are_red(page: Page, people: int) -> None:
    page.until("posewire.painted")
    pixels = np.array(page.ask(PIXELS)).astype(int)
    assert pixels.shape[:2] == (people, 33)
    red, green, blue, _ = pixels[:, CLEAR].reshape(-1, 4).T
    is_red = (red > 190) & (green < 120) & (blue < 120)
    assert is_red.mean() > 0.8, pixels[:, CLEAR]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_picture_of_each_format(page: Page, clip: list[np.ndarray], tmp_path: Path, suffix: str) -> None:
    give(page, save(tmp_path / f"dancer{suffix}", clip[50]))
    assert page.ask("posewire.pictures") == [{"name": f"dancer{suffix}", "state": "found", "fault": None}]
    assert page.text("#count") == "1 person"
    assert page.text("#size") == "720 × 1280 pixels"
    assert page.text("#announcer") == f"dancer{suffix}: 1 person"
    assert page.ask('document.querySelector("#notice").hidden') is True
    assert page.ask('document.querySelector("#strip").hidden') is True
    assert_points_are_red(page, people=1)


def test_the_edges_are_the_protocol_s(page: Page, tmp_path: Path) -> None:
    page.parts(tmp_path, "photo/overlay")
    edges = page.ask('import("/static/parts.js").then(({EDGES}) => EDGES)')
    assert sorted(edges) == sorted([list(edge) for edge in EDGES])


def test_downloads(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    give(page, save(tmp_path / 'a "quoted", name.png', clip[50]))
    raw = download(page, "#json", tmp_path / "out.json")
    found = json.loads(raw)
    assert [point["name"] for point in found["keypoints"]] == list(LANDMARKS)

    rows = list(csv.DictReader(io.StringIO(download(page, "#csv", tmp_path / "out.csv").decode(), newline="")))
    assert len(rows) == 33
    for row, point, world in zip(rows, found["people"][0]["keypoints"], found["people"][0]["world"], strict=True):
        assert (row["person"], row["id"], row["name"]) == ("1", str(point["id"]), point["name"])
        assert row["picture"] == 'a "quoted", name.png'
        assert [float(row[key]) for key in ("x", "y", "z", "visibility")] == [
            point[key] for key in ("x", "y", "z", "visibility")
        ]
        assert [float(row[f"world_{axis}"]) for axis in "xyz"] == [world[axis] for axis in "xyz"]

    drawn = cv2.imdecode(np.frombuffer(download(page, "#png", tmp_path / "out.png"), np.uint8), cv2.IMREAD_COLOR)
    assert drawn.shape == clip[50].shape
    hip = found["keypoints"][24]
    blue, green, red = drawn[round(hip["y"] * 1280), round(hip["x"] * 720)].tolist()
    assert red > 200 > 100 > max(blue, green)

    cells = page.ask(
        '[...document.querySelectorAll("#landmarks tr")].map((r) => [...r.cells].map((c) => c.textContent))'
    )
    assert [row[:2] for row in cells] == [[str(i), name] for i, name in enumerate(LANDMARKS)]
    assert cells[24][2] == f"{hip['x']:.3f}"


def test_two_people_one_at_a_time(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    """Asked for one there is one; a change of the number asks again."""
    give(page, save(tmp_path / "two.jpg", np.hstack([clip[10], clip[30][:, ::-1]])))
    assert page.text("#count") == "1 person"
    page.do('await page.selectOption("#people", "2") && null')
    page.until('document.querySelector("#count").textContent === "2 people"', 55_000)
    settled(page, 1)
    assert_points_are_red(page, people=2)
    nose = '+document.querySelector("#landmarks tr").cells[2].textContent'
    first = page.ask(nose)
    page.do('await page.click("#persons button:nth-child(2)")')
    second = page.ask(nose)
    assert (first < 0.5) != (second < 0.5)
    rows = download(page, "#csv", tmp_path / "out.csv").decode().splitlines()
    assert len(rows) == 1 + 2 * 33


def test_options_reach_the_server(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    give(page, save(tmp_path / "a.jpg", clip[50]))
    page.do('await page.focus("#confidence") || await page.keyboard.press("ArrowRight")')
    assert page.text("#confidence-value") == "55 %"
    settled(page, 1)
    last = page.do('seen.requests.filter((url) => url.includes("/detect")).at(-1)')
    assert "model=lite" in last
    assert "min_confidence=0.55" in last
    assert "people=1" in last


def test_a_row_marks_its_point_by_keyboard_and_pointer(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    give(page, save(tmp_path / "a.jpg", clip[50]))
    page.do('await page.hover("#landmarks tr:nth-child(16)")')
    page.until("posewire.marked === 15")
    page.do('await page.focus("#landmarks tr") || await page.keyboard.press("ArrowDown")')
    page.until("posewire.marked === 1")
    page.do('await page.locator("#language").focus()')
    page.until("posewire.marked === null")
    x, y = page.ask("posewire.points[0][25]")
    page.do(f'await page.hover("#view", {{position: {{x: {x}, y: {y}}}}})')
    page.until("posewire.marked === 25")
    assert page.text("tr.marked th") == "left_knee"


def test_several_pictures_and_what_is_wrong_with_some(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    good = save(tmp_path / "good.jpg", clip[50])
    wall = save(tmp_path / "wall.png", np.full((480, 640, 3), 120, np.uint8))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    wrong = tmp_path / "wrong.jpg"
    wrong.write_bytes(b"GIF89a, by its first bytes")
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8\xff" + bytes(10_000_000))
    sent = page.do('seen.requests.filter((url) => url.includes("/detect")).length')
    give(page, good, wall, broken, wrong, large)
    assert page.ask("posewire.pictures.map(({state, fault}) => [state, fault])") == [
        ["found", None],
        ["nobody", None],
        ["failed", "broken"],
        ["failed", "wrongType"],
        ["failed", "tooLargeHere"],
    ]
    # What can't work isn't sent.
    assert page.do('seen.requests.filter((url) => url.includes("/detect")).length') == sent + 2
    for number, title, detail in [
        (2, "No person found", "heavy model"),
        (3, "The picture can't be read", "damaged"),
        (4, "Not a JPEG, PNG or WebP picture", "formats"),
        (5, "The file is too large", "10 MB at most"),
    ]:
        page.do(f'await page.click("#strip li:nth-child({number}) button")')
        assert page.text("#notice-title") == title
        assert detail in page.text("#notice-detail")
        assert title in page.text("#announcer")
        assert page.ask("posewire.shown") == number - 1
    page.do('await page.click("#remove")')
    page.until("posewire.pictures.length === 4")


def test_what_the_server_refuses_is_said_in_its_words(tmp_path: Path, clip: list[np.ndarray]) -> None:
    with (
        running_server(tmp_path, "--model", "lite", "--max-picture-mp", "0.5") as small,
        browse(small.url + "photo") as page,
    ):
        give(page, save(tmp_path / "a.jpg", clip[50]))
        assert page.text("#notice-title") == "The picture is too large"
        assert page.text("#notice-server") == "720x1280 pixels; at most 500,000 in all"


def test_a_busy_server_is_asked_again(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    answers = """await page.route("**/detect?*", (route) => (globalThis.refusals = (globalThis.refusals ?? 0) + 1) > 2
        ? route.continue() : route.fulfill({status: 503, headers: {"retry-after": "1"},
          contentType: "application/problem+json", body: '{"detail": "too many pictures wait; try again"}'})) && null"""
    page.do(answers)
    try:
        page.do(f'await page.setInputFiles("#files", {json.dumps(str(save(tmp_path / "a.jpg", clip[50])))})')
        page.until('document.querySelector("#progress").textContent.includes("busy")')
        settled(page, 1)
        assert page.ask("posewire.pictures[0].state") == "found"
    finally:
        page.do('await page.unroute("**/detect?*") && null')
    assert all("503" in error for error in page.do("seen.errors.splice(0)"))


def test_a_picture_is_turned_as_its_exif_says(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    """The file holds the picture lying on its side and says so."""
    jpeg = cv2.imencode(".jpg", cv2.rotate(clip[50], cv2.ROTATE_90_COUNTERCLOCKWISE))[1].tobytes()
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)  # orientation 6: turn it clockwise to see it upright
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    exif = b"Exif\0\0" + tiff
    path = tmp_path / "turned.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    give(page, path)
    assert page.text("#size") == "720 × 1280 pixels"
    assert_points_are_red(page, people=1)


TRANSFER = """(async () => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const files = new DataTransfer();
  files.items.add(new File([blob], "given.png", {type: "image/png"}));
  EVENT
})()"""


@pytest.mark.parametrize(
    "event",
    [
        'document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}))',
        'document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: files, bubbles: true}))',
    ],
    ids=["drop", "paste"],
)
def test_pictures_are_dropped_and_pasted(page: Page, event: str) -> None:
    page.ask(TRANSFER.replace("EVENT", event))
    settled(page, 1)
    assert page.ask("posewire.pictures") == [{"name": "given.png", "state": "nobody", "fault": None}]


def test_the_picture_is_magnified_and_moved(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    give(page, save(tmp_path / "a.jpg", clip[50]))
    page.until("posewire.painted")
    fitted = np.array(page.ask("posewire.points[0]"))
    knee = fitted[25]

    # The wheel keeps what is under the pointer where it is; what is drawn follows, as sharp as before.
    page.do(
        f'await page.hover("#view", {{position: {{x: {knee[0]}, y: {knee[1]}}}}}) || await page.mouse.wheel(0, -500)'
    )
    page.until("posewire.scale > 2")
    scale = page.ask("posewire.scale")
    assert scale == pytest.approx(np.e, abs=0.01)
    magnified = np.array(page.ask("posewire.points[0]"))
    np.testing.assert_allclose(magnified[25], knee, atol=1)
    np.testing.assert_allclose(magnified[26] - magnified[25], scale * (fitted[26] - fitted[25]), atol=0.1)
    x, y = (round(value) for value in magnified[25])
    assert_red_at(page, x, y)

    page.do("await page.mouse.move(300, 400) || await page.mouse.down()")
    page.do("await page.mouse.move(340, 380, {steps: 4}) || await page.mouse.up()")
    np.testing.assert_allclose(np.array(page.ask("posewire.points[0][25]")) - magnified[25], [40, -20], atol=1)

    page.do('await page.click("#whole")')
    assert page.ask("posewire.scale") == 1
    np.testing.assert_allclose(page.ask("posewire.points[0]"), fitted, atol=0.01)
    for action, expected in [
        ('await page.click("#larger")', 1.25),
        ('await page.click("#smaller")', 1),
        ('await page.click("#smaller")', 1),
        ('await page.dblclick("#view", {position: {x: 300, y: 300}})', 3),
        ('await page.dblclick("#view", {position: {x: 300, y: 300}})', 1),
        ('await page.focus("#view") || await page.keyboard.press("+")', 1.25),
        ('await page.keyboard.press("-")', 1),
        ('await page.keyboard.press("+")', 1.25),
    ]:
        page.do(action)
        assert page.ask("posewire.scale") == pytest.approx(expected), action
    assert page.text("#whole") == "125 %"
    before = page.ask("posewire.points[0][0]")
    page.do('await page.keyboard.press("ArrowDown")')
    assert page.ask("posewire.points[0][0][1]") < before[1]
    # The picture stays in sight, however far it is pushed.
    for _ in range(30):
        page.do('await page.keyboard.press("ArrowDown")')
    feet = page.ask("posewire.points[0][31][1]")
    assert 0 < feet < page.ask('document.querySelector("#view").clientHeight')
    page.do('await page.keyboard.press("0")')
    assert page.ask("posewire.scale") == 1


def assert_red_at(page: Page, x: int, y: int) -> None:
    pixel = f"""(() => {{
      const canvas = document.querySelector("#view");
      const ratio = canvas.width / canvas.clientWidth;
      return [...canvas.getContext("2d").getImageData(Math.round({x} * ratio), Math.round({y} * ratio), 1, 1).data];
    }})()"""
    red, green, blue, _ = page.ask(pixel)
    assert red > 190 > 120 > max(green, blue)


def test_two_fingers_magnify_too(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    give(page, save(tmp_path / "a.jpg", clip[50]))
    page.until("posewire.painted")
    touch = """(async () => {
      const session = await page.context().newCDPSession(page);
      const send = (type, ...points) =>
        session.send("Input.dispatchTouchEvent", {type, touchPoints: points.map(([x, y], id) => ({x, y, id}))});
      await send("touchStart", [300, 400], [400, 400]);
      for (let way = 10; way <= 100; way += 10) await send("touchMove", [300 - way, 400], [400 + way, 400]);
      await send("touchEnd");
    })()"""
    page.do("await " + touch)
    page.until("posewire.scale > 2.5 && posewire.scale < 3.1")


def test_all_pictures_as_one_file(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    dancers = [save(folder / "dancer.jpg", clip[n]) for folder, n in zip(folders, (20, 50), strict=True)]
    wall = save(tmp_path / "wall.png", np.full((480, 640, 3), 120, np.uint8))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    assert page.ask('document.querySelector("#all").hidden') is True
    give(page, *dancers, wall, broken)
    archive = zipfile.ZipFile(io.BytesIO(download(page, "#zip", tmp_path / "out.zip")))
    assert archive.testzip() is None
    drawn = ["dancer.annotated.png", "dancer (2).annotated.png"]
    assert archive.namelist() == ["posewire.json", "posewire.csv", *drawn]
    results = json.loads(archive.read("posewire.json"))
    assert [(one["name"], len(one.get("people", []))) for one in results] == [
        ("dancer.jpg", 1),
        ("dancer.jpg", 1),
        ("wall.png", 0),
        ("broken.png", 0),
    ]
    assert results[3]["error"] == "broken"
    rows = list(csv.DictReader(io.StringIO(archive.read("posewire.csv").decode(), newline="")))
    assert [row["picture"] for row in rows] == ["dancer.jpg"] * 66
    for name, found in zip(drawn, results, strict=False):
        picture = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)
        hip = found["keypoints"][24]
        blue, green, red = picture[round(hip["y"] * 1280), round(hip["x"] * 720)].tolist()
        assert red > 200 > 100 > max(blue, green)
    assert page.text("#all-state") == ""
    assert page.text("#zip") == "ZIP"


def test_what_is_missing_in_the_file_is_said_and_it_can_be_stopped(
    page: Page, clip: list[np.ndarray], tmp_path: Path
) -> None:
    give(page, *(save(tmp_path / f"{n}.jpg", clip[n]) for n in (20, 50)))
    page.do("""await page.route("**/detect?*", (route) => route.fulfill({status: 422, body: "{}"})) && null""")
    try:
        archive = zipfile.ZipFile(io.BytesIO(download(page, "#zip", tmp_path / "out.zip")))
        assert archive.namelist() == ["posewire.json", "posewire.csv"]
        page.until('document.querySelector("#all-state").textContent.startsWith("2 annotated PNGs are missing")')
        page.do('await page.unroute("**/detect?*") && null')
        page.do('await page.route("**/detect?*", () => {}) && null')  # never answered
        page.do('await page.click("#zip")')
        page.until('document.querySelector("#all-state").textContent === "Picture 1 of 2…"')
        assert page.text("#zip") == "Stop"
        page.do('await page.click("#zip")')
        page.until('document.querySelector("#zip").textContent === "ZIP"')
        assert page.text("#all-state") == ""
    finally:
        page.do('await page.unroute("**/detect?*") && null')
    assert all("422" in error for error in page.do("seen.errors.splice(0)"))


def test_both_languages(page: Page, clip: list[np.ndarray], tmp_path: Path) -> None:
    assert page.ask("document.documentElement.lang") == "en"
    page.do('await page.click("#language")')
    assert page.text("#notice-title") == "把图片拖到这里"
    give(page, save(tmp_path / "a.jpg", clip[50]))
    assert page.text("#count") == "1 人"
    assert page.text("#landmarks th") == "nose 鼻子"
    page.do("await page.reload() && null")
    page.until('document.querySelector("#notice-title").textContent === "把图片拖到这里"')
    assert page.ask("document.documentElement.lang") == "zh-CN"
    page.do('await page.click("#language")')
    assert page.text("#notice-title") == "Drop pictures here"
    page.parts(tmp_path, "photo/words")
    words = 'import("/static/parts.js").then(({WORDS}) => Object.values(WORDS).map((one) => Object.keys(one)))'
    english, chinese = page.ask(words)
    assert set(english) <= set(chinese)
    angles = {name.removeprefix("left_").removeprefix("right_") for name in ANGLES}
    assert set(chinese) - set(english) == set(LANDMARKS) | angles


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_narrow_screen(page: Page, clip: list[np.ndarray], tmp_path: Path, language: str) -> None:
    page.do("await page.setViewportSize({width: 390, height: 844})")
    if language != "en":
        page.do('await page.click("#language")')
    assert page.ask("document.documentElement.scrollWidth") <= 390
    two = [save(tmp_path / f"{'a long name ' * 6}{n}.jpg", clip[n]) for n in (20, 50)]
    give(page, *two)
    assert page.ask("document.documentElement.scrollWidth") <= 390
    assert_points_are_red(page, people=1)


def test_the_token_goes_along_and_can_be_entered(tmp_path: Path, clip: list[np.ndarray]) -> None:
    # One picture a second: with a second stream at full rate nothing would be left for photographs, which come last.
    still = tmp_path / "still"
    still.mkdir()
    save(still / "a.jpg", clip[0])
    options = ("--token", "secret", "--model", "lite", "--source", str(still), "--fps", "1")
    with running_server(tmp_path, *options) as server:
        with browse(f"{server.url}?token=secret") as page:
            page.do("await page.click('nav a:not([aria-current])')")
            page.until('document.querySelector("#notice").dataset.key === "drop"')
            assert page.do("page.url()") == f"{server.url}photo?token=secret"
            give(page, save(tmp_path / "a.jpg", clip[50]))
            assert page.ask("posewire.pictures[0].state") == "found"
            open_page(page, f"{server.url}static/photo.html")
            page.until('document.querySelector("#notice").dataset.key === "token"')
            assert "token" in page.text("#notice-title")
            page.do('await page.fill("#token", "secret") || await page.keyboard.press("Enter")')
            page.until('document.querySelector("#notice").dataset.key === "drop"')
            assert page.do("page.url()") == f"{server.url}photo?token=secret"
