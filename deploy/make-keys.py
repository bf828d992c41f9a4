#!/usr/bin/env python3
"""NKeys for nodes and relays: `./make-keys.py NAME ...`, with the Python that Posewire is installed in.

For each name it makes keys/NAME.nk, the seed, which goes to that machine and nowhere else (posewire --nats-nkey); and
adds its public key to nats-keys.conf, for the server. Names that have a seed keep it.
"""

import os
import re
import sys
from pathlib import Path

import nkeys

SEEDS = Path("keys")
PUBLIC = Path("nats-keys.conf")


def main() -> None:
    """Make what isn't there yet."""
    names = sys.argv[1:]
    if not names or not all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,31}", name) for name in names):
        sys.exit("usage: make-keys.py NAME ..., each of letters, digits, - and _")
    SEEDS.mkdir(mode=0o700, exist_ok=True)
    known = PUBLIC.read_text() if PUBLIC.exists() else ""
    for name in names:
        key = name.upper().replace("-", "_")
        line = f'{key}: "{public_key(SEEDS / f"{name}.nk")}"\n'
        if line not in known:
            known = re.sub(rf"^{key}:.*\n", "", known, flags=re.MULTILINE) + line
    PUBLIC.write_text(known)


def public_key(path: Path) -> str:
    """Of the seed in that file, which is made where there is none."""
    if not path.exists():
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(seed + b"\n")
    return nkeys.from_seed(bytearray(path.read_bytes().strip())).public_key.decode()


if __name__ == "__main__":
    main()
