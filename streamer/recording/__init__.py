"""Recordings: what a server streams, kept in MCAP files (docs/recording.md). Writing, reading and mending them."""
