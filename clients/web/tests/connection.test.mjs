// The connection against a socket, a clock and an HTTP server that the test holds in its hands.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, mock, test } from "node:test";
import { decode as unpack, encode } from "@msgpack/msgpack";
import { PosewireClient } from "../dist/posewire.js";

const hello = new Uint8Array(readFileSync(new URL("../../../protocol/vectors/hello.msgpack", import.meta.url)));
let sockets, nowMs, answer;

class FakeSocket {
  static OPEN = 1;
  readyState = 0;
  sent = [];
  isClosed = false;

  constructor(address, subprotocol) {
    Object.assign(this, { address, subprotocol });
    sockets.push(this);
  }

  send(bytes) {
    this.sent.push(unpack(bytes));
  }

  close() {
    this.isClosed = true;
  }

  receive(message) {
    this.readyState = FakeSocket.OPEN;
    const bytes = message instanceof Uint8Array ? message : encode(message);
    this.onmessage?.({ data: bytes.slice().buffer });
  }

  asked(type) {
    return this.sent.filter((message) => message.type === type);
  }
}

// Time passes in small steps, and what was promised meanwhile is kept.
async function pass(ms) {
  for (const end = nowMs + ms; nowMs < end; ) {
    nowMs += 10;
    mock.timers.tick(10);
    await new Promise(setImmediate);
  }
}

const newest = () => sockets.at(-1);
const refuse = (status, detail, headers = {}) => () => ({ ok: status < 400, status, headers: new Headers(headers), json: async () => ({ detail }) });

beforeEach(() => {
  mock.reset();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  sockets = [];
  nowMs = 1000;
  answer = () => { throw new TypeError("fetch failed"); };
  mock.method(performance, "now", () => nowMs);
  mock.method(Math, "random", () => 0);
  globalThis.location = { origin: "http://host:1" };
  globalThis.WebSocket = FakeSocket;
  globalThis.fetch = async (address) => answer(address);
});

function connect(url = "ws://host:1") {
  const client = new PosewireClient(url);
  newest().receive(hello);
  return client;
}

test("the address may be that of the server, of its page or of the stream", () => {
  for (const url of ["ws://host:1", "http://host:1/", "http://host:1", "ws://host:1/stream", "ws://host:1/stream?fields=image"]) {
    assert.equal(new PosewireClient(url).address, "ws://host:1/stream", url);
  }
  for (const url of ["http://host:1/?token=a%26b", "http://host:1?token=a%26b", "ws://host:1/stream?token=a%26b"]) {
    assert.equal(new PosewireClient(url).address, "ws://host:1/stream?token=a%26b", url);
  }
  assert.equal(new PosewireClient("https://host/cameras/").address, "wss://host/cameras/stream");
  assert.throws(() => new PosewireClient("host:1"), /no server's address/);
});

test("nobody there: tried for ever, after twice as long each time up to 5 s", async () => {
  const client = new PosewireClient("ws://host:1");
  const waits = [];
  for (let i = 0; i < 8; i++) {
    const before = sockets.length;
    newest().onclose({ reason: "" });
    await new Promise(setImmediate);
    assert.deepEqual([client.state, client.reason, client.cause], ["lost", "The server is out of reach", "unreachable"]);
    const startMs = nowMs;
    while (sockets.length === before) await pass(10);
    waits.push(nowMs - startMs);
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  newest().receive(hello);
  newest().onclose({ reason: "" });
  assert.equal(client.retryAtMs - nowMs, 250);
});

test("to a page from elsewhere the browser doesn't tell why, so both reasons are named", async () => {
  globalThis.location = { origin: "http://elsewhere" };
  const client = new PosewireClient("ws://host:1");
  newest().onclose({ reason: "" });
  await pass(20);
  assert.match(client.reason, /out of reach, or .*--allow-origin/);
});

test("each wait is shortened by up to one half, so that clients don't all come at once", () => {
  Math.random.mock.mockImplementation(() => 0.5);
  const client = connect();
  newest().onclose({ reason: "" });
  assert.equal(client.retryAtMs - nowMs, 187.5);
});

test("an answer that never comes is waited for no longer than 5 s, connecting or connected", async () => {
  const client = new PosewireClient("ws://host:1");
  await pass(4990);
  assert.equal(client.state, "connecting");
  await pass(20);
  assert.deepEqual([client.state, client.reason, client.cause, sockets[0].isClosed], ["lost", "No answer for 5 s", "unanswered", true]);
  await pass(250);
  newest().receive(hello);
  await pass(4000);
  assert.equal(client.state, "live");
  await pass(4000);
  assert.deepEqual([client.state, client.reason, client.cause], ["lost", "Nothing came for 5 s", "silent"]);
});

test("as long as anything comes the connection lives", async () => {
  const client = connect();
  for (let i = 0; i < 20; i++) {
    newest().receive({ type: "status", stream: "demo", state: "lost", t_us: 1 });
    await pass(1000);
  }
  assert.deepEqual([client.state, sockets.length], ["live", 1]);
});

test("the clock is asked five times within 250 ms, then every 2 s", async () => {
  connect();
  await pass(250);
  assert.equal(newest().asked("time").length, 5);
  newest().receive({ type: "time", t0_us: 1, t1_us: 1, t2_us: 1 });
  await pass(1900);
  assert.equal(newest().asked("time").length, 5);
  await pass(200);
  assert.equal(newest().asked("time").length, 6);
});

test("a server that says no is not asked again until the user wants it", async () => {
  const client = new PosewireClient("ws://host:1");
  answer = refuse(401, "wrong token");
  newest().onclose({ reason: "" });
  await pass(60_000);
  assert.deepEqual([client.state, client.httpStatus, client.reason, sockets.length], ["refused", 401, "wrong token", 1]);
  client.reconnect("another");
  assert.equal(newest().address, "ws://host:1/stream?token=another");
  newest().receive(hello);
  assert.deepEqual([client.state, client.httpStatus, client.reason, client.detail, client.cause], ["live", 0, "", "", null]);
});

test("a server that takes its time to say why is asked nothing else meanwhile: each wrong token counts", async () => {
  const client = new PosewireClient("ws://host:1", "wrong");
  let say;
  answer = () => new Promise((resolve) => (say = resolve));
  newest().onclose({ reason: "" });
  await pass(2900);
  assert.equal(sockets.length, 1);
  say(refuse(401, "wrong token")());
  await pass(60_000);
  assert.deepEqual([client.state, client.reason, sockets.length], ["refused", "wrong token", 1]);
});

test("a server that is full or about to end is asked again", async () => {
  const client = new PosewireClient("ws://host:1");
  answer = refuse(503, "too many connections");
  newest().onclose({ reason: "" });
  await pass(20);
  assert.deepEqual([client.state, client.reason, client.cause, client.detail], ["lost", "too many connections", "unavailable", "too many connections"]);
  await pass(250);
  assert.equal(sockets.length, 2);
});

test("a server that asks to wait is asked again after that, and says why", async () => {
  const client = new PosewireClient("ws://host:1");
  const words = "5 wrong tokens came from 192.0.2.1";
  answer = refuse(429, words, { "retry-after": "42" });
  newest().onclose({ reason: "" });
  await pass(20);
  assert.deepEqual([client.state, client.reason, client.cause, client.detail, client.httpStatus], ["lost", words, "unavailable", words, 429]);
  assert.ok(Math.abs(client.retryAtMs - nowMs - 42_000) <= 20);
  await pass(41_900);
  assert.equal(sockets.length, 1);
  await pass(200);
  assert.equal(sockets.length, 2);
  newest().receive(hello);
  assert.deepEqual([client.state, client.httpStatus], ["live", 0]);
});

test("the wait has a limit, and what isn't said in seconds doesn't count", async () => {
  for (const [value, waitMs] of [["3600", 60_000], ["60", 60_000], ["1", 1000], ["0", 250], ["-9", 250], ["9.5", 250], ["soon", 250], [undefined, 250]]) {
    for (const status of [408, 429, 503]) {
      sockets = [];
      const client = new PosewireClient("ws://host:1");
      answer = refuse(status, "not now", value === undefined ? {} : { "retry-after": value });
      newest().onclose({ reason: "" });
      await new Promise(setImmediate);
      assert.equal(client.retryAtMs - nowMs, waitMs, `${status} ${value}`);
      client.close();
    }
  }
});

test("whoever wants to is connected at once while a server asks to wait", async () => {
  const client = new PosewireClient("ws://host:1");
  answer = refuse(429, "not now", { "retry-after": "42" });
  newest().onclose({ reason: "" });
  await pass(20);
  client.reconnect();
  assert.equal(sockets.length, 2);
  newest().receive(hello);
  await pass(4000);
  newest().receive({ type: "time", t0_us: 1, t1_us: 1, t2_us: 1 });
  await pass(4000);
  assert.equal(sockets.length, 2);
});

test("what was said to an earlier attempt doesn't count for a later one", async () => {
  const client = new PosewireClient("ws://host:1");
  let say;
  answer = () => new Promise((resolve) => (say = resolve));
  newest().onclose({ reason: "" });
  await pass(20);
  client.reconnect();
  say(refuse(401, "wrong token")());
  await pass(20);
  assert.equal(client.state, "connecting");
  client.close();
  await pass(10_000);
  assert.deepEqual([client.state, sockets.length], ["off", 2]);
});

test("subscriptions are asked for once a connection, and anew on the next", async () => {
  const client = new PosewireClient("ws://host:1");
  const one = client.subscribe({ fields: ["world"] });
  client.onhello = () => one.change({ fields: ["image"] });
  newest().receive(hello);
  assert.deepEqual(newest().asked("subscribe"), [{ type: "subscribe", id: 1, fields: ["image"] }]);
  newest().receive({ type: "error", code: "unknown_stream", message: "no", id: 1 });
  assert.equal(one.refusal.message, "no");
  newest().onclose({ reason: "bye" });
  assert.deepEqual([client.state, client.reason, one.refusal], ["lost", "Closed by the server: bye", null]);
  assert.deepEqual([client.cause, client.detail], ["closed", "bye"]);
  await pass(250);
  newest().receive(hello);
  assert.equal(newest().asked("subscribe").length, 1);
});

test("frames of an earlier wish aren't taken for the later one's", () => {
  const one = connect().subscribe({ fields: ["world"], dtype: "f16" });
  const agree = (dtype) => newest().receive({ type: "subscribed", id: 1, stream: "*", fields: ["world"], landmarks: [0], dtype });
  const frame = (seq, bytes) => newest().receive({
    type: "frame", id: 1, stream: "demo", seq, t_us: 1, sent_us: 1, size: [1, 1], poses: [{ id: 1, score: 1, world: new Uint8Array(bytes) }],
  });
  one.change({ fields: ["world"], dtype: "f32" });
  agree("f16");
  frame(1, 8);
  assert.deepEqual([one.frame, one.answer], [null, null]);
  agree("f32");
  frame(2, 16);
  assert.deepEqual([one.frame.seq, one.frames, one.answer.dtype], [2, 1, "f32"]);
});

test("what can't be read ends the connection, which comes back after a while", async () => {
  const client = connect();
  newest().receive({ type: "news" }); // of a later server
  assert.equal(client.state, "live");
  newest().receive({ type: "dropped", id: -1, stream: "demo", total: 1 });
  assert.equal(client.state, "lost");
  assert.match(client.reason, /can't be read.*-1/);
  assert.equal(client.cause, "unreadable");
  assert.equal(client.retryAtMs - nowMs, 5000);
});

test("a stream described anew replaces its description in hello", () => {
  const client = connect();
  const info = { id: "demo", width: 8, height: 6, fps: 5, engine: "e", model: "lite", mirror: true, preview: true, later: 1 };
  newest().receive({ type: "status", stream: "demo", state: "live", t_us: 1, info });
  assert.deepEqual([client.info("demo").model, client.info("demo").mirror, client.info("cam").model], ["lite", true, "lite"]);
  assert.equal(client.info("demo").people, 1);
});

const stream = (id, more = {}) => ({ id, width: 8, height: 6, fps: 5, engine: "e", model: "lite", ...more });
const ids = (client) => client.hello.streams.map(({ id }) => id);

test("streams that come and go do so in hello, in the order they came", () => {
  const client = connect();
  const told = [];
  client.onchange = () => told.push(ids(client).join());
  newest().receive({ type: "status", stream: "hall.cam", state: "live", t_us: 1, info: stream("hall.cam", { node: "hall", clock_error_us: 900 }) });
  assert.deepEqual([client.info("hall.cam").node, client.info("hall.cam").clock_error_us], ["hall", 900]);
  assert.deepEqual([client.info("demo").node, client.info("demo").clock_error_us], ["", null]);
  newest().receive({ type: "status", stream: "hall.cam", state: "live", t_us: 2, info: stream("hall.cam", { model: "heavy" }) });
  assert.equal(client.info("hall.cam").model, "heavy");
  newest().receive({ type: "status", stream: "demo", state: "ended", t_us: 3, gone: true });
  newest().receive({ type: "status", stream: "never-there", state: "ended", t_us: 4, gone: true });
  newest().receive({ type: "status", stream: "demo", state: "live", t_us: 5, info: stream("demo") });
  newest().receive({ type: "status", stream: "cam", state: "lost", t_us: 6 });
  newest().receive({ type: "status", stream: "demo", state: "ended", t_us: 7 }); // a file came to its end: it is still offered
  assert.deepEqual(told, ["demo,cam,hall.cam", "demo,cam,hall.cam", "cam,hall.cam", "cam,hall.cam", ...Array(3).fill("cam,hall.cam,demo")]);
});

test("a subscription outlives its stream, and nothing is asked anew when it returns", () => {
  const client = connect();
  const subscription = client.subscribe({ stream: "demo", fields: ["image"] });
  newest().receive({ type: "subscribed", id: subscription.id, stream: "demo", fields: ["image"], landmarks: [0], dtype: "f32" });
  const frame = { type: "frame", id: subscription.id, stream: "demo", t_us: 1, sent_us: 1, size: [8, 6], poses: [] };
  newest().receive({ ...frame, seq: 900 });
  newest().receive({ type: "status", stream: "demo", state: "ended", detail: "node hall has left", t_us: 2, gone: true });
  assert.deepEqual([client.status("demo").gone, client.status("demo").detail, client.info("demo")], [true, "node hall has left", null]);
  assert.equal(client.subscriptions.size, 1);
  newest().receive({ type: "status", stream: "demo", state: "live", t_us: 3, info: stream("demo") });
  newest().receive({ ...frame, seq: 1, t_us: 4 });
  assert.deepEqual([subscription.frame.seq, subscription.frames, client.status("demo").gone], [1, 2, false]);
  assert.equal(newest().asked("subscribe").length, 1);
});

test("a stream that is away after a reconnection is asked for when it is back", () => {
  const client = connect();
  const subscription = client.subscribe({ stream: "hall.cam" });
  const refusal = { type: "error", id: subscription.id, code: "unknown_stream", message: "no stream 'hall.cam'; streams: demo, cam" };
  newest().receive(refusal);
  newest().receive({ type: "status", stream: "other.cam", state: "live", t_us: 1, info: stream("other.cam") });
  newest().receive({ type: "status", stream: "hall.cam", state: "lost", t_us: 2 });
  assert.equal(newest().asked("subscribe").length, 1);
  newest().receive({ type: "status", stream: "hall.cam", state: "live", t_us: 3, info: stream("hall.cam") });
  assert.deepEqual(newest().asked("subscribe").map(({ stream: name }) => name), ["hall.cam", "hall.cam"]);
  assert.equal(subscription.refusal, null);
  newest().receive({ ...refusal, code: "unavailable_field" });
  newest().receive({ type: "status", stream: "hall.cam", state: "live", t_us: 4, info: stream("hall.cam") });
  assert.equal(newest().asked("subscribe").length, 2); // that another time wouldn't help
});

test("what a server says of its streams never takes more than 64 places", () => {
  const client = connect();
  for (let i = 0; i < 100; i++) {
    newest().receive({ type: "status", stream: `s${i}`, state: "live", t_us: i, info: stream(`s${i}`) });
    newest().receive({ type: "status", stream: `gone${i}`, state: "ended", t_us: i, gone: true });
  }
  assert.equal(client.hello.streams.length, 64);
  assert.equal(client.status("gone99"), null);
});
