"""Golden vectors of the wire; index.json lists them, generate.py writes them."""
