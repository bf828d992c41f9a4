// What the page follows: one stream of the server, by name, with all fields that the page shows. A node's stream that has
// gone is waited for.

import { type Field, type Frame, type Hello, PosewireClient, type Status, type StreamInfo, type Subscription } from "posewire";
import { Meter } from "./meter";

/** Whether the server has no streams of its own, but brings those of others. */
export function isRelay({ hello }: PosewireClient): boolean {
  return hello !== null && hello.streams.every(({ node }) => node);
}

export class Feed {
  readonly client: PosewireClient;
  readonly meter = new Meter();
  id: string | null = null; // of the stream chosen
  onframe: (frame: Frame) => void = () => {};
  onchange: () => void = () => {};
  private readonly subscription: Subscription;
  private wantsRaw = false;
  private isOfNode = false;

  constructor(token: string | null) {
    this.client = new PosewireClient(location.origin, token);
    this.subscription = this.client.subscribe();
    this.subscription.onframe = (frame) => {
      this.meter.count(this.subscription.frameMs, this.subscription.latencyMs);
      this.onframe(frame);
    };
    this.client.onhello = (hello) => {
      if (!this.info && !(this.isOfNode && this.isRelay)) this.id = null; // of another server, perhaps
      this.settle();
      this.subscribe(hello);
    };
    this.client.onchange = () => {
      if (this.settle()) this.subscribe(this.hello!);
      this.onchange();
    };
  }

  // Whoever has no stream takes the first that is there; returns whether this is so now.
  private settle(): boolean {
    const { hello, info } = this;
    if (info) this.isOfNode = info.node !== "";
    if (this.id !== null || !hello?.streams.length) return false;
    this.id = hello.streams[0].id;
    this.isOfNode = hello.streams[0].node !== "";
    return true;
  }

  get hello(): Hello | null {
    return this.client.hello;
  }

  get info(): StreamInfo | null {
    return this.id === null ? null : this.client.info(this.id);
  }

  /** Whether the server has the chosen stream no more. */
  get isGone(): boolean {
    return this.hello !== null && this.id !== null && this.info === null;
  }

  get isRelay(): boolean {
    return isRelay(this.client);
  }

  get status(): Status | null {
    return this.id === null ? null : this.client.status(this.id);
  }

  get frame(): Frame | null {
    return this.subscription.frame;
  }

  get frameMs(): number {
    return this.subscription.frameMs;
  }

  get frames(): number {
    return this.subscription.frames;
  }

  get dropped(): number {
    return this.subscription.dropped;
  }

  /** Why the server refuses this subscription, "" where it doesn't. */
  get refusal(): string {
    return this.subscription.refusal?.message ?? "";
  }

  /** Whether frames bring the landmarks before smoothing, too. */
  set raw(on: boolean) {
    if (on === this.wantsRaw) return;
    this.wantsRaw = on;
    if (this.hello) this.subscribe(this.hello);
  }

  choose(id: string): void {
    this.id = id;
    if (this.hello) this.subscribe(this.hello);
    this.client.onchange();
  }

  private subscribe(hello: Hello): void {
    this.meter.reset();
    if (this.id === null) return;
    const solved: Field[] = [...(hello.bones ? (["bones", "rest"] as const) : []), ...(hello.angles.length ? (["angles"] as const) : [])];
    const raw: Field[] = this.wantsRaw ? ["world_raw"] : [];
    this.subscription.change({ stream: this.id, fields: ["image", "world", ...solved, ...raw] });
  }
}
