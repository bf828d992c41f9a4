from collections.abc import Iterator
from pathlib import Path

import pytest

from streamer.config import NatsConfig
from streamer.nats.link import Link
from tests.nats.ends import Stranger
from tests.nats_server import NatsServer, nats_server


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with nats_server(Path(tmp_path_factory.mktemp("nats"))) as server:
        yield server


@pytest.fixture
def config(broker: NatsServer) -> NatsConfig:
    return NatsConfig(servers=(broker.url,))


@pytest.fixture
async def stranger(config: NatsConfig):
    link = Link(config, "stranger", lambda: None)
    link.start()
    await link.come_up()
    await link.subscribe("posewire.v1.*.time", Stranger(link).answer)
    yield Stranger(link)
    await link.close()
