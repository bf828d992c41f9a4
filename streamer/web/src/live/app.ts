// The page: draws the latest frame of the chosen stream and says in words how things stand.
//
// `window.posewire` shows what it does, read-only, to whoever opens the console and to the tests:
//   state      connecting, live, paused, silent, lost, ended, gone, waiting, reconnecting or refused
//   stream     the one that is shown; null where there was none yet
//   frames     received since the page was opened; frame: the latest, in the JSON form of the wire
//   fps, latencyMs, latencyP95Ms, dropped    as shown; null where unknown
//   subscriptions   how many it has: what it shows, and one more while another is measured
//   picture, space   Float32Array with three numbers a joint, of the first person: x and y in CSS pixels of the canvas,
//              and the visibility (picture) or pixels a metre (space)
//   preview    what the camera saw, where it is shown: {seq, width}: of the frame drawn over it, of the picture in pixels
//   trace      of the landmark plot: {samples, jitterMm: [raw, smooth] or null}
//   recordings as /recordings has them, the newest first; null before they are known
//   player     {name, ready, paused, positionS, durationS, fromS, toS, frame} of the recording that is played, null where none is
//   replay     as /replay/STREAM has it, at this moment; null where the stream is no replay
//   avatar     of the first person: {name, seq, joints}: the file worn, "" for the page's own figure; the frame it shows;
//              where its joints are, {bone: [x, y, z]} in metres on its stage. null where there is none

import type { Hello, StreamInfo } from "posewire";
import { Wardrobe } from "../avatar/wardrobe";
import { Panel } from "../recordings/panel";
import { Player } from "../recordings/player";
import { ReplayBar } from "../recordings/replay";
import { Service } from "../recordings/service";
import { listenForCopies } from "../shared/copy";
import { byId } from "../shared/dom";
import { Angles } from "./angles";
import { readTheme } from "./canvas";
import { Controls } from "./controls";
import { Feed } from "./feed";
import { Invitation } from "./invitation";
import { Picker } from "./picker";
import { plainFrame } from "./plain";
import { Preview } from "./preview";
import { Receive } from "./receive";
import { plan, Slots } from "./skeleton";
import { Spark } from "./spark";
import { describe, isFresh, isPaused } from "./state";
import { Trace } from "./trace";
import { View2D } from "./view2d";
import { View3D } from "./view3d";
import { language, say } from "./words";

const FIGURES_MS = 250;
const LEAST_ERROR_MS = 1;
const SPARK_HEADROOM = 1.6; // of p95

const feed = new Feed(new URLSearchParams(location.search).get("token"));
const view2d = new View2D(byId("view-2d", HTMLCanvasElement));
const view3d = new View3D(byId("view-3d", HTMLCanvasElement));
const angles = new Angles(byId("angle-rows"), byId("plot", HTMLCanvasElement), byId("title-plot"));
const wardrobe = new Wardrobe(byId("stage-avatar"), view3d.camera);
const invitation = new Invitation(feed);
const receive = new Receive(feed);
const spark = new Spark(byId("spark", HTMLCanvasElement));
const preview = new Preview(feed, byId("preview", HTMLButtonElement));
const controls = new Controls(feed);
const trace = new Trace();
const service = new Service(feed.client);
const player = new Player(service);
const recordings = new Panel(service, player);
const replay = new ReplayBar(service, feed);
const tuning = byId("tuning", HTMLDetailsElement);
const slots = new Slots();
let theme = readTheme();
const picker = new Picker(feed, () => controls.show());
let hello: Hello | null = null;
let skeleton = plan({ landmarks: [], edges: [] });
let aspect = 0;

function write(id: string, text: string): void {
  const place = byId(id);
  if (place.textContent !== text) place.textContent = text;
}

function showState(): void {
  if (feed.hello && feed.hello !== hello) meet(feed.hello);
  picker.show();
  const now = describe(feed, performance.now());
  if (byId("state").dataset.state !== now.state) byId("state").dataset.state = now.state;
  write("state-text", now.text);
  write("announcer", now.spoken);
  write("notice-title", now.title);
  write("notice-server", now.quote);
  write("notice-detail", now.detail);
  byId("notice").hidden = !now.title;
  byId("again").hidden = !now.again;
  byId("token-form").hidden = !now.asksToken;
}

function meet(message: Hello): void {
  const isAnother = hello?.now_us !== message.now_us; // else only the description of a stream is new
  hello = message;
  if (tuning.open) void controls.load();
  if (!isAnother) return;
  trace.meet(hello.skeleton.landmarks);
  skeleton = plan(hello.skeleton);
  byId("angles").hidden = !hello.angles.length;
  angles.meet(hello.angles);
  void wardrobe.meet(hello.bones);
  recordings.meet();
  replay.meet();
}

function showFigures(): void {
  const { meter, info, frame } = feed;
  const nowMs = performance.now();
  const fresh = isFresh(feed, nowMs);
  const number = (value: number | null) => (fresh && value !== null ? value.toFixed(1) : "–");
  const p95 = meter.latency(0.95);
  const size = frame?.size ?? (info && [info.width, info.height]);
  write("fps", fresh ? number(meter.fps(nowMs)) : "0");
  write("p50", number(meter.latency(0.5)));
  write("clock-error", fresh ? errorOf(info) : "");
  write("p95", number(p95));
  write("people", fresh && frame ? String(frame.poses.length) : "–");
  write("dropped", String(feed.dropped));
  write("size", size ? `${size[0]} × ${size[1]}` : "–");
  write("engine", info?.engine || "–");
  write("model", info?.model || "–");
  write("model-note", info?.state === "live" && !isPaused(feed) ? feed.status?.detail ?? "" : ""); // that a lighter model was taken
  write("smoothing", info?.smoothing || "–");
  angles.write(fresh);
  preview.offer(info?.preview ?? false);
  if (tuning.open) writeJitter();
  recordings.tick(nowMs);
  byId("controls").hidden = replay.shown !== null; // what was recorded has the settings that it had
  spark.draw(meter, fresh && p95 !== null ? SPARK_HEADROOM * p95 : 0, theme);
  showState();
}

// Of the latency, where it is of a size to be told: times of another machine are known as well as its clock is.
function errorOf(info: StreamInfo | null): string {
  const ms = (info?.clock_error_us ?? 0) / 1000;
  return ms >= LEAST_ERROR_MS ? `± ${ms.toFixed(1)} ms` : "";
}

function writeJitter(): void {
  const [raw, smooth] = trace.jitterMm ?? [];
  const known = raw !== undefined && smooth !== undefined;
  write("jitter", known ? say("jitter", { raw: raw.toFixed(1), smooth: smooth.toFixed(1) }) : "");
}

function showAddress(): void {
  const { address } = feed.client;
  write("address", address);
  byId("address").title = address;
  const isLocal = /^(localhost|127\.|\[::1\])/.test(location.hostname);
  write("reach", say(isLocal ? "reachLocal" : "reachLan"));
}

// The stage takes the picture's shape.
function shape([width, height]: [number, number]): void {
  if (aspect === width / height) return;
  aspect = width / height;
  document.documentElement.style.setProperty("--aspect", aspect.toFixed(4));
}

function draw(nowMs: number): void {
  const frame = isFresh(feed, nowMs) ? feed.frame : null;
  const { info } = feed;
  const size: [number, number] = frame?.size ?? (info?.width ? [info.width, info.height] : [16, 9]);
  shape(size);
  slots.update(frame?.poses ?? []);
  view2d.draw(frame, preview.newest, size, skeleton, slots, theme);
  view3d.draw(frame, skeleton, slots, theme, nowMs);
  wardrobe.draw(frame, slots, theme, nowMs);
  angles.draw(theme);
  player.draw(theme, nowMs);
  replay.tick(nowMs);
  if (tuning.open) trace.draw(theme);
  requestAnimationFrame(draw);
}

feed.onchange = showState;
feed.onframe = (frame) => {
  angles.take(frame.poses[0], frame.t_us);
  preview.take(frame);
  if (tuning.open) trace.take(frame);
};
tuning.addEventListener("toggle", () => {
  feed.raw = tuning.open; // only where somebody looks
  if (tuning.open) void controls.load();
});
byId("controls").addEventListener("submit", (event) => event.preventDefault());
view3d.camera.onorbit = (on) => byId("orbit").setAttribute("aria-pressed", String(on));
view3d.camera.onorbit(view3d.camera.orbiting);
byId("front").addEventListener("click", () => {
  view3d.camera.setOrbit(false);
  view3d.camera.front();
});
byId("orbit").addEventListener("click", () => view3d.camera.setOrbit(!view3d.camera.orbiting));
byId("again").addEventListener("click", () => feed.client.reconnect());
byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = byId("token", HTMLInputElement).value.trim();
  history.replaceState(null, "", `/?token=${encodeURIComponent(token)}`); // a reload and a bookmark keep it
  feed.client.reconnect(token);
  showAddress();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (theme = readTheme()));
byId("language").addEventListener("click", () => language.next());
language.onchange = () => {
  angles.rename();
  wardrobe.rename();
  controls.show();
  trace.meet(hello?.skeleton.landmarks ?? []);
  invitation.write();
  receive.write();
  player.rename();
  recordings.rename();
  replay.rename();
  showAddress();
  showFigures();
};
listenForCopies(say);
language.apply();
showAddress();
setInterval(showFigures, FIGURES_MS);
requestAnimationFrame(draw);

Object.defineProperty(window, "posewire", {
  value: Object.freeze({
    get state() { return describe(feed, performance.now()).state; },
    get stream() { return feed.id; },
    get frames() { return feed.frames; },
    get frame() { return feed.frame && plainFrame(feed.frame); },
    get fps() { return feed.meter.fps(performance.now()); },
    get latencyMs() { return feed.meter.latency(0.5); },
    get latencyP95Ms() { return feed.meter.latency(0.95); },
    get dropped() { return feed.dropped; },
    get preview() { return preview.newest && { seq: preview.newest.frame.seq, width: preview.newest.bitmap.width }; },
    get trace() { return { samples: trace.stored, jitterMm: trace.jitterMm }; },
    get subscriptions() { return feed.client.subscriptions.size; },
    get picture() { return view2d.joints; },
    get space() { return view3d.seen; },
    get recordings() { return recordings.kept?.recordings ?? null; },
    get player() { return player.shown && { ...player.shown, frame: player.shown.frame && plainFrame(player.shown.frame) }; },
    get replay() { return replay.shown; },
    get avatar() { return wardrobe.shown; },
  }),
});
