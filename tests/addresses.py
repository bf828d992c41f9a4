"""Many clients on one machine: each address of 127.0.0.0/8 is another client to the server."""

PER_ADDRESS = 30
"""Connections of each, fewer than a server allows."""


def source_address(index: int) -> tuple[str, int]:
    """What the client of this number binds to; up to 7590 at a time."""
    return f"127.0.0.{2 + index // PER_ADDRESS % 253}", 0
