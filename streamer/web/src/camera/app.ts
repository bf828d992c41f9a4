// The camera page: this device's camera goes to the server, and what it finds comes back onto the picture.
//
// `window.posewire` shows what it does, read-only, to whoever opens the console and to the tests:
//   state      connecting, live, reconnecting, lost, refused, ended (stopped, paused) or fault
//   sent, acknowledged   pictures since the page was opened; rate, roundTripMs as shown, null where unknown
//   size       of the last picture sent, [width, height]
//   people     in the frame that is shown, null where there is none; tUs: the capture time of the picture shown
//   points     of the first person [x, y, visibility] of the landmarks, in CSS pixels of the canvas
//   image      the same as the server sent them; null where nobody is drawn

import { type Frame, PosewireClient, type Subscription } from "posewire";
import { Meter } from "../live/meter";
import { byId } from "../shared/dom";
import { Awake } from "./awake";
import { CameraFault, isFacing, listCameras, obstacle, openCamera } from "./device";
import { Pace } from "./pace";
import { type Offer, Publisher } from "./publisher";
import { eachPicture, Shutter } from "./shutter";
import { type Barred, describe, type Phase } from "./state";
import { Throughput } from "./throughput";
import { Trust } from "./trust";
import { View } from "./view";
import { language, say } from "./words";

const FIGURES_MS = 250;
const STILL_MS = 2500; // without a picture for this long a camera isn't one
const FRESH_MS = 1000; // how long a skeleton holds without a newer one

const video = byId("video", HTMLVideoElement);
const cameras = byId("camera", HTMLSelectElement);
const streams = byId("stream", HTMLSelectElement);
const sides = byId("side", HTMLSelectElement);
const view = new View(byId("view", HTMLCanvasElement));
const publisher = new Publisher();
const shutter = new Shutter();
const pace = new Pace();
const meter = new Meter();
const throughput = new Throughput();
const awake = new Awake();
const trust = new Trust();
const parameters = new URLSearchParams(location.search);
let token = parameters.get("token");
let phase: Phase = obstacle() ?? "idle";
let barred: Barred | null = null; // as far as the server has said
let fault = ""; // in the browser's words
let attempt = 0; // a camera that opens after its time is closed again
let endPictures = () => {};
let pictureMs = 0;
let client: PosewireClient | null = null;
let subscription: Subscription | null = null;
let sent = 0;
let acknowledged = 0;
let size: [number, number] | null = null;

function write(id: string, text: string): void {
  const place = byId(id);
  if (place.textContent !== text) place.textContent = text;
}

// Which streams wait for a camera, and whether this page may be it; the first that is free is offered.
async function meet(): Promise<void> {
  try {
    const answer = await fetch(`/cameras${token ? `?token=${encodeURIComponent(token)}` : ""}`);
    barred = answer.status === 401 ? (token ? "wrongToken" : "asksToken") : null;
    if (barred && phase === "idle") stop(barred);
    if (!answer.ok) return;
    const { cameras: vacancies, may_publish: mayPublish }: Offer = await answer.json();
    barred = mayPublish ? null : "readOnly";
    if (barred && phase === "idle") stop(barred);
    const chosen = streams.value || parameters.get("stream");
    streams.replaceChildren(...vacancies.map(({ stream }) => new Option(stream)));
    const free = vacancies.find(({ stream, taken }) => stream === chosen || (!chosen && !taken));
    streams.value = (free ?? vacancies[0])?.stream ?? "";
    byId("stream-row").hidden = vacancies.length < 2;
  } catch {
    // The publisher's own attempt says what is wrong.
  }
}

async function start(): Promise<void> {
  if (obstacle()) return;
  if (!streams.value) await meet();
  if (barred) return stop(barred);
  if (!(await open())) return;
  client = new PosewireClient(location.origin, token);
  subscription = client.subscribe({ stream: streams.value || "*", fields: ["image"] });
  publisher.start(streams.value, token);
  void awake.set(true).then(show);
}

// The camera alone; the connection, if there is one, goes on.
async function open(): Promise<boolean> {
  close();
  phase = "waiting";
  fault = "";
  show();
  const mine = attempt;
  try {
    const stream = await openCamera(cameras.value, Number(sides.value));
    if (mine !== attempt) {
      for (const track of stream.getTracks()) track.stop();
      return false;
    }
    const [track] = stream.getVideoTracks();
    track.onended = () => fail("unplugged");
    video.srcObject = stream;
    await video.play().catch(() => undefined); // it plays muted; a `play` that a newer one interrupts isn't news
    if (mine !== attempt) return false;
    phase = "on";
    pictureMs = performance.now();
    pace.reset(pictureMs);
    endPictures = eachPicture(video, (capturedMs) => void take(capturedMs));
    await list(track);
    show();
    return true;
  } catch (error) {
    if (!(error instanceof CameraFault)) throw error;
    if (mine === attempt) fail(error.fault, error.detail);
    return false;
  }
}

function close(): void {
  attempt += 1;
  endPictures();
  if (video.srcObject instanceof MediaStream) for (const track of video.srcObject.getTracks()) track.stop();
  video.srcObject = null;
}

function stop(next: Phase = "idle"): void {
  close();
  publisher.stop();
  client?.close();
  client = subscription = null;
  view.clear();
  meter.reset();
  size = null;
  phase = next;
  void awake.set(false);
  show();
}

function fail(next: Phase, words = ""): void {
  stop(next);
  fault = words;
  show();
}

async function take(capturedMs: number): Promise<void> {
  pictureMs = performance.now();
  if (phase === "still") phase = "on";
  if (!publisher.isReady || shutter.isBusy) return;
  const { scale, quality } = pace.level;
  const shot = await shutter.take(video, capturedMs, Number(sides.value) * scale, quality);
  if (!shot) return;
  if (shot.jpeg.size > publisher.maxBytes) {
    pace.shrink(performance.now());
    return;
  }
  const tUs = publisher.serverUs(shot.capturedMs);
  if (!publisher.send(tUs, shot.jpeg)) return;
  shutter.keep();
  view.keep({ tUs, picture: shot.canvas });
  throughput.count(shot.jpeg.size, performance.now());
  size = [shot.canvas.width, shot.canvas.height];
  sent += 1;
}

// With permission cameras have names. A phone's are told apart by where they look, which its names may not say.
async function list(track: MediaStreamTrack): Promise<void> {
  const devices = await listCameras();
  const { facingMode, deviceId } = track.getSettings();
  const chosen = isFacing(cameras.value) && facingMode ? cameras.value : (deviceId ?? cameras.value);
  const facing = facingMode || !devices.length ? [new Option(say("front"), "user"), new Option(say("back"), "environment")] : [];
  const named = devices.map((device, i) => new Option(device.label || say("numbered", { number: i + 1 }), device.deviceId));
  cameras.replaceChildren(...facing, ...named);
  cameras.value = chosen;
}

function freshFrame(nowMs: number): Frame | null {
  return subscription && nowMs - subscription.frameMs < FRESH_MS ? subscription.frame : null;
}

function describeNow() {
  const frame = freshFrame(performance.now());
  return describe(phase, fault, publisher, frame !== null && frame.poses.length === 0);
}

function show(): void {
  const now = describeNow();
  const isRunning = phase === "on" || phase === "still" || phase === "waiting";
  if (byId("state").dataset.state !== now.state) byId("state").dataset.state = now.state;
  write("state-text", now.text);
  write("announcer", now.title && now.title !== now.text ? `${now.text}. ${now.title}` : now.text);
  write("notice-title", now.title);
  write("notice-detail", now.detail);
  write("notice-server", now.quote);
  byId("notice").hidden = !now.title;
  byId("notice").dataset.place = now.state === "live" ? "below" : "";
  byId("again").hidden = !now.again;
  byId("token-form").hidden = !now.asksToken;
  write("start", isRunning ? say("stop") : barred || ["idle", "hidden", "insecure", "unsupported"].includes(phase) ? say("start") : say("retry"));
  byId("start", HTMLButtonElement).disabled = obstacle() !== null || barred !== null;
  byId("start").dataset.running = String(isRunning);
  write("awake", phase === "on" && !awake.holds ? say("mayTurnOff") : "");
  trust.show(phase === "insecure" || (phase === "on" && publisher.state === "unreachable"));
}

function showFigures(): void {
  const nowMs = performance.now();
  if (phase === "on" && nowMs - pictureMs > STILL_MS) phase = "still";
  const isLive = phase === "on" && publisher.state === "live";
  const frame = isLive ? freshFrame(nowMs) : null;
  const rate = meter.fps(nowMs);
  const roundTrip = meter.latency(0.5);
  write("rate", isLive && rate !== null ? rate.toFixed(0) : "–");
  write("round-trip", isLive && roundTrip !== null ? roundTrip.toFixed(0) : "–");
  write("data", isLive ? (throughput.bytesPerSecond(nowMs) / 1000).toFixed(0) : "–");
  write("size", isLive && size ? `${size[0]} × ${size[1]}` : "–");
  write("seen", frame ? String(frame.poses.length) : "–");
  show();
}

function draw(nowMs: number): void {
  const isOn = phase === "on" || phase === "still";
  view.isMirrored = byId("mirror", HTMLInputElement).checked;
  const frame = freshFrame(nowMs);
  const isFlipped = (frame && client?.info(frame.stream)?.mirror) ?? false;
  if (isOn) view.draw(frame, client?.hello?.skeleton ?? null, isFlipped, publisher.state === "live" && size ? null : video);
  requestAnimationFrame(draw);
}

publisher.onchange = () => {
  if (publisher.state !== "readOnly") return show();
  barred = "readOnly";
  stop(barred); // the camera isn't needed, so nobody wants its light to burn
};
publisher.onack = (roundTripMs) => {
  acknowledged += 1;
  meter.count(performance.now(), roundTripMs);
  pace.count(roundTripMs, performance.now());
};
byId("start").addEventListener("click", () => void (byId("start").dataset.running === "true" ? stop() : start()));
byId("again").addEventListener("click", () => publisher.start(streams.value, token));
cameras.addEventListener("change", () => {
  byId("mirror", HTMLInputElement).checked = cameras.value !== "environment";
  if (phase === "on" || phase === "still") void open();
});
sides.addEventListener("change", () => {
  if (phase === "on" || phase === "still") void open();
});
streams.addEventListener("change", () => {
  if (phase !== "on" && phase !== "still") return;
  stop();
  void start();
});
byId("token-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  token = byId("token", HTMLInputElement).value.trim();
  history.replaceState(null, "", `/camera?token=${encodeURIComponent(token)}`); // a reload and a bookmark keep it
  stop();
  await meet();
  if (barred) return;
  void trust.meet(token);
  await start();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && (phase === "on" || phase === "still")) stop("hidden");
  else if (!document.hidden && phase === "hidden") void start();
});
navigator.mediaDevices?.addEventListener("devicechange", () => {
  const [track] = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks() : [];
  if (track) void list(track);
});
byId("language").addEventListener("click", () => language.next());
language.onchange = () => {
  nameOptions();
  showFigures();
};

function nameOptions(): void {
  for (const option of cameras.options) if (isFacing(option.value)) option.text = say(option.value === "user" ? "front" : "back");
  for (const option of sides.options) option.text = say("pixels", { side: option.value });
}

cameras.replaceChildren(new Option("", "user"), new Option("", "environment"));
sides.replaceChildren(...["480", "640", "960", "1280"].map((side) => new Option("", side, side === "640", side === "640")));
language.apply();
nameOptions();
showFigures();
// A token that may be wrong is shown no more often than needed.
void meet().then(() => (barred === "wrongToken" ? undefined : trust.meet(token)));
setInterval(showFigures, FIGURES_MS);
requestAnimationFrame(draw);

Object.defineProperty(window, "posewire", {
  value: Object.freeze({
    get state() { return describeNow().state; },
    get phase() { return phase; },
    get sent() { return sent; },
    get acknowledged() { return acknowledged; },
    get rate() { return meter.fps(performance.now()); },
    get roundTripMs() { return meter.latency(0.5); },
    get size() { return size; },
    get people() { return freshFrame(performance.now())?.poses.length ?? null; },
    get tUs() { return view.tUs; },
    get points() { return view.points; },
    get image() { return view.image && Array.from({ length: view.image.length / 4 }, (_, i) => [...view.image!.subarray(4 * i, 4 * i + 4)]); },
  }),
});
