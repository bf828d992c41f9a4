// The server's clock as seen from here.

const SAMPLES = 8;

/** This page's own monotonic clock, microseconds. */
export function nowUs(): number {
  return Math.round(performance.now() * 1000);
}

/** As in NTP: of the last few exchanges the one with the shortest round trip counts (RFC 5905, clock filter). */
export class Clock {
  /** Server clock minus ours, microseconds; null before the first exchange. */
  offsetUs: number | null = null;
  /** Of the exchange that counts, microseconds. */
  roundTripUs: number | null = null;
  private samples: { roundTripUs: number; offsetUs: number }[] = [];

  reset(): void {
    this.samples = [];
    this.offsetUs = this.roundTripUs = null;
  }

  /** t0 and t3: our clock at asking and at the answer; t1 and t2: the server's at both. */
  take(t0Us: number, t1Us: number, t2Us: number, t3Us: number): void {
    this.samples.push({ roundTripUs: t3Us - t0Us - (t2Us - t1Us), offsetUs: (t1Us - t0Us + (t2Us - t3Us)) / 2 });
    if (this.samples.length > SAMPLES) this.samples.shift();
    const best = this.samples.reduce((a, b) => (b.roundTripUs < a.roundTripUs ? b : a));
    this.offsetUs = best.offsetUs;
    this.roundTripUs = best.roundTripUs;
  }
}
