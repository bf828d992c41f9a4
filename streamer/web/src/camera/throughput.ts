// Bytes a second, over the last two.

const WINDOW_MS = 2000;

export class Throughput {
  private counts: { ms: number; bytes: number }[] = [];

  count(bytes: number, nowMs: number): void {
    this.counts.push({ ms: nowMs, bytes });
    this.forget(nowMs);
  }

  bytesPerSecond(nowMs: number): number {
    this.forget(nowMs);
    return this.counts.reduce((sum, { bytes }) => sum + bytes, 0) / (WINDOW_MS / 1000);
  }

  private forget(nowMs: number): void {
    while (this.counts.length && this.counts[0].ms < nowMs - WINDOW_MS) this.counts.shift();
  }
}
