"""A small Posewire client."""
