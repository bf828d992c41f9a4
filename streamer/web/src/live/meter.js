// Rate and latency of the frames of the last few seconds, and the offset between the server's clock and ours.

const WINDOW = 256; // frames
const RATE_MS = 2000;
const SYNC_SAMPLES = 8;

export function nowUs() {
  return Math.round(performance.now() * 1000);
}

// Rings of fixed size: a frame costs no allocation here.
export class Meter {
  constructor() {
    this.arrivals = new Float64Array(WINDOW);
    this.latencies = new Float32Array(WINDOW);
    this.sorted = new Float32Array(WINDOW);
    this.reset();
  }

  reset() {
    this.arrived = 0;
    this.timed = 0;
  }

  // latencyMs is null as long as the clocks aren't in step.
  count(nowMs, latencyMs) {
    this.arrivals[this.arrived++ % WINDOW] = nowMs;
    if (latencyMs !== null) this.latencies[this.timed++ % WINDOW] = latencyMs;
  }

  fps(nowMs) {
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

  get length() {
    return Math.min(this.timed, WINDOW);
  }

  // The i-th of the latencies held, oldest first.
  at(i) {
    return this.latencies[(this.timed - this.length + i) % WINDOW];
  }

  latency(share) {
    if (!this.length) return null;
    const sorted = this.sorted.subarray(0, this.length);
    sorted.set(this.latencies.subarray(0, this.length));
    sorted.sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }
}

// NTP's way, as SPEC.md has it: of the last eight answers the one with the smallest round trip is trusted.
export class Clock {
  constructor() {
    this.samples = [];
    this.offsetUs = null; // server's clock minus ours
  }

  reset() {
    this.samples.length = 0;
    this.offsetUs = null;
  }

  take({ t0_us: t0, t1_us: t1, t2_us: t2 }) {
    const t3 = nowUs();
    this.samples.push({ roundTrip: t3 - t0 - (t2 - t1), offset: (t1 - t0 + (t2 - t3)) / 2 });
    if (this.samples.length > SYNC_SAMPLES) this.samples.shift();
    this.offsetUs = this.samples.reduce((best, sample) => (sample.roundTrip < best.roundTrip ? sample : best)).offset;
  }
}
