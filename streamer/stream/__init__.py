"""One live stream: from a source's pictures to people on their way to the hub."""
