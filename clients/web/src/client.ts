// A connection that stays: subscribes, keeps its clock in step, comes back by itself for ever. No frame is queued.

import { encode } from "@msgpack/msgpack";
import { Clock, nowUs } from "./clock.js";
import { decode } from "./codec.js";
import { ProtocolError } from "./errors.js";
import type { Dtype, Hello, ServerMessage, Status, StreamInfo, Subscribe } from "./messages.js";
import { retryAfterMs } from "./patience.js";
import { follow } from "./streams.js";
import { Subscription } from "./subscription.js";

const SUBPROTOCOL = "posewire.v1.msgpack";
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5000;
const NOT_NOW = [408, 429]; // no refusals for good, though below 500
const SILENCE_MS = 5000; // nothing at all for so long, not even the answer to `time`: the other end went without a goodbye
const FIRST_SYNCS = 5;
const FIRST_SYNC_MS = 60;
const SYNC_MS = 2000;

/**
 * connecting: no answer yet. live: the server has answered. off: closed by `close`.
 * lost: nobody there, or the connection ended; tried again after 0.25 s, then twice as long each time up to 5 s, without end. Where
 * the server asks to wait (HTTP 429), after that, at most 60 s.
 * refused: the server said no before the upgrade, `httpStatus` tells how. Asking again would help nobody: `reconnect` does.
 */
export type ClientState = "connecting" | "live" | "lost" | "refused" | "off";

/**
 * Why a connection is lost, for those who say it in words of their own. unreachable: nobody answers. unavailable: the server can't
 * take it now, `httpStatus` tells why. closed: it ended. unanswered, silent: nothing came for 5 s, before and after the first message. unreadable: what came.
 */
export type LossCause = "unreachable" | "unavailable" | "closed" | "unanswered" | "silent" | "unreadable";

export class PosewireClient {
  state: ClientState = "connecting";
  /** Why it is lost or refused, in the server's words where it has any. */
  reason = "";
  /** Of a loss; null otherwise. */
  cause: LossCause | null = null;
  /** The words in `reason` that are the server's own, or those of what can't be read; "" where there are none. */
  detail = "";
  /** Of a refusal, or of a server that is unavailable; 0 otherwise. */
  httpStatus = 0;
  /** When the next attempt comes, on performance.now's clock. */
  retryAtMs = 0;
  token: string | null;
  /** What the server offers; its `streams` follow those that come and go. */
  hello: Hello | null = null;
  readonly clock = new Clock();
  readonly subscriptions = new Map<number, Subscription>();
  /** After every change of state, of a stream's status or of a subscription. */
  onchange: () => void = () => {};
  /** After each `hello`, before subscriptions go out: whoever follows a stream by name can choose another. */
  onhello: (hello: Hello) => void = () => {};

  private readonly base: string;
  private readonly statuses = new Map<string, Status>();
  private dtypes = new Map<number, Dtype>();
  private socket: WebSocket | null = null;
  private backoffMs = FIRST_BACKOFF_MS;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private syncTimer: ReturnType<typeof setTimeout> | undefined;
  /** Since when nothing has come that was asked for; null where nothing is awaited. */
  private silentSinceMs: number | null = null;
  private attempt = 0;
  private nextId = 1;

  /** url: of the server, as `ws://HOST:PORT` or as its page's `http://HOST:PORT`. It connects at once. */
  constructor(url: string, token: string | null = null) {
    const { protocol, host, pathname, searchParams } = new URL(url);
    if (!/^(http|ws)s?:$/.test(protocol)) throw new TypeError(`${url} is no server's address; it is like ws://HOST:PORT`);
    this.base = `${protocol.replace("http", "ws")}//${host}${pathname.replace(/\/(stream)?$/, "")}`;
    this.token = token ?? searchParams.get("token");
    this.connect();
  }

  /** Of the stream, with the token. */
  get address(): string {
    return `${this.base}/stream${this.query}`;
  }

  /** What the server has said of a stream last; of one that is gone only where a subscription names it. */
  status(stream: string): Status | null {
    return this.statuses.get(stream) ?? null;
  }

  info(stream: string): StreamInfo | null {
    return this.hello?.streams.find(({ id }) => id === stream) ?? null;
  }

  /** Now on the server's clock, microseconds; null before the clocks are in step. */
  get serverNowUs(): number | null {
    return this.clock.offsetUs === null ? null : nowUs() + this.clock.offsetUs;
  }

  /** Ask for frames. It is asked again after every reconnection, until `end`. */
  subscribe(wish: Subscribe = {}): Subscription {
    const subscription = new Subscription(this.nextId++, wish, (message) => this.send(message), () => this.forget(subscription));
    this.subscriptions.set(subscription.id, subscription);
    if (this.state === "live") subscription.ask();
    return subscription;
  }

  /** At once instead of at the end of the wait; with another token where one is given. */
  reconnect(token: string | null = this.token): void {
    this.token = token;
    this.backoffMs = FIRST_BACKOFF_MS;
    this.change("connecting");
    this.connect();
  }

  close(): void {
    this.leave();
    this.change("off");
  }

  private get query(): string {
    return this.token ? `?token=${encodeURIComponent(this.token)}` : "";
  }

  private forget(subscription: Subscription): void {
    this.subscriptions.delete(subscription.id);
    this.dtypes.delete(subscription.id);
  }

  private connect(): void {
    this.leave();
    const socket = new WebSocket(this.address, SUBPROTOCOL);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => this.receive(data);
    socket.onclose = ({ reason }) => {
      if (this.state === "live") this.retry("closed", reason ? `Closed by the server: ${reason}` : "The connection ended", reason);
      else void this.explain();
    };
    // A browser waits for minutes where nobody answers.
    this.syncTimer = setTimeout(() => this.retry("unanswered", `No answer for ${SILENCE_MS / 1000} s`), SILENCE_MS);
  }

  // Forget the socket, whatever it still has to say.
  private leave(): void {
    this.attempt += 1;
    clearTimeout(this.retryTimer);
    clearTimeout(this.syncTimer);
    if (this.socket) {
      this.socket.onmessage = this.socket.onclose = null;
      this.socket.close();
      this.socket = null;
    }
    this.silentSinceMs = null;
    this.clock.reset();
    this.dtypes.clear();
    for (const subscription of this.subscriptions.values()) subscription.reset();
  }

  private retry(cause: LossCause, reason: string, detail = ""): void {
    this.schedule();
    this.change("lost", reason, detail, cause);
  }

  private schedule(): void {
    this.leave();
    const delayMs = this.backoffMs * (1 - Math.random() / 2);
    this.backoffMs = Math.min(2 * this.backoffMs, MAX_BACKOFF_MS);
    this.retryIn(delayMs);
  }

  private retryIn(delayMs: number): void {
    clearTimeout(this.retryTimer);
    this.retryAtMs = performance.now() + delayMs;
    this.retryTimer = setTimeout(() => this.connect(), delayMs);
  }

  // A browser hides why a handshake failed; the same question over HTTP tells. No other attempt is made before it has:
  // each counts against what a server allows an address, and shows a token that may be wrong.
  private async explain(): Promise<void> {
    this.leave();
    const { attempt } = this;
    const answer = await this.askWhy();
    if (attempt !== this.attempt) return; // overtaken
    if (answer && answer.status >= 400 && answer.status < 500 && !NOT_NOW.includes(answer.status)) {
      this.change("refused", answer.detail, answer.detail, null, answer.status);
      return;
    }
    this.schedule();
    if (answer?.detail) {
      if (performance.now() + answer.retryAfterMs > this.retryAtMs) this.retryIn(answer.retryAfterMs);
      this.change("lost", answer.detail, answer.detail, "unavailable", answer.status);
    } else if (answer) this.change("lost", "The server closed the connection", "", "closed");
    else this.change("lost", this.outOfReach, "", "unreachable");
  }

  private get outOfReach(): string {
    const isOwnPage = new URL(this.httpBase).origin === globalThis.location?.origin;
    return isOwnPage ? "The server is out of reach" : "The server is out of reach, or doesn't let pages of this address connect (--allow-origin)";
  }

  private get httpBase(): string {
    return this.base.replace(/^ws/, "http");
  }

  // The server's answer over HTTP, null where there is none, or none that this page may read.
  private async askWhy(): Promise<{ status: number; detail: string; retryAfterMs: number } | null> {
    try {
      const answer = await fetch(`${this.httpBase}/streams${this.query}`, { signal: AbortSignal.timeout(3000) });
      const problem: { detail?: string } = answer.ok ? {} : await answer.json();
      return { status: answer.status, detail: problem.detail ?? "", retryAfterMs: retryAfterMs(answer.headers) };
    } catch {
      return null;
    }
  }

  // Whether there was a connection to send it on.
  private send(message: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(encode(message));
    return true;
  }

  private receive(data: ArrayBuffer | string): void {
    const bytes = typeof data === "string" ? data.length : data.byteLength;
    let message: ServerMessage;
    try {
      message = decode(typeof data === "string" ? data : new Uint8Array(data), this.dtypes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (error.code === "unknown_type") return; // of a newer server
      this.backoffMs = MAX_BACKOFF_MS; // it will hardly send anything else
      this.retry("unreadable", `The server sent what can't be read: ${error.message}`, error.message);
      return;
    }
    this.silentSinceMs = null;
    this.handle(message, bytes);
  }

  private handle(message: ServerMessage, bytes: number): void {
    switch (message.type) {
      case "hello": {
        this.hello = message;
        this.statuses.clear();
        for (const { id, state } of message.streams) {
          this.statuses.set(id, { type: "status", stream: id, state, detail: "", t_us: message.now_us, info: null, gone: false });
        }
        this.backoffMs = FIRST_BACKOFF_MS;
        this.sync(1);
        this.onhello(message);
        for (const subscription of this.subscriptions.values()) if (!subscription.isAsked) subscription.ask();
        this.change("live");
        break;
      }
      case "subscribed":
        this.dtypes.set(message.id, message.dtype);
        this.subscriptions.get(message.id)?.begin(message);
        this.onchange();
        break;
      case "frame":
        this.subscriptions.get(message.id)?.take(message, bytes, this.serverNowUs);
        break;
      case "status":
        this.take(message);
        this.onchange();
        break;
      case "dropped":
        this.subscriptions.get(message.id)?.lose(message.total);
        break;
      case "time":
        if (message.t1_us !== null && message.t2_us !== null) this.clock.take(message.t0_us, message.t1_us, message.t2_us, nowUs());
        break;
      case "error":
        if (message.id !== null) this.subscriptions.get(message.id)?.refuse(message);
        this.onchange();
    }
  }

  private take(status: Status): void {
    const { stream, info, gone } = status;
    const subscriptions = [...this.subscriptions.values()];
    // Of streams that are gone only those are remembered that somebody waits for.
    if (gone && !subscriptions.some(({ wish }) => wish.stream === stream)) this.statuses.delete(stream);
    else this.statuses.set(stream, status);
    if (!this.hello || !(info || gone)) return;
    this.hello = { ...this.hello, streams: follow(this.hello.streams, status) };
    if (info) for (const subscription of subscriptions) if (subscription.misses(stream)) subscription.ask();
  }

  // The first few at once, so that latency is known soon, then every two seconds.
  private sync(count: number): void {
    clearTimeout(this.syncTimer);
    const nowMs = performance.now();
    if (this.silentSinceMs !== null && nowMs - this.silentSinceMs > SILENCE_MS) {
      this.retry("silent", `Nothing came for ${SILENCE_MS / 1000} s`);
      return;
    }
    this.silentSinceMs ??= nowMs;
    this.send({ type: "time", t0_us: nowUs() });
    this.syncTimer = setTimeout(() => this.sync(count + 1), count < FIRST_SYNCS ? FIRST_SYNC_MS : SYNC_MS);
  }

  private change(state: ClientState, reason = "", detail = "", cause: LossCause | null = null, httpStatus = 0): void {
    this.state = state;
    this.reason = reason;
    this.detail = detail;
    this.cause = cause;
    this.httpStatus = httpStatus;
    this.onchange();
  }
}
