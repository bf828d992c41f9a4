"""Beyond one machine: a node brings its streams to NATS, a relay takes those of all nodes from there."""
