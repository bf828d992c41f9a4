import pytest

from posewire.feed.address import Address, parse_address
from posewire.feed.errors import Refused


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8765", Address("127.0.0.1", 8765, False, "/stream", "")),
        (" localhost:8765/ ", Address("localhost", 8765, False, "/stream", "")),
        ("ws://studio:9000", Address("studio", 9000, False, "/stream", "")),
        ("http://studio:9000/?token=s%20ecret#view", Address("studio", 9000, False, "/stream", "s ecret")),
        ("https://studio/poses/stream?room=2&token=x", Address("studio", 443, True, "/poses/stream?room=2", "x")),
        ("wss://studio:1", Address("studio", 1, True, "/stream", "")),
        ("ws://[::1]:8765", Address("::1", 8765, False, "/stream", "")),
        ("STUDIO", Address("studio", 80, False, "/stream", "")),
        ("bücher.example:1", Address("xn--bcher-kva.example", 1, False, "/stream", "")),
    ],
)
def test_what_stands_for_a_server(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        ":8765",
        "ftp://studio",
        "ws://",
        "studio:notaport",
        "studio:99999",
        "studio:0",
        "user:password@studio:1",
        "stu dio:1",
        "studio:1/a b",
        "studio:1/\r\nHost: other",
        "[::1",
        "ws://studio:1/stream?x=\x00",
        "a" * 80 + "ü.example:1",
        "studio:1/?subscribe=*",
        "x" * 3000,
    ],
)
def test_what_is_no_address_is_said_in_one_line(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_address(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 200


def test_the_host_header() -> None:
    assert parse_address("ws://[::1]:8765").authority == "[::1]:8765"
    assert parse_address("studio:80").authority == "studio:80"
