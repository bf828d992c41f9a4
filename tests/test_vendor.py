"""The bundled three.js and three-vrm are what the packages named beside them make, and nothing else."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "streamer" / "vendor"
BUNDLE = ROOT / "streamer" / "web" / "vendor" / "three-vrm.js"


@pytest.mark.browser
def test_the_bundle_is_what_its_sources_make(tmp_path: Path) -> None:
    assert (VENDOR / "node_modules").is_dir(), "no node_modules; run: npm ci --prefix streamer/vendor"
    command = json.loads((VENDOR / "package.json").read_text())["scripts"]["build"]
    made = tmp_path / "three-vrm.js"
    command = command.replace("../web/vendor/three-vrm.js", str(made))
    subprocess.run(f"npx --no-install {command}", shell=True, cwd=VENDOR, check=True, capture_output=True)
    assert made.read_bytes() == BUNDLE.read_bytes(), "run: npm run build --prefix streamer/vendor"


def test_its_versions_are_those_of_the_notices() -> None:
    packages = json.loads((VENDOR / "package.json").read_text())["dependencies"]
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text()
    for name in ("three", "@pixiv/three-vrm"):
        assert f"`{name}` {packages[name]}" in notices
