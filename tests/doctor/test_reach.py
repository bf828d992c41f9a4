import time
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from streamer.doctor import reach
from streamer.doctor.reach import check_clock, check_network
from streamer.lan import addresses


def interface(folder: Path, name: str, flags: int) -> None:
    (folder / name).mkdir()
    (folder / name / "flags").write_text(f"{flags:#x}\n")


def test_addresses_and_multicast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "lan_addresses", lambda: ["192.168.0.7"])
    interface(tmp_path, "lo", 0x1049)
    interface(tmp_path, "eth0", 0x1002)  # down
    interface(tmp_path, "tun0", 0x41)
    (tmp_path / "bonding_masters").touch()
    found = check_network("0.0.0.0", tmp_path)
    assert [(finding.level, finding.text) for finding in found] == [
        ("ok", "192.168.0.7"),
        ("note", "no network with multicast"),
    ]
    interface(tmp_path, "wlan0", 0x1003)
    found = check_network("127.0.0.1", tmp_path)
    assert found[0].text == "192.168.0.7; 127.0.0.1 is for this machine only, --host 0.0.0.0 lets others connect"
    assert found[1].text.startswith("multicast on wlan0, ")
    monkeypatch.setattr(addresses, "lan_addresses", list)
    assert check_network("0.0.0.0", tmp_path)[0].level == "note"


def test_a_clock_that_is_wrong_or_coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.level for finding in check_clock()] == ["ok"]
    monkeypatch.setattr(time, "get_clock_info", lambda name: SimpleNamespace(resolution=0.0156))
    [found] = check_clock()
    assert (found.level, "steps of 16 ms" in found.text) == ("note", True)

    class Epoch(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(1970, 1, 1, tzinfo=timezone.utc)

    monkeypatch.setattr(reach, "datetime", Epoch)
    assert [(finding.level, finding.text) for finding in check_clock()] == [("problem", "the date is 1970-01-01")]
