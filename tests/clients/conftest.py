"""What the tests of Unity's layer start: the compiled program once, a scene and a server for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.unity_scenes import Scenes, ScriptedServer, compile_scenes, playing, scripted
from tests.harness import ServerProcess, running_server


@pytest.fixture(scope="session")
def unity_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_scenes(tmp_path_factory.mktemp("scenes"))


@pytest.fixture
def scenes(unity_program: Path, tmp_path: Path) -> Iterator[Scenes]:
    with playing(unity_program, tmp_path / "scenes.log") as scenes:
        yield scenes


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted() as server:
        yield server


@pytest.fixture(scope="module")  # it takes most of a processor, which the other tests need
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("demo"), "--model", "lite") as server:
        yield server
