"""A small Posewire client: subscribe, always the latest frame, reconnect, clock sync."""

from posewire_client.client import Client, ConnectionRefused, State
from posewire_client.clock import ClockSync

__all__ = ["Client", "ClockSync", "ConnectionRefused", "State"]
