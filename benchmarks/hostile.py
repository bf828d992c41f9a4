"""What the worst 64 KiB messages cost a server: processor time and memory to decode, by case.

    python -m benchmarks.hostile [--rounds 15] [--all]

The cases are those of `tests/protocol/hostile.py`. Processor time, of this thread alone, is the least of the rounds and
their 95th percentile; memory is the most that decoding held beyond what was there, as Python counts it, and what was
left after it. Ends with status 1 where a case is over 10 ms or 2 MB.
"""

import argparse
import gc
import sys
import time
import tracemalloc

from tests.protocol.hostile import MAX_CPU_S, MAX_MEMORY_BYTES, cases, outcome


def cpu_s(data: bytes | str, rounds: int) -> list[float]:
    spent = []
    for _ in range(rounds):
        start = time.thread_time()
        outcome(data)
        spent.append(time.thread_time() - start)
    return sorted(spent)


def memory_bytes(data: bytes | str) -> tuple[int, int]:
    """At most while decoding, and left over."""
    gc.collect()
    tracemalloc.start()
    outcome(data)
    left, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak, left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--all", action="store_true", help="all cases, not only the worst ten of each kind")
    options = parser.parse_args()
    rows = []
    for name, data in cases().items():
        spent = cpu_s(data, options.rounds)
        rows.append((name, outcome(data), spent[0], spent[int(0.95 * (len(spent) - 1))], *memory_bytes(data)))
    worst = sorted(rows, key=lambda row: -max(row[2] / MAX_CPU_S, row[4] / MAX_MEMORY_BYTES))
    print("| message of at most 64 KiB | answer | ms, least | ms, p95 | MB at most | kB left |")
    print("|---|---|---:|---:|---:|---:|")
    for name, answer, least, p95, peak, left in worst if options.all else worst[:20]:
        print(f"| {name} | {answer} | {least * 1e3:.2f} | {p95 * 1e3:.2f} | {peak / 1e6:.2f} | {left / 1e3:.1f} |")
    over = [name for name, _, least, _, peak, _ in rows if least > MAX_CPU_S or peak > MAX_MEMORY_BYTES]
    limits = f"{MAX_CPU_S * 1e3:g} ms or {MAX_MEMORY_BYTES / 1e6:g} MB"
    print(f"\n{len(rows)} cases; over {limits}: {', '.join(over) or 'none'}")
    sys.exit(bool(over))


if __name__ == "__main__":
    main()
