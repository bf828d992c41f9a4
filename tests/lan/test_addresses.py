import ipaddress

import pytest

from streamer.lan.addresses import lan_addresses, machine_names, make_url, reachable


def test_only_addresses_that_others_can_use() -> None:
    for text in lan_addresses():
        address = ipaddress.ip_address(text)
        assert not address.is_loopback
        assert not address.is_link_local
    versions = [ipaddress.ip_address(text).version for text in lan_addresses()]
    assert versions == sorted(versions)


def test_a_server_on_one_address_is_reached_there_and_one_on_all_on_any() -> None:
    assert reachable("192.168.7.1") == ["192.168.7.1"]
    assert reachable("studio.example") == ["studio.example"]
    assert reachable("::") == lan_addresses()
    assert reachable("0.0.0.0") == [text for text in lan_addresses() if ":" not in text]


def test_names_are_plain_and_mdns() -> None:
    for plain, mdns in zip(machine_names()[::2], machine_names()[1::2], strict=True):
        assert mdns == plain + ".local"


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        (("http", "10.0.0.1", 80, None), "http://10.0.0.1:80/"),
        (("http", "0.0.0.0", 80, "abc"), "http://0.0.0.0:80/?token=abc"),
        (("https", "fe80::1", 8765, "abc"), "https://[fe80::1]:8765/?token=abc"),
        (("http", "10.0.0.1", 80, "a b&c#d"), "http://10.0.0.1:80/?token=a%20b%26c%23d"),
    ],
)
def test_urls(parts: tuple[str, str, int, str | None], url: str) -> None:
    assert make_url(*parts) == url
