// How many bytes a subscription really takes: of the frames of the last few seconds.

const WINDOW_MS = 4000;

export class Traffic {
  private readonly frames: { atMs: number; bytes: number }[] = [];

  reset(): void {
    this.frames.length = 0;
  }

  count(atMs: number, bytes: number): void {
    this.frames.push({ atMs, bytes });
    while (atMs - this.frames[0].atMs > WINDOW_MS) this.frames.shift();
  }

  /** Of the frames held; null where there are too few. */
  get measured(): { fps: number; bytesPerFrame: number; kBps: number } | null {
    if (this.frames.length < 3) return null;
    const [first, ...later] = this.frames; // as many gaps as frames: the first one's bytes belong to the time before
    const seconds = (this.frames[this.frames.length - 1].atMs - first.atMs) / 1000;
    const bytes = later.reduce((sum, frame) => sum + frame.bytes, 0);
    return { fps: later.length / seconds, bytesPerFrame: bytes / later.length, kBps: bytes / seconds / 1000 };
  }
}
