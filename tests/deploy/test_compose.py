"""deploy/compose.yml against what it starts: its files are there, and the posewire commands have these options."""

import argparse
import re
from typing import Any

import pytest
import yaml

from streamer.command import relay, serve
from tests.deploy.site import DEPLOY, NAMES

COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MADE = {f"certificates/{name}.pem" for name in ("ca", "broker", "broker-key")} | {"nats-keys.conf", "posewire.pem"}
MADE |= {f"keys/{name}.nk" for name in NAMES}


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_is_there_or_made_by_a_script(name: str) -> None:
    for volume in SERVICES[name]["volumes"]:
        source = volume.split(":")[0].removeprefix("./")
        assert (DEPLOY / source).exists() or source in MADE, volume


@pytest.mark.parametrize(("name", "command"), [("studio", serve), ("relay-1", relay), ("relay-2", relay)])
def test_the_commands_have_those_options(name: str, command: Any) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    command.add_options(parser)
    words = [*SERVICES[name].get("entrypoint", ["posewire", "serve"])[2:], *SERVICES[name]["command"]]
    options = parser.parse_args(words)
    assert [server.removeprefix("tls://") for server in options.nats] == [f"broker-{n}:4222" for n in (1, 2, 3)]
    inside = {volume.split(":")[1] for volume in SERVICES[name]["volumes"]}
    assert {str(options.nats_ca), str(options.nats_nkey)} <= inside


def test_the_names_are_those_of_the_configurations() -> None:
    brokers = {name for name in SERVICES if name.startswith("broker")}
    routes = re.findall(r"nats://([a-z0-9-]+):6222", (DEPLOY / "nats-cluster" / "broker.conf").read_text())
    assert {SERVICES[name]["environment"]["BROKER"] for name in brokers} == brokers == set(routes)
    servers = re.findall(r"^    server (\S+) (\S+):8765$", (DEPLOY / "haproxy.cfg").read_text(), re.M)
    assert {name for pair in servers for name in pair} == {name for name in SERVICES if name.startswith("relay")}
    trusted = [word for word in SERVICES["relay-1"]["command"] if word.startswith("--trusted-proxy=")]
    assert trusted == [f"--trusted-proxy={SERVICES['haproxy']['networks']['inside']['ipv4_address']}"]
