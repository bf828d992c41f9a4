"""The built page and the built web client are what their sources make, and nothing else."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE, CLIENT = ROOT / "streamer" / "web", ROOT / "clients" / "web"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.browser
@pytest.mark.parametrize("folder", [CLIENT, PAGE], ids=["client", "page"])
def test_what_is_built_is_what_the_sources_make(folder: Path, tmp_path: Path) -> None:
    assert (folder / "node_modules").is_dir(), f"no node_modules; run: npm ci --prefix {folder.relative_to(ROOT)}"
    # Built in a copy: a build in place would mend what it is to be compared with.
    copy = tmp_path / folder.relative_to(ROOT)
    shutil.copytree(folder, copy, symlinks=True)
    shutil.rmtree(copy / "dist")
    if folder == PAGE:
        shutil.copytree(CLIENT / "dist", tmp_path / CLIENT.relative_to(ROOT) / "dist")
        shutil.copy(CLIENT / "package.json", tmp_path / CLIENT.relative_to(ROOT))
    built = subprocess.run(["npm", "run", "build"], cwd=copy, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    hint = f"run: npm run build --prefix {folder.relative_to(ROOT)}"
    made, committed = files(copy / "dist"), files(folder / "dist")
    assert made.keys() == committed.keys(), hint
    assert [name for name in made if made[name] != committed[name]] == [], hint


def test_the_versions_bundled_are_those_of_the_notices() -> None:
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    page = ("three", "@pixiv/three-vrm", "swagger-ui-dist", "fflate", "@mcap/core", "fzstd")
    for folder, names in ((PAGE, page), (CLIENT, ("@msgpack/msgpack",))):
        package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        versions = package.get("dependencies", {}) | package["devDependencies"]
        for name in names:
            assert f"`{name}` {versions[name]}" in notices
