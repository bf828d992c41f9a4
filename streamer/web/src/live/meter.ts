// Rate and latency of the frames of the last few seconds.

import { GAP_S } from "./gap";

const WINDOW = 256; // frames
const RATE_MS = 2000;

// Rings of fixed size: a frame costs no allocation here.
export class Meter {
  private readonly arrivals = new Float64Array(WINDOW);
  private readonly latencies = new Float32Array(WINDOW);
  private readonly joined = new Uint8Array(WINDOW); // to the latency before
  private readonly sorted = new Float32Array(WINDOW);
  private arrived = 0;
  private timed = 0;

  reset(): void {
    this.arrived = 0;
    this.timed = 0;
  }

  // latencyMs is null as long as the clocks aren't in step.
  count(nowMs: number, latencyMs: number | null): void {
    const pausedMs = this.arrived ? nowMs - this.arrivals[(this.arrived - 1) % WINDOW] : Infinity;
    this.arrivals[this.arrived++ % WINDOW] = nowMs;
    if (latencyMs === null) return;
    this.joined[this.timed % WINDOW] = Number(pausedMs <= 1000 * GAP_S);
    this.latencies[this.timed++ % WINDOW] = latencyMs;
  }

  fps(nowMs: number): number | null {
    let count = 0;
    let first = nowMs;
    const oldest = Math.max(0, this.arrived - WINDOW);
    for (let i = this.arrived - 1; i >= oldest && this.arrivals[i % WINDOW] > nowMs - RATE_MS; i--) {
      first = this.arrivals[i % WINDOW];
      count++;
    }
    if (count < 3) return null;
    return ((count - 1) / (this.arrivals[(this.arrived - 1) % WINDOW] - first)) * 1000;
  }

  get length(): number {
    return Math.min(this.timed, WINDOW);
  }

  // The i-th of the latencies held, oldest first.
  at(i: number): number {
    return this.latencies[(this.timed - this.length + i) % WINDOW];
  }

  /** Whether that frame came right after the one before. */
  isJoined(i: number): boolean {
    return this.joined[(this.timed - this.length + i) % WINDOW] === 1;
  }

  latency(share: number): number | null {
    if (!this.length) return null;
    const sorted = this.sorted.subarray(0, this.length);
    sorted.set(this.latencies.subarray(0, this.length));
    sorted.sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}
