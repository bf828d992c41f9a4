"""The Blender receiver inside Blender: built, validated, installed as a user does, on a real server.

Scripts in `blender/` run under a Python that has Blender as a module (see tests/run.py). There timers don't fire and
nothing is drawn; so one of them runs in Blender's own window, on a virtual display, with whatever Blender is installed.
"""

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.harness import running_server

HERE = Path(__file__).parent / "blender"
PYTHON = HERE / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
BUILD = Path(__file__).parents[2] / "clients" / "blender" / "build.py"

pytestmark = pytest.mark.timeout(600)


def build(folder: Path) -> Path:
    spec = importlib.util.spec_from_file_location("blender_build", BUILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build(folder)


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("extension"))


def inside(tmp_path: Path, *arguments: str) -> str:
    """A command under Blender's Python with settings of its own; what it printed."""
    result = subprocess.run(
        [PYTHON, *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=550,
        cwd=tmp_path,
        check=False,
        env={"PATH": "/usr/bin:/bin", "BLENDER_USER_RESOURCES": str(tmp_path / "user"), "LANG": "C.UTF-8"},
    )
    assert result.returncode == 0, f"{result.stdout[-6000:]}\n{result.stderr[-6000:]}"
    return result.stdout


def test_the_same_files_give_the_same_bytes(extension: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == extension.read_bytes()


def test_the_zip_has_the_add_on_and_nothing_else(extension: Path) -> None:
    with zipfile.ZipFile(extension) as archive:
        names = archive.namelist()
    assert {"posewire/__init__.py", "posewire/blender_manifest.toml", "posewire/LICENSE"} <= set(names)
    assert all(name.startswith("posewire/") for name in names)
    assert not [name for name in names if "test" in name or "__pycache__" in name]


@pytest.mark.blender
def test_blender_finds_the_extension_valid(extension: Path, tmp_path: Path) -> None:
    code = "import bpy; print(bpy.utils.resource_path('LOCAL'))"
    folder = Path(inside(tmp_path, "-c", code).strip().splitlines()[-1])
    [checker] = (folder / "scripts").rglob("blender_ext.py")
    assert "Success" in inside(tmp_path, str(checker), "validate", str(extension))


@pytest.mark.blender
@pytest.mark.parametrize("script", ["pose", "record", "lifecycle"])
def test_inside_blender(script: str, extension: Path, tmp_path: Path) -> None:
    output = inside(tmp_path, str(HERE / f"{script}.py"), sys.executable, str(extension))
    assert output.rstrip().endswith("all passed"), output[-3000:]


@pytest.mark.blender_gui
def test_in_blenders_window(extension: Path, tmp_path: Path) -> None:
    """Blender's own timer moves the figure, and the panels are drawn."""
    with running_server(tmp_path, "--model", "lite") as server:
        result = subprocess.run(
            [
                *("xvfb-run", "-a", "-s", "-screen 0 1024x768x24 +extension GLX"),
                *("blender", "--factory-startup", "--window-geometry", "0", "0", "1024", "768"),
                *("--python", str(HERE / "window.py"), "--", str(extension), f"127.0.0.1:{server.port}"),
            ],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=500,
            cwd=tmp_path,
            check=False,
            # Nothing of the Python that runs the tests: Blender has its own.
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "BLENDER_USER_RESOURCES": str(tmp_path / "user"),
                "BLENDER_USER_SCRIPTS": str(tmp_path / "scripts"),
                "BLENDER_USER_CONFIG": str(tmp_path / "config"),
                "LIBGL_ALWAYS_SOFTWARE": "1",
                "LANG": "C.UTF-8",
            },
        )
    assert result.returncode == 0, f"{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    assert "all passed" in result.stdout
