"""The page in a real browser: when the first skeleton stands on it, how many frames reach it, what it weighs.

    python -m benchmarks.page [--loads 7] [--seconds 15] [--model full]

Server and Chromium share one machine; without a graphics card WebGL runs on its processors too, beside the engine.
"first skeleton": from the start of navigation, nothing cached, until the first person's points are drawn. "received":
by the page while it draws both views. Weight: all that the page loads until it shows the avatar.
"""

import argparse
import gzip
import statistics
import tempfile
import urllib.request
from pathlib import Path

from tests.browser import Page, browse
from tests.harness import ServerProcess, running_server

WHEN_DRAWN = """await page.evaluate(() => new Promise((done) => {
    const look = () => window.posewire?.picture?.length ? done(performance.now()) : requestAnimationFrame(look);
    look(); }))"""


def first_skeleton_ms(server: ServerProcess) -> float:
    with browse(server.url) as page:
        page.do("await page.goto('about:blank') && null")
        page.do(f"await page.goto({server.url!r}, {{waitUntil: 'commit'}}) && null")
        return float(str(page.do(WHEN_DRAWN)))


def frames_per_second(page: Page, seconds: float) -> tuple[float, float]:
    """Frames received and pictures drawn, a second."""
    page.until("window.posewire?.picture?.length > 0", 60_000)
    count = f"""new Promise((done) => {{ let drawn = 0; const from = performance.now(), first = posewire.frames;
        const draw = (now) => {{ drawn += 1; now - from > {1000 * seconds}
            ? done([(posewire.frames - first) / (now - from) * 1000, drawn / (now - from) * 1000])
            : requestAnimationFrame(draw); }}; requestAnimationFrame(draw); }})"""
    received, drawn = page.ask(count)
    return received, drawn


def weight(page: Page, server: ServerProcess) -> list[tuple[str, int, int]]:
    """Name, bytes and gzipped bytes of each file."""
    urls = {url for url in page.do("seen.requests") if url.startswith("http")}
    rows = []
    for url in sorted(urls):
        if any(part in url for part in ("/settings", "/cameras", "/preview")):
            continue
        with urllib.request.urlopen(url) as answer:
            body = answer.read()
        rows.append((url.removeprefix(server.url) or "/", len(body), len(gzip.compress(body))))
    return rows


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--loads", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--model", default="full")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder), "--model", options.model) as server:
        times = [first_skeleton_ms(server) for _ in range(options.loads)]
        median, longest = statistics.median(times), max(times)
        print(f"first skeleton after {median:.0f} ms (median of {len(times)}; the longest {longest:.0f})")
        with browse(server.url) as page:
            received, drawn = frames_per_second(page, options.seconds)
            print(f"{received:.1f} frames a second received, {drawn:.1f} pictures a second drawn")
            rows = weight(page, server)
    rows.append(("in all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    for name, size, packed in rows:
        print(f"{name:40} {size / 1000:8.1f} kB {packed / 1000:8.1f} kB gzipped")


if __name__ == "__main__":
    main()
