from pathlib import Path

import pytest

from streamer.config import NatsConfig
from streamer.errors import UsageError
from streamer.nats.login import login, shown

SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"  # of NATS' documentation


def test_a_server_is_enough() -> None:
    assert login(NatsConfig(servers=("nats://a:4222", "nats://b"))) == {"servers": ["nats://a:4222", "nats://b"]}


@pytest.mark.parametrize("server", ["", "a", "http://a", "nats://", "nats://a:x", "nats://a:99999", "ws://a"])
def test_no_server(server: str) -> None:
    with pytest.raises(UsageError, match="is no NATS server; it is like nats://HOST:4222"):
        login(NatsConfig(servers=(server,)))


def test_a_password_is_never_shown() -> None:
    assert shown("nats://user:secret@host:1") == "nats://host:1"
    with pytest.raises(UsageError) as error:
        login(NatsConfig(servers=("http://user:secret@host:1",)))
    assert "secret" not in str(error.value)


def test_files_that_can_not_be(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("nothing of use")
    for config, text in (
        ({"credentials": tmp_path / "a"}, "--nats-creds .*/a: there is no such file"),
        ({"nkey": tmp_path / "a"}, "--nats-nkey .*/a: there is no such file"),
        ({"nkey": there}, "holds no NKey seed"),
        ({"credentials": there}, "holds no credentials as nsc makes them"),
        ({"ca": tmp_path / "a"}, "--nats-ca .*/a: No such file"),
        ({"ca": there}, "--nats-ca "),
        ({"credentials": there, "nkey": there}, "two ways to say who we are"),
    ):
        with pytest.raises(UsageError, match=text):
            login(NatsConfig(servers=("nats://a",), **config))


def test_a_seed_and_tls(tmp_path: Path) -> None:
    seed = tmp_path / "node.nk"
    seed.write_text(f"{SEED}\n")
    options = login(NatsConfig(servers=("tls://a",), nkey=seed))
    assert options["nkeys_seed"] == str(seed)
    assert options["tls"].check_hostname
