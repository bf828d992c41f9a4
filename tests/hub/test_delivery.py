import numpy as np
import pytest

from streamer.hub.delivery import WRITE_US, Client, Delivery
from streamer.hub.session import Subscription, View


@pytest.mark.parametrize(
    ("source_fps", "max_fps", "expected"), [(60, 30, 30), (60, 25, 25), (30, 30, 30), (29.97, 30, 29.97), (25, 60, 25)]
)
def test_max_fps_holds_on_average(source_fps: float, max_fps: float, expected: float) -> None:
    subscription = Subscription(1, "a", View(("world",), (0,), "f32"), round(1e6 / max_fps))
    delivery = Delivery(None, subscription, "a")
    rng = np.random.default_rng(0)
    times = [round((i + rng.uniform(-0.1, 0.1)) / source_fps * 1e6) for i in range(1, round(20 * source_fps))]
    passed = sum(delivery.is_due(t) for t in times)
    assert passed / 20 == pytest.approx(expected, rel=0.02)
    assert passed <= 20 * max_fps + 1


def test_a_gap_is_not_caught_up_with_a_burst() -> None:
    delivery = Delivery(None, Subscription(1, "a", View(("world",), (0,), "f32"), 100_000), "a")
    assert [delivery.is_due(t) for t in (0, 50_000, 5_000_000, 5_050_000, 5_100_000)] == [
        True,
        False,
        True,
        False,
        True,
    ]


def test_one_subscription_to_each_stream_costs_nothing() -> None:
    client = Client(None, None)
    view = View(("world",), (0,), "f32")
    wishes = [(Subscription(id, "*", view, 0), stream) for id in range(2) for stream in "ab"]
    client.deliveries = {key: Delivery(client, *key) for key in wishes}
    client.note_costs()
    assert [delivery.write_us for delivery in client.deliveries.values()] == [0.0, 0.0, WRITE_US, WRITE_US]
    del client.deliveries[wishes[0]]
    client.note_costs()
    assert [delivery.write_us for delivery in client.deliveries.values()] == [0.0, 0.0, WRITE_US]
