// The page: draws the latest frame of the chosen stream and says in words how things stand.
//
// `window.posewire` shows what it does, read-only, to whoever opens the console and to the tests:
//   state      connecting, live, silent, lost, ended, reconnecting or refused
//   frames     received since the page was opened; frame: the latest
//   fps, latencyMs, latencyP95Ms, dropped    as shown; null where unknown
//   picture, space   Float32Array with three numbers a joint, of the first person: x and y in CSS pixels of the canvas,
//              and the visibility (picture) or pixels a metre (space)
//   avatar     of the first person: {name, seq, joints}: the file worn, "" for the page's own figure; the frame it shows;
//              where its joints are, {bone: [x, y, z]} in metres on its stage. null where there is none

import { Angles } from "./angles";
import { Wardrobe } from "../avatar/wardrobe";
import { readTheme } from "./canvas";
import { plan, Slots } from "./skeleton";
import { Spark } from "./spark";
import { describe, isFresh } from "./state";
import { Stream } from "./stream";
import { View2D } from "./view2d";
import { View3D } from "./view3d";

const FIGURES_MS = 250;
const SPARK_HEADROOM = 1.6; // of p95

const $ = (id) => document.getElementById(id);
const stream = new Stream(new URLSearchParams(location.search).get("token"));
const view2d = new View2D($("view-2d"));
const view3d = new View3D($("view-3d"));
const angles = new Angles($("angle-rows"), $("plot"), $("title-plot"));
const wardrobe = new Wardrobe($("stage-avatar"), view3d.camera);
const spark = new Spark($("spark"));
const slots = new Slots();
let theme = readTheme();
let hello = null;
let skeleton = plan({ landmarks: [], edges: [] });
let aspect = 0;

function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

function showState() {
  if (stream.hello && stream.hello !== hello) meet(stream.hello);
  if (stream.id && $("stream").value !== stream.id) $("stream").value = stream.id;
  const now = describe(stream, performance.now());
  if ($("state").dataset.state !== now.state) $("state").dataset.state = now.state;
  write("state-text", now.text);
  write("announcer", now.spoken);
  write("notice-title", now.title);
  write("notice-detail", now.detail);
  $("notice").hidden = !now.title;
  $("again").hidden = !now.again;
  $("token-form").hidden = !now.asksToken;
}

function meet(message) {
  hello = message;
  skeleton = plan(hello.skeleton);
  $("stream").replaceChildren(...hello.streams.map(({ id }) => new Option(id)));
  $("picker").hidden = hello.streams.length < 2;
  $("angles").hidden = !hello.angles;
  angles.meet(hello.angles ?? []);
  wardrobe.meet(hello.bones ?? null);
}

function showFigures() {
  const { meter, info } = stream;
  const nowMs = performance.now();
  const fresh = isFresh(stream, nowMs);
  const number = (value) => (fresh && value !== null ? value.toFixed(1) : "–");
  const p95 = meter.latency(0.95);
  const size = stream.frame?.size ?? (info && [info.width, info.height]);
  write("fps", fresh ? number(meter.fps(nowMs)) : "0");
  write("p50", number(meter.latency(0.5)));
  write("p95", number(p95));
  write("people", fresh ? String(stream.frame.poses.length) : "–");
  write("dropped", String(stream.dropped));
  write("size", size ? `${size[0]} × ${size[1]}` : "–");
  write("engine", info?.engine || "–");
  write("model", info?.model || "–");
  write("smoothing", info?.smoothing || "–");
  angles.write(fresh);
  spark.draw(meter, fresh ? SPARK_HEADROOM * p95 : 0, theme);
  showState();
}

function showAddress() {
  write("address", stream.address);
  $("address").title = stream.address;
  const isLocal = /^(localhost|127\.|\[::1\])/.test(location.hostname);
  write("reach", isLocal ? "This machine only; --host 0.0.0.0 opens it to the LAN."
    : "msgpack, or JSON with the subprotocol posewire.v1.json.");
}

// The stage takes the picture's shape.
function shape([width, height]) {
  if (aspect === width / height) return;
  aspect = width / height;
  document.documentElement.style.setProperty("--aspect", aspect.toFixed(4));
}

function draw(nowMs) {
  const frame = isFresh(stream, nowMs) ? stream.frame : null;
  const { info } = stream;
  const size = frame?.size ?? (info?.width ? [info.width, info.height] : [16, 9]);
  shape(size);
  slots.update(frame?.poses ?? []);
  view2d.draw(frame, size, skeleton, slots, theme);
  view3d.draw(frame, skeleton, slots, theme, nowMs);
  wardrobe.draw(frame, slots, theme, nowMs);
  angles.draw(theme);
  requestAnimationFrame(draw);
}

async function copyAddress() {
  try {
    await navigator.clipboard.writeText(stream.address);
  } catch {
    // Away from localhost a page over http may not use the clipboard's interface; the old way still works there.
    getSelection().selectAllChildren($("address"));
    if (!document.execCommand("copy")) return;
  }
  write("copy", "Copied");
  setTimeout(() => write("copy", "Copy"), 1500);
}

stream.onchange = showState;
stream.onframe = (frame) => angles.take(frame.poses[0], frame.t_us);
view3d.camera.onorbit = (on) => $("orbit").setAttribute("aria-pressed", on);
view3d.camera.onorbit(view3d.camera.orbiting);
$("stream").addEventListener("change", (event) => stream.choose(event.target.value));
$("front").addEventListener("click", () => {
  view3d.camera.setOrbit(false);
  view3d.camera.front();
});
$("orbit").addEventListener("click", () => view3d.camera.setOrbit(!view3d.camera.orbiting));
$("copy").addEventListener("click", copyAddress);
$("again").addEventListener("click", () => stream.reconnect());
$("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = $("token").value.trim();
  history.replaceState(null, "", `/?token=${encodeURIComponent(token)}`); // a reload and a bookmark keep it
  stream.reconnect(token);
  showAddress();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (theme = readTheme()));
showAddress();
setInterval(showFigures, FIGURES_MS);
requestAnimationFrame(draw);

Object.defineProperty(window, "posewire", {
  value: Object.freeze({
    get state() { return describe(stream, performance.now()).state; },
    get frames() { return stream.frames; },
    get frame() { return stream.frame; },
    get fps() { return stream.meter.fps(performance.now()); },
    get latencyMs() { return stream.meter.latency(0.5); },
    get latencyP95Ms() { return stream.meter.latency(0.95); },
    get dropped() { return stream.dropped; },
    get picture() { return view2d.joints; },
    get space() { return view3d.seen; },
    get avatar() { return wardrobe.shown; },
  }),
});
