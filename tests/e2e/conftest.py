"""What the tests of the page share."""

from collections.abc import Iterator

import pytest

from tests.harness import ServerProcess, running_server


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("demo"), "--model", "lite") as server:
        yield server
