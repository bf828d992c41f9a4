"""From a take to the files that other programs read, one module a format. Pure: what is written is made as bytes."""
