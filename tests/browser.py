"""A real Chromium for end-to-end tests, driven as a user would."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness import read_line

FOLDER = Path(__file__).parent / "e2e" / "browser"
WEB = Path(__file__).parents[1] / "streamer" / "web"


class Page:
    """A page in a browser of its own; `do` runs a line of Playwright, `ask` a line in the page."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def do(self, expression: str) -> object:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(expression.split()) + "\n")
        self._process.stdin.flush()
        answer = json.loads(read_line(self._process, 60))
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def ask(self, expression: str) -> object:
        return self.do(f"await page.evaluate(() => {expression})")

    def until(self, condition: str, timeout_ms: int = 10_000) -> None:
        self.do(f"await page.waitForFunction(() => {condition}, null, {{timeout: {timeout_ms}}}) && null")

    def text(self, selector: str) -> str:
        return str(self.ask(f'document.querySelector("{selector}").textContent'))

    def parts(self, folder: Path, *modules: str) -> None:
        """Have modules of the page's sources, such as `live/angles`, at hand as `import("/static/parts.js")`."""
        entry, bundle = folder / "parts.ts", folder / "parts.js"
        sources = [WEB / "src" / module for module in modules]
        entry.write_text("".join(f"export * from {json.dumps(str(source))};\n" for source in sources), encoding="utf-8")
        command = [WEB / "node_modules" / ".bin" / "rolldown", entry, "--format", "esm", "--file", bundle]
        subprocess.run(command, cwd=WEB, check=True, capture_output=True)
        answer = json.dumps({"path": str(bundle), "contentType": "text/javascript"})
        self.do(f'await page.route("**/static/parts.js", (route) => route.fulfill({answer})) && null')

    def shoot(self, path: Path) -> None:
        self.do(f"await page.screenshot({{path: {json.dumps(str(path))}}})")


@contextmanager
def browse(url: str, **options: object) -> Iterator[Page]:
    """Open a page; what `page.mjs` takes as options, a list for one that is there several times."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no chromium on the PATH; on Debian: apt-get install chromium"
    assert (FOLDER / "node_modules").is_dir(), "no node_modules; run: npm ci --prefix tests/e2e/browser"
    lists = {
        key: value if isinstance(value, list) else [value] for key, value in {"chromium": chromium, **options}.items()
    }
    pairs = [f"{key}={value}" for key, values in lists.items() for value in values]
    process = subprocess.Popen(
        ["node", "page.mjs", url, *pairs], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert json.loads(read_line(process, 60)) == {"ready": True}
        yield Page(process)
    finally:
        process.communicate(timeout=20)  # the end of its input ends the browser
