// The connection that pictures go out on (SPEC.md, "Publishing a camera"). It comes back by itself; no picture ever waits in it.

import { Clock, nowUs, retryAfterMs } from "posewire";

/** full: as many connections as the server takes. noStream: the stream takes no camera. wait: the server asks to, and says why.
 * readOnly: the token is for watching. refused, readOnly: asking again helps nobody. */
export type LinkState = "off" | "connecting" | "live" | "unreachable" | "closed" | "taken" | "full" | "wait" | "noStream" | "readOnly" | "refused";

export interface Vacancy {
  stream: string;
  taken: boolean;
}

/** The answer of `/cameras`. */
export interface Offer {
  cameras: Vacancy[];
  may_publish: boolean;
}

interface Why {
  state: LinkState;
  detail: string;
  httpStatus: number;
  retryAfterMs: number;
}

const TIMEOUT = 408;
const TOO_MANY = 429;
const MAX_WAITING = 2; // pictures not yet acknowledged
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 3000;
const SILENCE_MS = 5000;
const FIRST_SYNCS = 4;
const FIRST_SYNC_MS = 100;
const SYNC_MS = 2000;

export class Publisher {
  state: LinkState = "off";
  /** Of a refusal; the server's own words. */
  httpStatus = 0;
  detail = "";
  token: string | null = null;
  maxBytes = 0;
  readonly clock = new Clock();
  onchange: () => void = () => {};
  onack: (roundTripMs: number) => void = () => {};
  private stream = "";
  private socket: WebSocket | null = null;
  private readonly waiting = new Map<number, number>(); // when pictures were sent, by their t_us
  private backoffMs = FIRST_BACKOFF_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private retryAtMs = 0;
  private askedMs: number | null = null; // a question not yet answered
  private attempt = 0;

  start(stream: string, token: string | null): void {
    this.stream = stream;
    this.token = token;
    this.backoffMs = FIRST_BACKOFF_MS;
    this.connect();
    this.change("connecting");
  }

  stop(): void {
    this.leave();
    this.change("off");
  }

  /** Whether a picture may be sent now. */
  get isReady(): boolean {
    return this.state === "live" && this.clock.offsetUs !== null && this.waiting.size < MAX_WAITING;
  }

  /** A time of this page's clock as the server's, microseconds. */
  serverUs(ms: number): number {
    return Math.round(1000 * ms + (this.clock.offsetUs ?? 0));
  }

  /** Whether it went out. */
  send(tUs: number, jpeg: Blob): boolean {
    if (!this.isReady || !this.socket || this.waiting.has(tUs)) return false;
    const head = new DataView(new ArrayBuffer(8));
    head.setBigUint64(0, BigInt(Math.max(0, tUs)), true);
    this.socket.send(new Blob([head, jpeg]));
    this.waiting.set(tUs, performance.now());
    return true;
  }

  private get query(): string {
    return this.token ? `?token=${encodeURIComponent(this.token)}` : "";
  }

  private connect(): void {
    this.leave();
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/publish/${encodeURIComponent(this.stream)}${this.query}`);
    this.socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string>) => this.handle(JSON.parse(data));
    socket.onclose = ({ reason }) => {
      if (this.state === "live") this.retry("closed", reason);
      else void this.explain();
    };
    this.timer = setTimeout(() => this.retry("unreachable"), SILENCE_MS); // a browser waits for minutes where nobody answers
  }

  // Forget the socket, whatever it still has to say.
  private leave(): void {
    this.attempt += 1;
    clearTimeout(this.timer);
    if (this.socket) {
      this.socket.onmessage = this.socket.onclose = null;
      this.socket.close();
      this.socket = null;
    }
    this.waiting.clear();
    this.clock.reset();
    this.askedMs = null;
  }

  private retry(state: LinkState, detail = ""): void {
    this.leave();
    this.retryIn(this.backoffMs * (1 - Math.random() / 2));
    this.backoffMs = Math.min(2 * this.backoffMs, MAX_BACKOFF_MS);
    this.change(state, detail);
  }

  private retryIn(delayMs: number): void {
    clearTimeout(this.timer);
    this.retryAtMs = performance.now() + delayMs;
    this.timer = setTimeout(() => this.connect(), delayMs);
  }

  // A browser hides why a handshake failed; the same question over HTTP tells. Until it has, trying goes on.
  private async explain(): Promise<void> {
    this.retry(this.state === "connecting" ? "connecting" : this.state, this.detail);
    const { attempt } = this;
    const answer = await this.askWhy();
    if (attempt !== this.attempt) return; // overtaken
    if (answer.state === "refused" || answer.state === "readOnly") {
      this.leave();
      this.httpStatus = answer.httpStatus;
    } else if (performance.now() + answer.retryAfterMs > this.retryAtMs) this.retryIn(answer.retryAfterMs);
    this.change(answer.state, answer.detail);
  }

  private async askWhy(): Promise<Why> {
    try {
      const answer = await fetch(`/cameras${this.query}`, { signal: AbortSignal.timeout(3000) });
      const { status: httpStatus } = answer;
      const told = await answer.json();
      const why = { detail: told.detail ?? "", httpStatus, retryAfterMs: retryAfterMs(answer.headers) };
      if (httpStatus === TOO_MANY) return { ...why, state: "wait" };
      if (!answer.ok) return { ...why, state: httpStatus < 500 && httpStatus !== TIMEOUT ? "refused" : "full" };
      const { cameras, may_publish: mayPublish }: Offer = told;
      if (!mayPublish) return { ...why, state: "readOnly" };
      const vacancy = cameras.find(({ stream }) => stream === this.stream);
      return { ...why, state: !vacancy ? "noStream" : vacancy.taken ? "taken" : "full" };
    } catch {
      return { state: "unreachable", detail: "", httpStatus: 0, retryAfterMs: 0 };
    }
  }

  private handle(message: Record<string, number>): void {
    this.askedMs = null;
    switch (message.type as unknown as string) {
      case "camera":
        this.maxBytes = message.max_bytes;
        this.backoffMs = FIRST_BACKOFF_MS;
        this.sync(1);
        this.change("live");
        break;
      case "time":
        this.clock.take(message.t0_us, message.t1_us, message.t2_us, nowUs());
        break;
      case "ack":
      case "error": {
        const sentMs = this.waiting.get(message.t_us);
        if (sentMs === undefined) return;
        this.waiting.delete(message.t_us);
        this.onack(performance.now() - sentMs);
      }
    }
  }

  // The first few at once, so that pictures can soon be timed, then every two seconds: an answer is a sign of life, too.
  private sync(count: number): void {
    clearTimeout(this.timer);
    if (this.askedMs !== null && performance.now() - this.askedMs > SILENCE_MS) {
      this.retry("unreachable");
      return;
    }
    this.askedMs ??= performance.now();
    this.socket?.send(JSON.stringify({ type: "time", t0_us: nowUs() }));
    this.timer = setTimeout(() => this.sync(count + 1), count < FIRST_SYNCS ? FIRST_SYNC_MS : SYNC_MS);
  }

  private change(state: LinkState, detail = ""): void {
    this.state = state;
    this.detail = detail;
    this.onchange();
  }
}
