"""Replay: recordings as live streams (docs/recording.md)."""
