import threading
import time

from streamer.slot import Slot


def test_the_latest_item_wins() -> None:
    slot: Slot[int] = Slot()
    assert slot.take() is None
    assert slot.put(1)
    assert not slot.put(2)
    assert not slot.put(3)
    assert slot.replaced == 2
    assert slot.take() == 3
    assert slot.take() is None


def test_take_waits_for_a_put_from_another_thread() -> None:
    slot: Slot[int] = Slot()
    threading.Timer(0.05, slot.put, [7]).start()
    assert slot.take(5) == 7


def test_put_wait_loses_nothing() -> None:
    slot: Slot[int] = Slot()
    seen = []

    def consume() -> None:
        while (item := slot.take(None)) is not None:
            time.sleep(0.001)
            seen.append(item)

    thread = threading.Thread(target=consume)
    thread.start()
    assert all(slot.put_wait(item, 5) for item in range(1, 100))
    slot.close()
    thread.join(5)
    assert seen == list(range(1, 100))


def test_put_wait_gives_up() -> None:
    slot: Slot[int] = Slot()
    slot.put(1)
    assert not slot.put_wait(2, 0.01)
    assert slot.take() == 1


def test_close_wakes_everyone_and_keeps_the_last_item() -> None:
    slot: Slot[int] = Slot()
    results: list[object] = []
    waiting = threading.Thread(target=lambda: results.append(slot.take(None)))
    waiting.start()
    pausing = threading.Thread(target=lambda: results.append(slot.wait_closed(10)))
    pausing.start()
    slot.close()
    waiting.join(5)
    pausing.join(5)
    assert sorted(map(str, results)) == ["None", "True"]
    assert slot.closed
    assert not slot.put(1)
    assert not slot.put_wait(1)

    full: Slot[int] = Slot()
    full.put(5)
    full.close()
    assert full.take() == 5
    assert not Slot[int]().wait_closed(0.001)
