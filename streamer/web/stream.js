// The connection: subscribes, keeps the clock in step, comes back by itself. The latest frame wins; none is queued.

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5000;
const SYNC_SAMPLES = 8;
const WINDOW = 240; // frames that rate and latency are taken from, a few seconds

export class Stream {
  constructor(query) {
    this.query = query; // of the page's own address: it carries the token
    this.state = "connecting"; // connecting, live, lost, refused
    this.reason = "";
    this.hello = null;
    this.stream = null;
    this.status = {};
    this.frame = null;
    this.frames = 0;
    this.dropped = 0;
    this.lastFrameMs = 0;
    this.onchange = () => {};
    this.backoffMs = FIRST_BACKOFF_MS;
    this.arrivals = [];
    this.latencies = [];
    this.clock = [];
    this.connect();
  }

  get address() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    return `${scheme}://${location.host}/stream${this.query}`;
  }

  connect() {
    this.change("connecting");
    this.socket = new WebSocket(this.address, "posewire.v1.json");
    this.socket.onmessage = (event) => this.receive(JSON.parse(event.data));
    this.socket.onclose = () => this.retry();
  }

  async retry() {
    clearInterval(this.syncing);
    this.frame = null;
    this.clock = [];
    // A browser hides why a handshake failed; the same question over HTTP tells.
    const refusal = await this.askWhy();
    if (refusal) {
      this.change("refused", refusal);
      return;
    }
    this.change("lost", "Server out of reach");
    setTimeout(() => this.connect(), this.backoffMs * (0.5 + Math.random() / 2));
    this.backoffMs = Math.min(2 * this.backoffMs, MAX_BACKOFF_MS);
  }

  async askWhy() {
    try {
      const answer = await fetch(`/streams${this.query}`);
      return answer.status >= 400 && answer.status < 500 ? (await answer.json()).detail : "";
    } catch {
      return "";
    }
  }

  choose(id) {
    this.stream = id;
    this.frame = null;
    this.arrivals = [];
    this.latencies = [];
    this.send({ type: "subscribe", id: 1, stream: id, fields: ["image", "world"] });
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  receive(message) {
    switch (message.type) {
      case "hello": {
        this.hello = message;
        this.dropped = 0;
        this.status = Object.fromEntries(message.streams.map((s) => [s.id, { state: s.state, detail: "" }]));
        const known = message.streams.some((s) => s.id === this.stream);
        this.sync(0);
        this.choose(known ? this.stream : message.streams[0].id);
        break;
      }
      case "subscribed":
        this.backoffMs = FIRST_BACKOFF_MS;
        this.change("live");
        break;
      case "frame":
        if (message.stream === this.stream) this.take(message);
        break;
      case "status":
        this.status[message.stream] = message;
        this.onchange();
        break;
      case "dropped":
        this.dropped = message.total;
        break;
      case "time": {
        const t3 = nowUs();
        const roundTrip = t3 - message.t0_us - (message.t2_us - message.t1_us);
        const offset = (message.t1_us - message.t0_us + (message.t2_us - t3)) / 2;
        this.clock.push({ roundTrip, offset });
        if (this.clock.length > SYNC_SAMPLES) this.clock.shift();
        break;
      }
      case "error":
        this.change("refused", message.message);
    }
  }

  // The first few at once, so that latency is known soon, then every two seconds.
  sync(count) {
    clearInterval(this.syncing);
    this.send({ type: "time", t0_us: nowUs() });
    this.syncing = setTimeout(() => this.sync(count + 1), count < 5 ? 60 : 2000);
  }

  take(frame) {
    const now = performance.now();
    this.frame = frame;
    this.frames += 1;
    this.lastFrameMs = now;
    push(this.arrivals, now);
    if (this.clock.length) {
      const best = this.clock.reduce((a, b) => (a.roundTrip <= b.roundTrip ? a : b));
      push(this.latencies, (nowUs() + best.offset - frame.t_us) / 1000);
    }
  }

  // Figures of the last few seconds; null where there are none.
  get fps() {
    const recent = this.arrivals.filter((t) => t > performance.now() - 2000);
    const span = recent.at(-1) - recent[0];
    return recent.length > 2 ? ((recent.length - 1) / span) * 1000 : null;
  }

  latency(share) {
    if (!this.latencies.length) return null;
    const ordered = [...this.latencies].sort((a, b) => a - b);
    return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))];
  }

  get info() {
    return this.hello?.streams.find((s) => s.id === this.stream) ?? null;
  }

  change(state, reason = "") {
    this.state = state;
    this.reason = reason;
    this.onchange();
  }
}

function nowUs() {
  return Math.round(performance.now() * 1000);
}

function push(list, value) {
  list.push(value);
  if (list.length > WINDOW) list.shift();
}
