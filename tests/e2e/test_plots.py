"""The live plots in a real Chromium: a line breaks where nobody was seen or no frame came."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browse
from tests.harness import ServerProcess

pytestmark = pytest.mark.browser

# Eight seconds, someone is there but from 2 to 4; from 5 to 6 no frame comes. 100 frames a second.
TIMES = """const times = Array.from({ length: 800 }, (_, i) => i / 100).filter((t) => t < 5 || t > 6);
  const isThere = (t) => t < 2 || t > 4;"""
# The tenths of a second before the newest in which a canvas has the colour, of a plot of `span` seconds.
TENTHS = """const tenths = (canvas, span, [left, right], [r, g, b]) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const found = new Set();
    for (let x = 0; x < width; x++) for (let y = 0; y < height; y++) {
      const [at, w] = [4 * (y * width + x), width - left - right];
      const isNear = [r, g, b].every((value, k) => Math.abs(data[at + k] - value) < 24) && data[at + 3] > 128;
      if (isNear) found.add(Math.round(10 * span * (1 - (x - left) / w)));
    }
    return [...found];
  };
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const drawn = async (canvas, draw) => {
    canvas.style.cssText = "position: fixed; top: 0; left: 0; width: 800px; height: 200px; display: block";
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)));
    draw();
  };"""


@pytest.fixture(scope="module")
def page(demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url, scheme="light", width=1000, height=800) as page:
        page.until("posewire.frames > 3")
        yield page
        assert page.do("seen.errors") == []


def fresh(page: Page, folder: Path, *modules: str) -> None:
    page.do("await page.reload() && null")  # a browser keeps the modules it has read
    page.parts(folder, "live/canvas", *modules)
    page.until("posewire.frames > 3")


def assert_broken(tenths: object, span: int) -> None:
    """At 8 s there is a line, but not where nobody was seen or no frame came."""
    assert isinstance(tenths, list)
    wanted = [i for i in range(10 * span) if not 20 <= i <= 30 and not 40 <= i <= 60 and i <= 79]
    assert [i for i in wanted if i not in tenths] == []
    assert [i for i in (*range(21, 29), *range(41, 59)) if i in tenths] == []


def test_an_angle_is_not_drawn_where_there_was_none(page: Page, tmp_path: Path) -> None:
    fresh(page, tmp_path, "live/angles")
    found = page.ask(f"""import("/static/parts.js").then(async ({{ Angles, readTheme }}) => {{ {TIMES} {TENTHS}
      const [list, canvas] = [document.createElement("div"), document.createElement("canvas")];
      document.body.append(canvas);
      const angles = new Angles(list, canvas, document.createElement("h2"));
      angles.meet(["trunk_lean_left"]);
      const theme = readTheme();
      for (const t of times) angles.take(isThere(t) ? {{ id: 1, angles: [20 + 5 * t] }} : undefined, 1e6 * t);
      await drawn(canvas, () => angles.draw(theme));
      const whole = tenths(canvas, 10, [46, 12], rgb(theme.mid));
      angles.take(undefined, 8.5e6);
      angles.write(true);
      angles.draw(theme);
      return {{ whole, told: list.querySelector("output").textContent,
        later: tenths(canvas, 10, [46, 12], rgb(theme.mid)) }}; }})""")
    assert isinstance(found, dict)
    assert_broken(found["whole"], 10)
    assert found["told"] == "–"  # not what it was when somebody was last seen
    assert min(found["later"]) == pytest.approx(5, abs=1)  # "now" goes on


def test_a_landmark_is_not_drawn_where_there_was_none(page: Page, tmp_path: Path) -> None:
    fresh(page, tmp_path, "live/trace")
    found = page.ask(f"""import("/static/parts.js").then(async ({{ Trace, readTheme }}) => {{ {TIMES} {TENTHS}
      document.querySelector("#tuning").open = true;
      const canvas = document.querySelector("#trace").cloneNode();
      document.querySelector("#trace").replaceWith(canvas);
      const trace = new Trace();
      document.body.append(canvas);
      trace.meet(["left_wrist"]);
      const theme = readTheme();
      const world = (t) => new Float32Array([0, t / 10, 0, 1]);
      for (const t of times.filter((t) => t > 3)) trace.take(
        {{ t_us: 1e6 * t, poses: isThere(t) ? [{{ id: 1, world: world(t), world_raw: world(t) }}] : [] }});
      await drawn(canvas, () => trace.draw(theme));
      return {{ tenths: tenths(canvas, 5, [52, 12], rgb(theme.accent)), jitterMm: trace.jitterMm }}; }})""")
    assert isinstance(found, dict)
    assert_broken(found["tenths"], 4)
    assert found["jitterMm"] == [pytest.approx(0, abs=0.01)] * 2  # a gap is no trembling


def test_latencies_are_not_joined_across_a_pause(page: Page, tmp_path: Path) -> None:
    fresh(page, tmp_path, "live/spark", "live/meter")
    found = page.ask("""import("/static/parts.js").then(async ({ Meter, Spark, readTheme }) => {
      const canvas = document.createElement("canvas");
      const meter = new Meter();
      for (let i = 0; i < 400; i++) meter.count(10 * i + (i < 300 ? 0 : 2000), i < 300 ? 5 : 50);
      const joined = Array.from({ length: meter.length }, (_, i) => meter.isJoined(i));
      document.body.append(canvas);
      const spark = new Spark(canvas);
      canvas.style.cssText = "position: fixed; top: 0; left: 0; width: 255px; height: 100px; display: block";
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)));
      spark.draw(meter, 100, readTheme());
      const { data } = canvas.getContext("2d").getImageData(150, 65, 10, 20);
      return { apart: joined.flatMap((is, i) => is ? [] : [i]), between: data.some((value) => value > 0) };
    })""")
    assert found == {"apart": [156], "between": False}
