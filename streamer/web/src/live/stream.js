// The connection: subscribes, keeps the clock in step, comes back by itself for ever. The latest frame wins; none is queued.

import { Clock, Meter, nowUs } from "./meter";

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5000;
const ANSWER_MS = 5000; // a `time` unanswered for so long means that the other end is gone without a goodbye
const FIRST_SYNCS = 5;
const SUBSCRIPTION = 1;

export class Stream {
  constructor(token) {
    this.token = token;
    this.state = "connecting"; // connecting, open, waiting, refused; the last two until a new attempt has worked
    this.reason = ""; // of the last two, in the server's words where it has any
    this.httpStatus = 0; // of a refusal
    this.retryAtMs = 0;
    this.hello = null;
    this.id = null; // of the stream chosen
    this.statuses = new Map();
    this.frame = null;
    this.frames = 0;
    this.lastFrameMs = 0;
    this.dropped = 0;
    this.meter = new Meter();
    this.clock = new Clock();
    this.onchange = () => {};
    this.onframe = () => {};
    this.backoffMs = FIRST_BACKOFF_MS;
    this.socket = null;
    this.connect();
  }

  get query() {
    return this.token ? `?token=${encodeURIComponent(this.token)}` : "";
  }

  get address() {
    return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/stream${this.query}`;
  }

  get info() {
    return this.hello?.streams.find((info) => info.id === this.id) ?? null;
  }

  // What this server can give of all that the page shows.
  get fields() {
    const solved = [...(this.hello.bones ? ["bones", "rest"] : []), ...(this.hello.angles ? ["angles"] : [])];
    return ["image", "world", ...solved];
  }

  get status() {
    return this.statuses.get(this.id) ?? null;
  }

  connect() {
    this.leave();
    const socket = new WebSocket(this.address, "posewire.v1.json");
    this.socket = socket;
    socket.onmessage = (event) => this.receive(JSON.parse(event.data));
    socket.onclose = (event) => this.retry(event.reason);
  }

  // Forget the socket, whatever it still has to say.
  leave() {
    clearTimeout(this.timer);
    clearTimeout(this.syncTimer);
    if (this.socket) {
      this.socket.onmessage = this.socket.onclose = null;
      this.socket.close();
      this.socket = null;
    }
    this.frame = null;
    this.lastFrameMs = 0;
    this.askedMs = 0;
    this.clock.reset();
    this.meter.reset();
  }

  async retry(closeReason) {
    this.leave();
    const delayMs = this.backoffMs * (0.75 + Math.random() / 2);
    this.backoffMs = Math.min(2 * this.backoffMs, MAX_BACKOFF_MS);
    this.retryAtMs = performance.now() + delayMs;
    this.timer = setTimeout(() => this.connect(), delayMs);
    if (this.state !== "refused") this.change("waiting", closeReason && `Closed by the server: ${closeReason}`);
    // A browser hides why a handshake failed; the same question over HTTP tells.
    const timer = this.timer;
    const refusal = await askWhy(this.query);
    if (timer !== this.timer || this.state === "open") return; // overtaken
    if (refusal?.status >= 400) {
      this.backoffMs = MAX_BACKOFF_MS; // it won't change its mind soon
      this.change("refused", refusal.detail, refusal.status);
    } else if (refusal) this.change("waiting", this.reason || "The server closed the connection");
    else this.change("waiting", "The server is out of reach");
  }

  // At once instead of at the end of the wait; with another token where one is given.
  reconnect(token = this.token) {
    this.token = token;
    this.backoffMs = FIRST_BACKOFF_MS;
    this.change("connecting");
    this.connect();
  }

  choose(id) {
    this.id = id;
    this.frame = null;
    this.lastFrameMs = 0;
    this.dropped = 0;
    this.meter.reset();
    this.send({ type: "subscribe", id: SUBSCRIPTION, stream: id, fields: this.fields });
    this.onchange();
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  receive(message) {
    switch (message.type) {
      case "hello":
        this.hello = message;
        this.statuses = new Map(message.streams.map(({ id, state }) => [id, { state, detail: "" }]));
        this.sync(0);
        if (message.streams.length) this.choose((this.info ?? message.streams[0]).id);
        break;
      case "subscribed":
        this.backoffMs = FIRST_BACKOFF_MS;
        this.change("open");
        break;
      case "frame":
        if (message.stream === this.id) this.take(message);
        break;
      case "status":
        this.statuses.set(message.stream, message);
        this.onchange();
        break;
      case "dropped":
        if (message.stream === this.id) this.dropped = message.total;
        break;
      case "time":
        this.askedMs = 0;
        this.clock.take(message);
        break;
      case "error":
        this.retry(message.message);
    }
  }

  // The first few at once, so that latency is known soon, then every two seconds.
  sync(count) {
    const nowMs = performance.now();
    if (this.askedMs && nowMs - this.askedMs > ANSWER_MS) {
      this.retry("");
      return;
    }
    this.askedMs ||= nowMs;
    this.send({ type: "time", t0_us: nowUs() });
    this.syncTimer = setTimeout(() => this.sync(count + 1), count < FIRST_SYNCS ? 60 : 2000);
  }

  take(frame) {
    this.frame = frame;
    this.frames += 1;
    this.lastFrameMs = performance.now();
    const { offsetUs } = this.clock;
    this.meter.count(this.lastFrameMs, offsetUs === null ? null : (nowUs() + offsetUs - frame.t_us) / 1000);
    this.onframe(frame);
  }

  change(state, reason = "", httpStatus = 0) {
    this.state = state;
    this.reason = reason;
    this.httpStatus = httpStatus;
    this.onchange();
  }
}

// {status, detail} of the server's answer over HTTP, null where there is none.
async function askWhy(query) {
  try {
    const answer = await fetch(`/streams${query}`, { signal: AbortSignal.timeout(3000) });
    const problem = answer.ok ? {} : await answer.json();
    return { status: answer.status, detail: problem.detail ?? "" };
  } catch {
    return null;
  }
}
