"""A running stream changed from outside, and what it sees, on a real server with a real client."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing

import cv2
import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.browser import Page, browse
from tests.harness import ServerProcess, raw_client, receive, receive_type, running_server, until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    options = ("--model", "lite", "--preview", "--token", "s3cret", "--source", "cam=demo", "--fps", "15")
    with running_server(tmp_path_factory.mktemp("live"), *options) as server:
        yield server


def ask(server: ServerProcess, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict, bytes]:
    kind = {"Content-Type": "application/json"} if body is not None else {}
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request(method, path, data, {"Authorization": "Bearer s3cret", **kind, **headers})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def change(server: ServerProcess, **wish: object) -> dict:
    status, _, body = ask(server, "PATCH", "/settings/cam", wish)
    assert status == 200, body
    return json.loads(body)


def frames(client: ClientConnection, count: int) -> list[dict]:
    return [receive_type(client, "frame") for _ in range(count)]


def points(frame: dict, field: str) -> np.ndarray:
    return np.frombuffer(frame["poses"][0][field], "<f4").reshape(-1, 4)


def test_settings_are_told_with_their_ranges(server: ServerProcess) -> None:
    status, _, body = ask(server, "GET", "/settings")
    told = json.loads(body)
    assert status == 200
    assert told["streams"]["cam"] == {
        "model": "lite",
        "people": 1,
        "mirror": False,
        "smoothing": {
            "kind": "one-euro",
            "parameters": {"min_cutoff_hz": 0.5, "beta": 10.0, "d_cutoff_hz": 2.0},
            "tuned": False,
        },
        "engine_smoothed": True,
    }
    assert told["models"] == ["auto", "lite", "full", "heavy"]
    assert told["filters"]["moving-average"]["window_s"] == {"default": 0.1, "min": 0.01, "max": 1, "unit": "s"}


def test_another_model_works_without_a_gap_and_everyone_is_told(server: ServerProcess) -> None:
    with raw_client(server, "?token=s3cret&subscribe=cam") as client:
        before = frames(client, 3)[-1]["seq"]
        assert change(server, model="full")["model"] == "full"
        seen = []
        while True:
            message = receive(client)
            seen.append(message)
            if message["type"] == "status":
                break
        assert message["state"] == "live"
        assert (message["info"]["model"], message["info"]["id"]) == ("full", "cam")
        assert all(one["type"] == "frame" for one in seen[:-1])
        after = [receive(client) for _ in range(5)]
        assert [one["type"] for one in after] == ["frame"] * 5  # so it never was lost
        numbers = [before, *(one["seq"] for one in [*seen[:-1], *after])]
        assert numbers == sorted(set(numbers))
        assert len(after[-1]["poses"]) == 1
        with connect(f"{server.ws}?token=s3cret") as later:
            assert receive(later)["streams"] == [message["info"]]
        assert json.loads(ask(server, "GET", "/streams")[2])["streams"][0]["model"] == "full"
    change(server, model="lite")


def test_a_filter_of_another_kind_and_its_parameters(server: ServerProcess) -> None:
    with raw_client(server, "?token=s3cret&subscribe=cam&fields=world,world_raw") as client:
        change(server, smoothing={"kind": "none"})
        frames(client, 3)
        assert all(np.array_equal(points(one, "world"), points(one, "world_raw")) for one in frames(client, 5))
        distances = []
        for window_s in (0.05, 1.0):
            answer = change(server, smoothing={"kind": "moving-average", "parameters": {"window_s": window_s}})
            assert answer["smoothing"] == {
                "kind": "moving-average",
                "parameters": {"window_s": window_s},
                "tuned": True,
            }
            frames(client, 15)
            moved = [points(one, "world")[:, :3] - points(one, "world_raw")[:, :3] for one in frames(client, 25)]
            distances.append(float(np.abs(moved).mean()))
        assert 0 < distances[0] < distances[1]
        assert change(server, smoothing={"kind": "kalman"})["smoothing"]["tuned"] is False
        frames(client, 5)
        assert not any(np.array_equal(points(one, "world"), points(one, "world_raw")) for one in frames(client, 5))
    change(server, smoothing={"kind": "one-euro"})


def test_a_mirror_is_told_and_frames_go_on(server: ServerProcess) -> None:
    """That it swaps left and right is seen where pictures are at hand: tests/source/test_capture.py."""
    with raw_client(server, "?token=s3cret&subscribe=cam") as client:
        for mirror in (True, False):
            assert change(server, mirror=mirror)["mirror"] is mirror
            assert receive_type(client, "status")["info"]["mirror"] is mirror
            frames(client, 3)


def test_a_picture_belongs_to_a_frame_and_has_its_shape(server: ServerProcess) -> None:
    with raw_client(server, "?token=s3cret&subscribe=cam") as client:
        times: set[int] = set()
        after = 0
        for _ in range(5):
            status, headers, jpeg = ask(server, "GET", f"/preview/cam?after={after}")
            assert (status, headers["content-type"]) == (200, "image/jpeg")
            assert int(headers["posewire-t-us"]) > after
            after = int(headers["posewire-t-us"])
            picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
            assert picture.shape == (640, 360, 3)
            assert picture.std() > 20
        while not times or max(times) < after:
            times.add(receive_type(client, "frame")["t_us"])
        assert after in times


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "expected"),
    [
        ("GET", "/settings", None, {"Authorization": "Bearer wrong"}, 401),
        ("PATCH", "/settings/cam", {"people": 2}, {"Authorization": "Bearer wrong"}, 401),
        ("PATCH", "/settings/cam", {"people": 2}, {"Origin": "http://evil.example"}, 403),
        ("PATCH", "/settings/nowhere", {}, {}, 404),
        ("PATCH", "/settings/cam", b"{", {}, 400),
        ("PATCH", "/settings/cam", b"[" * 10_000, {}, 400),
        ("PATCH", "/settings/cam", b"x" * 20_000, {}, 413),
        ("PATCH", "/settings/cam", {"people": 2}, {"Content-Type": "text/plain"}, 415),
        ("PATCH", "/settings/cam", [], {}, 422),
        ("PATCH", "/settings/cam", {"people": 0}, {}, 422),
        ("PUT", "/settings/cam", {"people": 1}, {}, 405),
        ("GET", "/preview/nowhere", None, {}, 404),
        ("GET", "/preview/cam?after=-1", None, {}, 422),
        ("GET", f"/preview/cam?after={'9' * 30}", None, {}, 422),
        ("GET", "/preview/cam", None, {"Authorization": "Bearer wrong"}, 401),
    ],
)
def test_what_is_wrong_is_a_problem_and_changes_nothing(
    server: ServerProcess, method: str, path: str, body: object, headers: dict, expected: int
) -> None:
    before = ask(server, "GET", "/settings")[2]
    status, shown, problem = ask(server, method, path, body, **headers)
    assert status == expected
    assert shown["content-type"] == "application/problem+json"
    assert json.loads(problem)["detail"]
    assert ask(server, "GET", "/settings")[2] == before


def test_without_preview_nothing_is_shown(demo: ServerProcess) -> None:
    status, _, problem = ask(demo, "GET", "/preview/demo")
    assert status == 404
    assert "--preview" in json.loads(problem)["detail"]


@pytest.fixture(scope="module")
def page(server: ServerProcess) -> Iterator[Page]:
    with browse(f"{server.url}?token=s3cret") as page:
        page.until("posewire.frames > 5", 30_000)
        page.do("await page.click('#tuning summary')")
        page.until('document.querySelectorAll("#set-model option").length === 4')
        yield page
        refused = "(Unprocessable Entity)"  # a browser notes the answer 422, too
        assert [error for error in page.do("seen")["errors"] if refused not in error] == []


def settings(server: ServerProcess) -> dict:
    return json.loads(ask(server, "GET", "/settings")[2])["streams"]["cam"]


@pytest.mark.browser
def test_the_page_shows_what_the_camera_sees_under_its_own_skeleton(page: Page) -> None:
    page.until("posewire.preview !== null && posewire.preview.width === 360", 40_000)
    colours = """(() => {
      const canvas = document.querySelector("#view-2d");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set();
      for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
      return seen.size;
    })()"""
    page.until(f"{colours} > 5000", 40_000)
    before = page.ask("posewire.preview.seq")
    page.until(f"posewire.preview?.seq > {before}", 40_000)
    page.do("await page.click('#preview')")
    page.until("posewire.preview === null", 40_000)
    page.until(f"{colours} < 3000", 40_000)
    page.do("await page.click('#preview')")
    page.until("posewire.preview !== null", 40_000)


@pytest.mark.browser
def test_a_setting_of_the_page_takes_effect(page: Page, server: ServerProcess) -> None:
    page.do('await page.selectOption("#set-model", "full") && null')
    until(lambda: settings(server)["model"] == "full")
    page.until('document.querySelector("#model").textContent === "full"')
    page.do('await page.selectOption("#set-model", "lite") && null')
    page.do('await page.selectOption("#set-smoothing", "kalman") && null')
    page.until('document.querySelectorAll(".parameter").length === 2')
    page.do('await page.fill("[aria-label^=noise]", "0.5") || await page.keyboard.press("Enter")')
    until(lambda: settings(server)["smoothing"]["parameters"]["noise"] == 0.5)
    assert settings(server)["model"] == "lite"
    page.until('document.querySelector("#command").textContent.includes("--smoothing kalman:acceleration=2,noise=0.5")')
    page.until("posewire.trace.samples > 30 && posewire.trace.jitterMm[0] > posewire.trace.jitterMm[1]", 20_000)
    page.do('await page.fill("[aria-label^=noise]", "7") || await page.keyboard.press("Enter")')
    page.until(
        'document.querySelector("#refused-setting").textContent.includes("noise is 7; a number from 0.0001 to 1")'
    )
    page.until('document.querySelector("[aria-label^=noise]").value === "0.5"')
    page.do("await page.click('#defaults')")
    until(lambda: not settings(server)["smoothing"]["tuned"])
    page.until('document.querySelector("#refused-setting").textContent === ""')


@pytest.mark.browser
def test_what_another_changes_is_shown(page: Page, server: ServerProcess) -> None:
    change(server, people=3, smoothing={"kind": "one-euro"})
    page.until('document.querySelector("#set-people").value === "3"')
    change(server, people=1)
    page.until('document.querySelector("#set-people").value === "1"')
    page.until('!document.querySelector("#engine-smooths").hidden')


@pytest.mark.browser
def test_the_settings_fit_a_phone_in_both_languages(page: Page) -> None:
    page.do("await page.setViewportSize({width: 360, height: 740})")
    for _ in range(2):
        page.do('await page.click("#language")')
        assert page.ask("document.documentElement.scrollWidth") <= 360
        wide = page.ask(
            '[...document.querySelectorAll("#tuning *")].filter((e) => e.getBoundingClientRect().right > 360).length'
        )
        assert wide == 0
        assert page.ask('[...document.querySelectorAll("#tuning [data-t]")].every((e) => e.textContent)') is True
