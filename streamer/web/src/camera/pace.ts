// How large and how fine the pictures are: as good as the way to the server carries without getting late.

export interface Level {
  /** Of the side that the user chose. */
  scale: number;
  /** Of the JPEG. */
  quality: number;
}

const LEVELS: readonly Level[] = [
  { scale: 1, quality: 0.8 }, { scale: 1, quality: 0.6 }, { scale: 0.75, quality: 0.6 },
  { scale: 0.5, quality: 0.6 }, { scale: 0.5, quality: 0.4 },
];
const SLOW_MS = 180; // from sending to acknowledgement
const QUICK_MS = 90;
const MEMORY_MS = 1000; // of the average
const PATIENCE_MS = 1000; // before a change, and the same again before the next
const CAUTION_MS = 5000; // before it gets better

export class Pace {
  private index = 0;
  private average: number | null = null;
  private countedMs = 0;
  private changedMs = 0;

  get level(): Level {
    return LEVELS[this.index];
  }

  reset(nowMs: number): void {
    this.index = 0;
    this.settle(nowMs);
  }

  /** A picture was acknowledged. */
  count(roundTripMs: number, nowMs: number): void {
    const share = 1 - Math.exp((this.countedMs - nowMs) / MEMORY_MS);
    this.average = this.average === null ? roundTripMs : this.average + share * (roundTripMs - this.average);
    this.countedMs = nowMs;
    const sinceMs = nowMs - this.changedMs;
    if (this.average > SLOW_MS && sinceMs > PATIENCE_MS) this.move(1, nowMs);
    else if (this.average < QUICK_MS && sinceMs > CAUTION_MS) this.move(-1, nowMs);
  }

  /** A picture had more bytes than the server takes. */
  shrink(nowMs: number): void {
    this.move(1, nowMs);
  }

  private move(by: number, nowMs: number): void {
    this.index = Math.min(LEVELS.length - 1, Math.max(0, this.index + by));
    this.settle(nowMs);
  }

  private settle(nowMs: number): void {
    this.average = null;
    this.changedMs = nowMs;
  }
}
