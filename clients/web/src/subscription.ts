// One subscription of a client: its frames and what is known of them.

import type { Frame, Refusal, Subscribe, Subscribed } from "./messages.js";

export class Subscription {
  /** The newest frame, null before the first and after a connection was lost. */
  frame: Frame | null = null;
  /** When it came, on performance.now's clock. */
  frameMs = 0;
  /** Its age when it came: from capture to here, ms; null as long as the clocks aren't in step. */
  latencyMs: number | null = null;
  /** Received since the subscription was made, and how many bytes they had. */
  frames = 0;
  bytes = 0;
  /** Frames that this connection was too slow for, as the server counts them. */
  dropped = 0;
  /** The server's answer: landmarks in the order of the arrays' rows. */
  answer: Subscribed | null = null;
  /** The server's reason where it said no. */
  refusal: Refusal | null = null;
  onframe: (frame: Frame) => void = () => {};
  private unanswered = 0; // questions: the frames that come meanwhile are of an earlier wish

  constructor(
    readonly id: number,
    public wish: Subscribe,
    private readonly send: (message: object) => boolean,
    private readonly forget: () => void,
  ) {}

  /** Ask for something else instead. */
  change(wish: Subscribe): void {
    this.wish = wish;
    this.clear();
    this.ask();
  }

  /** No frame comes any more. */
  end(): void {
    this.onframe = () => {};
    this.send({ type: "unsubscribe", id: this.id });
    this.forget();
  }

  /** For the client: send the wish. */
  ask(): void {
    this.refusal = null;
    if (this.send({ type: "subscribe", id: this.id, ...this.wish })) this.unanswered += 1;
  }

  /** For the client: whether this connection knows of it. */
  get isAsked(): boolean {
    return this.unanswered > 0 || this.answer !== null || this.refusal !== null;
  }

  /** For the client: whether it is refused for want of this stream. */
  misses(stream: string): boolean {
    return this.refusal?.code === "unknown_stream" && this.wish.stream === stream;
  }

  /** For the client: the server agreed. */
  begin(answer: Subscribed): void {
    if (this.unanswered) this.unanswered -= 1;
    if (this.unanswered) return; // the answer to an earlier wish
    this.answer = answer;
    this.refusal = null;
  }

  /** For the client: the server said no. */
  refuse(refusal: Refusal): void {
    if (this.unanswered) this.unanswered -= 1;
    if (this.unanswered) return;
    this.clear();
    this.refusal = refusal;
  }

  /** For the client: a frame came. */
  take(frame: Frame, bytes: number, serverNowUs: number | null): void {
    if (!this.answer || this.unanswered) return; // of an earlier wish
    this.frame = frame;
    this.frameMs = performance.now();
    this.latencyMs = serverNowUs === null ? null : (serverNowUs - frame.t_us) / 1000;
    this.frames += 1;
    this.bytes += bytes;
    this.onframe(frame);
  }

  /** For the client: what the server says was dropped. */
  lose(total: number): void {
    this.dropped = total;
  }

  /** For the client: the connection is gone. */
  reset(): void {
    this.clear();
    this.refusal = null;
    this.unanswered = 0;
  }

  private clear(): void {
    this.frame = null;
    this.frameMs = 0;
    this.latencyMs = null;
    this.dropped = 0;
    this.answer = null;
  }
}
