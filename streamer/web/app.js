// The page: draws the latest frame of the chosen stream and says in words how things stand.
// `window.posewire` shows the stream, read-only, to whoever opens the console, and to the tests.

import { readTheme, sidesOf } from "./skeleton.js";
import { Stream } from "./stream.js";
import { View2D } from "./view2d.js";
import { View3D } from "./view3d.js";

const SILENCE_MS = 1000; // without a frame for this long a figure would only pretend to be live
const FIGURES_MS = 250;

const token = new URLSearchParams(location.search).get("token");
const stream = new Stream(token ? `?token=${encodeURIComponent(token)}` : "");
const $ = (id) => document.getElementById(id);
const view2d = new View2D($("view-2d"));
const view3d = new View3D($("view-3d"));
let theme = readTheme();
let skeleton = null;
let box = null;

function show() {
  const info = stream.info;
  if (stream.hello) {
    const { edges, landmarks } = stream.hello.skeleton;
    skeleton = { edges, sides: sidesOf(landmarks) };
    const ids = stream.hello.streams.map((s) => s.id);
    if ([...$("stream").options].map((option) => option.value).join() !== ids.join()) {
      $("stream").replaceChildren(...ids.map((id) => new Option(id)));
    }
    $("stream").value = stream.stream;
    $("picker").hidden = ids.length < 2;
  }
  $("size").textContent = info ? `${info.width} × ${info.height}` : "–";
  $("engine").textContent = info ? `${info.engine} ${info.model}` : "–";
  $("smoothing").textContent = info?.smoothing ?? "–";
  const [state, text] = describe();
  $("state").dataset.state = state;
  if ($("state-text").textContent !== text) $("state-text").textContent = text;
}

function describe() {
  const status = stream.status[stream.stream];
  switch (stream.state) {
    case "connecting":
      return ["connecting", "Connecting"];
    case "refused":
      return ["refused", `Refused: ${stream.reason}`];
    case "lost":
      return ["lost", `${stream.reason}, trying again`];
  }
  if (status?.state === "lost") return ["lost", `Source lost: ${status.detail}`];
  if (status?.state === "ended") return ["ended", "The stream has ended"];
  return ["live", "Live"];
}

function note(text) {
  for (const id of ["note-2d", "note-3d"]) {
    $(id).hidden = !text;
    $(id).textContent = text;
  }
}

function figures() {
  const number = (value, digits) => (value === null || value === undefined ? "–" : value.toFixed(digits));
  const isFresh = performance.now() - stream.lastFrameMs < SILENCE_MS;
  $("fps").textContent = isFresh ? number(stream.fps, 1) : "0";
  $("p50").textContent = isFresh ? number(stream.latency(0.5), 1) : "–";
  $("p95").textContent = isFresh ? number(stream.latency(0.95), 1) : "–";
  $("people").textContent = isFresh && stream.frame ? stream.frame.poses.length : "–";
  $("dropped").textContent = stream.dropped;
  show();
}

function draw(nowMs) {
  const isFresh = stream.frame && nowMs - stream.lastFrameMs < SILENCE_MS;
  const frame = isFresh ? stream.frame : null;
  const info = stream.info;
  if (skeleton) {
    box = view2d.draw(frame, frame?.size ?? (info ? [info.width, info.height] : [16, 9]), skeleton, theme);
    view3d.draw(frame, skeleton, theme, nowMs);
  }
  note(frame ? (frame.poses.length ? "" : "Nobody in the picture") : stream.state === "live" ? "No frames" : "");
  requestAnimationFrame(draw);
}

stream.onchange = show;
$("stream").addEventListener("change", (event) => stream.choose(event.target.value));
$("front").addEventListener("click", () => {
  view3d.setOrbit(false);
  view3d.front();
});
$("orbit").addEventListener("click", () => view3d.setOrbit(!view3d.orbiting));
view3d.onorbit = (on) => $("orbit").setAttribute("aria-pressed", on);
view3d.onorbit(view3d.orbiting);
$("address").textContent = stream.address;
$("copy").addEventListener("click", async () => {
  // Without a secure origin a page may not write to the clipboard; selecting leaves the user one key from it.
  try {
    await navigator.clipboard.writeText(stream.address);
    $("copy").textContent = "Copied";
    setTimeout(() => ($("copy").textContent = "Copy"), 1500);
  } catch {
    getSelection().selectAllChildren($("address"));
  }
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (theme = readTheme()));
setInterval(figures, FIGURES_MS);
requestAnimationFrame(draw);

Object.defineProperty(window, "posewire", {
  value: Object.freeze({
    get state() { return $("state").dataset.state; },
    get frames() { return stream.frames; },
    get fps() { return stream.fps; },
    get latencyMs() { return stream.latency(0.5); },
    get frame() { return stream.frame; },
    get box() { return box; },
  }),
});
