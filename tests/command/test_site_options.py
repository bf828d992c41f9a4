import argparse
from pathlib import Path

import pytest

from streamer.command import site_options
from streamer.config import NatsConfig, SiteConfig
from streamer.errors import UsageError


def parse(*arguments: str) -> SiteConfig:
    parser = argparse.ArgumentParser()
    site_options.add_options(parser)
    site_options.add_nats_options(parser, "for tests")
    return SiteConfig(**site_options.settings(parser.parse_args(arguments)))


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POSEWIRE_TOKEN", "POSEWIRE_READ_TOKEN", "POSEWIRE_NATS"):
        monkeypatch.delenv(name, raising=False)


def test_without_options_it_is_the_default() -> None:
    assert parse() == SiteConfig()


def test_tokens_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSEWIRE_TOKEN", "a")
    monkeypatch.setenv("POSEWIRE_READ_TOKEN", "b")
    assert (parse().token, parse().read_token) == ("a", "b")
    assert (parse("--token", "c").token, parse("--token", "c").read_token) == ("c", "b")
    assert parse("--no-auth").token is None
    with pytest.raises(UsageError, match="--token is empty"):
        parse("--token", " ")


def test_nats_comes_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse("--nats", "nats://a", "--nats", "nats://b").nats == NatsConfig(servers=("nats://a", "nats://b"))
    monkeypatch.setenv("POSEWIRE_NATS", "nats://u:p@a:1, nats://b")
    assert parse().nats == NatsConfig(servers=("nats://u:p@a:1", "nats://b"))
    assert parse("--nats-ca", "x.pem").nats == NatsConfig(servers=("nats://u:p@a:1", "nats://b"), ca=Path("x.pem"))
    monkeypatch.setenv("POSEWIRE_NATS", "")
    assert parse().nats is None
    for option in ("--nats-creds", "--nats-nkey", "--nats-ca"):
        with pytest.raises(UsageError, match=f"{option} goes with --nats"):
            parse(option, "x")
