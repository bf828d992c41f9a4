"""Fan-out: from one frame to each client's view of it."""
