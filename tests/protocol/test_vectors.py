import json
from pathlib import Path

import pytest

from protocol import ProtocolError, decode, encode
from protocol.errors import CODES
from protocol.vectors import generate

FOLDER = Path(generate.__file__).parent
INDEX = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
VALID = [entry for entry in INDEX if entry["kind"] == "valid"]
INVALID = [entry for entry in INDEX if entry["kind"] == "invalid"]


def name(entry: dict) -> str:
    return entry["name"]


def read(entry: dict, suffix: str) -> bytes | str:
    data = (FOLDER / f"{entry['name']}.{suffix}").read_bytes()
    return data.decode("utf-8") if suffix == "json" else data


def test_the_generator_writes_them_byte_for_byte(tmp_path: Path) -> None:
    generate.write(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in (".json", ".msgpack")}
    assert written == kept


@pytest.mark.parametrize("entry", VALID, ids=name)
def test_both_forms_decode_to_the_same_message(entry: dict) -> None:
    dtypes = dict.fromkeys((1, 2**31 - 1), entry["dtype"])
    binary = decode(read(entry, "msgpack"), dtypes=dtypes)
    assert decode(read(entry, "json"), dtypes=dtypes) == binary
    expected, _, _ = generate.valid()[entry.get("equals", entry["name"])]
    assert binary == expected
    if "equals" not in entry:
        assert encode(binary) == read(entry, "msgpack")
        assert encode(binary, "json").decode() == read(entry, "json")


@pytest.mark.parametrize("entry", INVALID, ids=name)
def test_invalid_ones_give_their_code(entry: dict) -> None:
    with pytest.raises(ProtocolError) as error:
        decode(read(entry, entry["form"]))
    assert error.value.code == entry["error"]
    assert error.value.message.isprintable()
    assert len(error.value.message) <= 200


def test_every_code_that_decoding_can_give_has_a_vector() -> None:
    by_the_session = {"wrong_kind", "unknown_stream", "unknown_subscription", "too_many_subscriptions", "internal"}
    assert {entry["error"] for entry in INVALID} == CODES - by_the_session
