// The photo page: pictures come in, the server is asked, what it found is shown and can be taken away.
//
// `window.posewire` shows what it does, read-only, to whoever opens the console and to the tests:
//   pictures   of each name, state and fault (a key of words.ts, or null)
//   shown      index of the one on the stage, -1 where there is none; painted: whether its picture is on the canvas
//   points     of each person [x, y] of the landmarks in CSS pixels of the canvas
//   marked     id of the landmark that is marked, or null
//   scale      how far the picture is magnified; 1: all of it is shown

import { byId } from "../shared/dom";
import { Language } from "../shared/language";
import { save } from "../shared/save";
import { Asker, type Options } from "./asker";
import { csvOf, nameOf } from "./download";
import { Figures } from "./figures";
import { Magnifier } from "./magnifier";
import { Overlay } from "./overlay";
import { Fault, type Person, Picture } from "./picture";
import { Saver } from "./saver";
import { Strip } from "./strip";
import { type FaultKey, type Key, WORDS } from "./words";

const MAX_PICTURES = 100;
const MAX_PEOPLE = 8;
const WORKING: Partial<Record<string, Key>> = { waiting: "waiting", asking: "asking", busy: "busyNow" };

const canvas = byId("view", HTMLCanvasElement);
const chooser = byId("files", HTMLInputElement);
const confidence = byId("confidence", HTMLInputElement);
const language = new Language<Key>(WORDS);
const asker = new Asker(new URLSearchParams(location.search).get("token"), readOptions());
const overlay = new Overlay(canvas, getComputedStyle(document.body).fontFamily);
const magnifier = new Magnifier(canvas, overlay.zoom, { larger: byId("larger"), smaller: byId("smaller"), whole: byId("whole") });
const figures = new Figures(byId("landmarks"), byId("angles"), language);
const strip = new Strip(byId("strip"), language);
const saver = new Saver(byId("all"), byId("zip", HTMLButtonElement), byId("all-state"), asker, language);
let pictures: Picture[] = [];
let chosen: Picture | null = null;
let painting: Picture | null = null; // the one that is being decoded
let painted: Picture | null = null; // the one whose bitmap is on the canvas
let person = 0;
let maxBytes: number | null = null; // of a file, once the server has told
let pageFault: Fault | null = null; // what keeps the page from asking at all
let marked: number | null = null;

function readOptions(): Options {
  const [model, people] = ["model", "people"].map((id) => byId(id, HTMLSelectElement).value);
  return { model, people: people || "1", min_confidence: confidence.value };
}

function write(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

async function meet(): Promise<void> {
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
async function add(files: File[]): Promise<void> {
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
      if (!(error instanceof Fault)) throw error;
      picture.fail(error);
    }
    change(picture);
  }
}

function choose(picture: Picture | null): void {
  chosen = picture;
  person = 0;
  mark(null);
  show();
}

function remove(picture: Picture): void {
  const at = pictures.indexOf(picture);
  asker.forget(picture);
  pictures = pictures.filter((other) => other !== picture);
  choose(pictures[Math.min(at, pictures.length - 1)] ?? null);
  byId(pictures.length ? "add" : "choose").focus();
}

function change(picture: Picture): void {
  if (picture === chosen) return show();
  strip.show(pictures, chosen);
  saver.show(pictures);
}

async function paint(): Promise<void> {
  const picture = chosen;
  if (!picture?.isReadable || picture === painting || picture === painted) return;
  painting = picture;
  try {
    const bitmap = await picture.decode();
    if (picture === chosen) {
      painted = picture;
      overlay.show(bitmap);
      magnifier.reset();
    } else bitmap.close(); // overtaken
  } catch (error) { // the file has gone or changed since
    if (!(error instanceof Fault)) throw error;
    picture.fail(error);
    picture.isReadable = false;
    change(picture);
  } finally {
    if (painting === picture) painting = null;
  }
}

function show(): void {
  strip.show(pictures, chosen);
  for (const id of ["remove", "add"]) byId(id).hidden = !chosen;
  write("name", chosen?.name ?? "");
  if (painted && painted !== chosen) {
    painted = null;
    overlay.show(null);
  }
  showNotice();
  showFound();
  saver.show(pictures);
  showZoom();
  overlay.draw();
  void paint();
}

function showZoom(): void {
  byId("zoom").hidden = !painted;
  const percent = `${Math.round(100 * overlay.zoom.scale)} %`;
  write("whole", percent);
  byId("whole").setAttribute("aria-label", `${language.say("whole")} (${percent})`);
}

function noticeOf(): { key: FaultKey | "drop" | "nobody"; detail?: string; values?: Record<string, string | number> } | null {
  if (pageFault) return pageFault;
  if (!chosen) return { key: "drop" };
  if (chosen.state === "failed") return chosen.fault;
  return chosen.state === "nobody" ? { key: "nobody" } : null;
}

function showNotice(): void {
  const notice = noticeOf();
  byId("notice").hidden = !notice;
  byId("notice").dataset.key = notice?.key ?? "";
  const working = chosen ? WORKING[chosen.state] : undefined;
  byId("progress").hidden = !working;
  write("progress", working ? language.say(working) : "");
  const title = notice ? language.say(notice.key === "drop" ? "dropTitle" : notice.key) : "";
  const detail = notice ? language.say(`${notice.key}Detail`, notice.values) : "";
  write("notice-title", title);
  write("notice-detail", detail);
  write("notice-server", notice?.detail ?? "");
  byId("choose").hidden = notice?.key !== "drop";
  byId("again").hidden = !["busy", "unreachable", "wait"].includes(notice?.key ?? "");
  byId("token-form").hidden = !["token", "readOnly"].includes(notice?.key ?? "");
  const name = chosen && !pageFault ? `${chosen.name}: ` : "";
  write("announcer", name + (notice ? `${title}. ${detail}` : byId("progress").textContent || countOf(chosen?.answer?.people ?? [])));
}

function countOf(people: Person[]): string {
  if (!people.length) return language.say("nobody");
  return people.length === 1 ? language.say("foundOne") : language.say("found", { count: people.length });
}

function showFound(): void {
  const answer = chosen?.answer ?? null;
  byId("found").hidden = !answer;
  byId("empty").hidden = Boolean(answer);
  overlay.people = answer?.people ?? [];
  write("download-fault", "");
  if (!chosen || !answer) return;
  person = Math.min(person, Math.max(0, answer.people.length - 1));
  overlay.person = person;
  write("count", countOf(answer.people));
  write("size", language.say("size", { width: answer.size[0], height: answer.size[1] }));
  for (const id of ["json", "csv", "png"]) byId(id, HTMLButtonElement).disabled = chosen.state in WORKING;
  const persons = byId("persons");
  persons.hidden = answer.people.length < 2;
  const held = persons.contains(document.activeElement);
  persons.replaceChildren(...answer.people.map(personButton));
  if (held) persons.querySelectorAll("button")[person]?.focus();
  byId("tables").hidden = !answer.people.length;
  if (answer.people.length) figures.show(answer.people[person]);
}

function personButton({ id, score }: Person, index: number): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = language.say("person", { id });
  button.title = language.say("score", { score: score.toFixed(2) });
  button.setAttribute("aria-pressed", String(index === person));
  button.addEventListener("click", () => {
    person = index;
    mark(null);
    show();
  });
  return button;
}

function mark(id: number | null): void {
  marked = overlay.marked = id;
  figures.mark(id);
  overlay.draw();
}

function askAgain(): void {
  asker.options = readOptions();
  const readable = pictures.filter((picture) => picture.isReadable);
  asker.again([...readable.filter((picture) => picture === chosen), ...readable.filter((picture) => picture !== chosen)]);
}

async function savePng(picture: Picture): Promise<void> {
  const button = byId("png", HTMLButtonElement);
  button.disabled = true;
  write("download-fault", "");
  try {
    save(await asker.annotated(picture), nameOf(picture, ".annotated.png"));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    write("download-fault", language.say(error.key));
  }
  button.disabled = Boolean(chosen && chosen.state in WORKING);
}

function writeConfidence(): void {
  write("confidence-value", `${Math.round(100 * Number(confidence.value))} %`);
}

function listen(): void {
  for (const id of ["choose", "add"]) byId(id).addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    void add([...(chooser.files ?? [])]);
    chooser.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", ({ clipboardData }) => {
    if (clipboardData?.files.length) void add([...clipboardData.files]);
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
    void add([...(event.dataTransfer?.files ?? [])]);
  });
  byId("remove").addEventListener("click", () => chosen && remove(chosen));
  byId("again").addEventListener("click", () => (pageFault ? void meet() : askAgain()));
  for (const id of ["model", "people", "confidence"]) byId(id).addEventListener("change", askAgain);
  confidence.addEventListener("input", writeConfidence);
  byId("json").addEventListener("click", () =>
    chosen && save(new Blob([chosen.text], { type: "application/json" }), nameOf(chosen, ".json")));
  byId("csv").addEventListener("click", () =>
    chosen && save(new Blob([csvOf([chosen])], { type: "text/csv" }), nameOf(chosen, ".csv")));
  byId("png").addEventListener("click", () => chosen && void savePng(chosen));
  byId("language").addEventListener("click", () => language.next());
  byId("token-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    asker.token = byId("token", HTMLInputElement).value.trim();
    history.replaceState(null, "", `/photo?token=${encodeURIComponent(asker.token)}`); // a reload keeps it
    await meet();
    if (!pageFault) askAgain();
  });
  canvas.addEventListener("pointermove", (event) => mark(event.buttons ? null : overlay.at(event.offsetX, event.offsetY)));
  canvas.addEventListener("pointerleave", () => mark(null));
}

byId("people").replaceChildren(...Array.from({ length: MAX_PEOPLE }, (_, i) => new Option(String(i + 1))));
language.onchange = show;
asker.onchange = change;
figures.onmark = mark;
strip.onchoose = choose;
magnifier.onchange = () => {
  showZoom();
  overlay.draw();
};
listen();
language.apply();
writeConfidence();
asker.options = readOptions(); // a browser may have kept what was chosen before a reload
void meet();

Object.defineProperty(window, "posewire", {
  value: Object.freeze({
    get pictures() { return pictures.map(({ name, state, fault }) => ({ name, state, fault: fault?.key ?? null })); },
    get shown() { return chosen ? pictures.indexOf(chosen) : -1; },
    get painted() { return painted !== null && painted === chosen; },
    get points() { return overlay.people.map(({ keypoints }) => keypoints.map((point) => overlay.place(point))); },
    get marked() { return marked; },
    get scale() { return overlay.zoom.scale; },
  }),
});
