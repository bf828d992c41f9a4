// The photo page: pictures come in, the server is asked, what it found is shown and can be taken away.
//
// `window.posewire` shows what it does, read-only, to whoever opens the console and to the tests:
//   pictures   of each name, state and fault (a key of words.js, or null)
//   shown      index of the one on the stage, -1 where there is none; painted: whether its picture is on the canvas
//   points     of each person [x, y] of the landmarks in CSS pixels of the canvas
//   marked     id of the landmark that is marked, or null

import { Language } from "../shared/language";
import { Asker } from "./asker";
import { csvOf, nameOf, save } from "./download";
import { Figures } from "./figures";
import { Overlay } from "./overlay";
import { Fault, Picture } from "./picture";
import { Strip } from "./strip";
import { WORDS } from "./words";

const MAX_PICTURES = 100;
const MAX_PEOPLE = 8;
const WORKING = { waiting: "waiting", asking: "asking", busy: "busyNow" };

const $ = (id) => document.getElementById(id);
const language = new Language(WORDS);
const asker = new Asker(new URLSearchParams(location.search).get("token"), readOptions());
const overlay = new Overlay($("view"), getComputedStyle(document.body).fontFamily);
const figures = new Figures($("landmarks"), $("angles"), language);
const strip = new Strip($("strip"), language);
let pictures = [];
let chosen = null;
let painting = null; // the picture that is being decoded
let painted = null; // the one whose bitmap is on the canvas
let person = 0;
let maxBytes = null; // of a file, once the server has told
let pageFault = null; // what keeps the page from asking at all
let marked = null;

function readOptions() {
  return { model: $("model").value, people: $("people").value || "1", min_confidence: $("confidence").value };
}

function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

async function meet() {
  try {
    maxBytes = await asker.limit();
    pageFault = null;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    pageFault = error;
  }
  show();
}

// The server is asked for its limit again where it could not be reached before.
async function add(files) {
  if (maxBytes === null) await meet();
  if (maxBytes === null) return;
  const room = MAX_PICTURES - pictures.length;
  write("left-out", files.length > room ? language.say("tooMany", { limit: MAX_PICTURES }) : "");
  const added = files.slice(0, room).map((file) => new Picture(file));
  pictures = [...pictures, ...added];
  if (added.length) choose(added[0]);
  for (const picture of added) {
    try {
      await picture.open(maxBytes);
      if (pictures.includes(picture)) asker.add(picture);
    } catch (error) {
      picture.fail(error);
    }
    change(picture);
  }
}

function choose(picture) {
  chosen = picture;
  person = 0;
  mark(null);
  show();
}

function remove(picture) {
  const at = pictures.indexOf(picture);
  asker.forget(picture);
  pictures = pictures.filter((other) => other !== picture);
  choose(pictures[Math.min(at, pictures.length - 1)] ?? null);
  $(pictures.length ? "add" : "choose").focus();
}

function change(picture) {
  if (picture === chosen) show();
  else strip.show(pictures, chosen);
}

async function paint() {
  const picture = chosen;
  if (!picture?.isReadable || [painting, painted].includes(picture)) return;
  painting = picture;
  try {
    const bitmap = await picture.decode();
    if (picture === chosen) {
      painted = picture;
      overlay.show(bitmap);
    } else bitmap.close(); // overtaken
  } catch (error) { // the file has gone or changed since
    picture.fail(error);
    picture.isReadable = false;
    change(picture);
  } finally {
    if (painting === picture) painting = null;
  }
}

function show() {
  strip.show(pictures, chosen);
  for (const id of ["remove", "add"]) $(id).hidden = !chosen;
  write("name", chosen?.name ?? "");
  if (painted && painted !== chosen) {
    painted = null;
    overlay.show(null);
  }
  showNotice();
  showFound();
  overlay.draw();
  paint();
}

function noticeOf() {
  if (pageFault) return pageFault;
  if (!chosen) return { key: "drop" };
  if (chosen.state === "failed") return chosen.fault;
  return chosen.state === "nobody" ? { key: "nobody" } : null;
}

function showNotice() {
  const notice = noticeOf();
  $("notice").hidden = !notice;
  $("notice").dataset.key = notice?.key ?? "";
  $("progress").hidden = !(chosen?.state in WORKING);
  write("progress", chosen && WORKING[chosen.state] ? language.say(WORKING[chosen.state]) : "");
  const title = notice ? language.say(notice.key === "drop" ? "dropTitle" : notice.key) : "";
  const detail = notice ? language.say(`${notice.key}Detail`, notice.values) : "";
  write("notice-title", title);
  write("notice-detail", detail);
  write("notice-server", notice?.detail ?? "");
  $("choose").hidden = notice?.key !== "drop";
  $("again").hidden = !["busy", "unreachable"].includes(notice?.key);
  $("token-form").hidden = notice?.key !== "token";
  const name = chosen && !pageFault ? `${chosen.name}: ` : "";
  write("announcer", name + (notice ? `${title}. ${detail}` : $("progress").textContent || countOf(chosen)));
}

function countOf({ answer }) {
  if (!answer.people.length) return language.say("nobody");
  return answer.people.length === 1 ? language.say("foundOne") : language.say("found", { count: answer.people.length });
}

function showFound() {
  const answer = chosen?.answer ?? null;
  $("found").hidden = !answer;
  $("empty").hidden = Boolean(answer);
  overlay.people = answer?.people ?? [];
  write("download-fault", "");
  if (!answer) return;
  person = Math.min(person, Math.max(0, answer.people.length - 1));
  overlay.person = person;
  write("count", countOf(chosen));
  write("size", language.say("size", { width: answer.size[0], height: answer.size[1] }));
  for (const id of ["json", "csv", "png"]) $(id).disabled = chosen.state in WORKING;
  $("persons").hidden = answer.people.length < 2;
  const held = $("persons").contains(document.activeElement);
  $("persons").replaceChildren(...answer.people.map(personButton));
  if (held) $("persons").children[person]?.focus();
  $("tables").hidden = !answer.people.length;
  if (answer.people.length) figures.show(answer.people[person]);
}

function personButton({ id, score }, index) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = language.say("person", { id });
  button.title = language.say("score", { score: score.toFixed(2) });
  button.setAttribute("aria-pressed", index === person);
  button.addEventListener("click", () => {
    person = index;
    mark(null);
    show();
  });
  return button;
}

function mark(id) {
  marked = overlay.marked = id;
  figures.mark(id);
  overlay.draw();
}

function askAgain() {
  asker.options = readOptions();
  const readable = pictures.filter((picture) => picture.isReadable);
  asker.again([...readable.filter((picture) => picture === chosen), ...readable.filter((picture) => picture !== chosen)]);
}

async function savePng() {
  const picture = chosen;
  $("png").disabled = true;
  write("download-fault", "");
  try {
    save(await asker.annotated(picture), nameOf(picture, ".annotated.png"));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    write("download-fault", language.say(error.key));
  }
  $("png").disabled = Boolean(chosen && chosen.state in WORKING);
}

function writeConfidence() {
  write("confidence-value", `${Math.round(100 * $("confidence").value)} %`);
}

function listen() {
  $("choose").addEventListener("click", () => $("files").click());
  $("add").addEventListener("click", () => $("files").click());
  $("files").addEventListener("change", () => {
    add([...$("files").files]);
    $("files").value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) add([...event.clipboardData.files]);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dragging");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    add([...event.dataTransfer.files]);
  });
  $("remove").addEventListener("click", () => remove(chosen));
  $("again").addEventListener("click", () => (pageFault ? meet() : askAgain()));
  for (const id of ["model", "people", "confidence"]) $(id).addEventListener("change", askAgain);
  $("confidence").addEventListener("input", writeConfidence);
  $("json").addEventListener("click", () =>
    save(new Blob([chosen.text], { type: "application/json" }), nameOf(chosen, ".json")));
  $("csv").addEventListener("click", () => save(new Blob([csvOf(chosen)], { type: "text/csv" }), nameOf(chosen, ".csv")));
  $("png").addEventListener("click", savePng);
  $("language").addEventListener("click", () => language.next());
  $("token-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    asker.token = $("token").value.trim();
    history.replaceState(null, "", `/photo?token=${encodeURIComponent(asker.token)}`); // a reload keeps it
    await meet();
    if (!pageFault) askAgain();
  });
  $("view").addEventListener("pointermove", (event) => mark(overlay.at(event.offsetX, event.offsetY)));
  $("view").addEventListener("pointerleave", () => mark(null));
}

$("people").replaceChildren(...Array.from({ length: MAX_PEOPLE }, (_, i) => new Option(i + 1)));
language.onchange = show;
asker.onchange = change;
figures.onmark = mark;
strip.onchoose = choose;
listen();
language.apply();
writeConfidence();
asker.options = readOptions(); // a browser may have kept what was chosen before a reload
meet();

Object.defineProperty(window, "posewire", {
  value: Object.freeze({
    get pictures() { return pictures.map(({ name, state, fault }) => ({ name, state, fault: fault?.key ?? null })); },
    get shown() { return pictures.indexOf(chosen); },
    get painted() { return painted !== null && painted === chosen; },
    get points() { return overlay.people.map(({ keypoints }) => keypoints.map((point) => overlay.place(point))); },
    get marked() { return marked; },
  }),
});
