// The recordings of the server: to make one, and what to do with each.

import { say, language } from "../live/words";
import { byId } from "../shared/dom";
import { ExportDialog } from "./export";
import type { Player } from "./player";
import { type Entry, type Kept, Refused, type Service } from "./service";
import { clockOf, dateOf, sizeOf } from "./units";

const BUSY_MS = 1000;
const IDLE_MS = 5000;
const MANY = 8; // more are searched
const OWN = "posewire.recording"; // the one begun in this tab, which a reload doesn't forget

export class Panel {
  kept: Kept | null = null;
  private readonly record = byId("record", HTMLButtonElement);
  private readonly list = byId("takes");
  private readonly find = byId("record-find", HTMLInputElement);
  private readonly exporting: ExportDialog;
  private own = keptOwn();
  private askedMs = 0; // when `kept` came
  private nextMs = 0;
  private asking: Promise<void> | null = null;

  constructor(private readonly service: Service, private readonly player: Player) {
    this.exporting = new ExportDialog(service);
    this.record.addEventListener("click", () => void this.toggle());
    this.find.addEventListener("input", () => this.show());
    player.onchange = () => this.show();
    player.onexport = (entry) => this.export(entry);
    player.onclosed = ({ name }) => this.rowOf(name)?.querySelector<HTMLElement>(".play")?.focus();
    this.nameFind();
  }

  /** To be called a few times a second. */
  tick(nowMs: number): void {
    if (this.service.live && !document.hidden && nowMs >= this.nextMs) void this.load();
    this.showTime();
  }

  /** Another server, or another token: all may be different. */
  meet(): void {
    this.nextMs = 0;
  }

  show(): void {
    const { kept } = this;
    const panel = byId("recordings");
    panel.hidden = !kept || (this.service.isRelay && !kept.possible && !kept.recordings.length);
    if (!kept) return;
    const running = this.running;
    this.record.hidden = !kept.may_record;
    this.record.dataset.state = running ? "recording" : "idle";
    byId("record-text").textContent = say(running ? "stop" : "record");
    this.find.hidden = kept.recordings.length <= MANY;
    const found = this.find.hidden ? kept.recordings : this.found(kept.recordings);
    const why = kept.may_record ? (kept.recordings.length ? "" : say("noRecordings")) : say(kept.possible ? "recordNeedsControl" : "recordNeedsFolder");
    const note = kept.recordings.length && !found.length ? say("foundNone") : why;
    if (byId("record-note").textContent !== note) byId("record-note").textContent = note;
    byId("record-count").textContent = kept.recordings.length ? String(kept.recordings.length) : "";
    this.list.hidden = !found.length;
    this.showRows(found, kept.may_record);
    this.showTime();
  }

  private get running(): Entry | undefined {
    return this.kept?.recordings.find(({ name, state }) => name === this.own && state === "recording");
  }

  // By parts of the name and of the streams' ids.
  private found(recordings: Entry[]): Entry[] {
    const wanted = this.find.value.trim().toLowerCase();
    return recordings.filter(({ name, streams }) => [name, ...streams].some((text) => text.toLowerCase().includes(wanted)));
  }

  private rowOf(name: string): HTMLElement | undefined {
    return ([...this.list.children] as HTMLElement[]).find(({ dataset }) => dataset.name === name);
  }

  private export(entry: Entry): void {
    this.exporting.open(entry, this.player.partOf(entry));
  }

  private load(): Promise<void> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask(): Promise<void> {
    try {
      this.take(await this.service.kept());
    } catch {
      // Where the server is out of reach the page says so; here stays what was known.
    }
    const busy = this.kept?.recordings.some(({ state }) => state === "recording");
    this.nextMs = performance.now() + (busy ? BUSY_MS : IDLE_MS);
  }

  private take(kept: Kept): void {
    const newest = ({ started, name }: Entry) => `${started ?? ""} ${name}`;
    kept.recordings.sort((a, b) => (newest(a) < newest(b) ? 1 : -1));
    this.askedMs = performance.now();
    const failed = this.running && kept.recordings.find(({ name, state }) => name === this.own && state === "failed");
    if (failed) byId("record-fault").textContent = say("recordingFailed", { name: failed.name, reason: failed.error });
    this.kept = kept;
    this.show();
  }

  private async toggle(): Promise<void> {
    const running = this.running;
    if (running) return this.end(running.name);
    await this.change(async () => {
      this.own = (await this.service.begin()).name;
      keepOwn(this.own);
    });
  }

  private async end(name: string): Promise<void> {
    await this.change(() => this.service.end(name));
  }

  private async change(work: () => Promise<unknown>): Promise<void> {
    this.record.disabled = true;
    let fault = "";
    try {
      await work();
    } catch (error) {
      fault = error instanceof Refused ? error.message || say("unreachable") : String(error);
    }
    byId("record-fault").textContent = fault;
    await this.asking; // which may have been answered before the change
    await this.load();
    this.record.disabled = false;
  }

  // Of the one that this page makes, and of those in progress in the list.
  private showTime(): void {
    const running = this.running;
    byId("record-time").textContent = running ? clockOf(this.durationOf(running)) : "";
    for (const entry of this.kept?.recordings ?? []) {
      const place = entry.state === "recording" && this.rowOf(entry.name)?.querySelector(".duration");
      if (place) place.textContent = clockOf(this.durationOf(entry));
    }
  }

  private durationOf({ duration_s, state }: Entry): number {
    return duration_s + (state === "recording" && this.service.live ? (performance.now() - this.askedMs) / 1000 : 0);
  }

  // Only what changed is made anew, and the rest stays in its place: somebody may be about to press a button there.
  private showRows(recordings: Entry[], may_record: boolean): void {
    const before = new Map([...this.list.children].map((row) => [(row as HTMLElement).dataset.name, row as HTMLElement]));
    const rows = recordings.map((entry) => {
      const isPlayed = this.player.entry?.name === entry.name;
      const told = JSON.stringify([entry.state === "recording" ? { ...entry, bytes: 0, duration_s: 0, messages: 0 } : entry, may_record, isPlayed, language.code]);
      const row = before.get(entry.name);
      if (row?.dataset.told === told) return row;
      const made = this.makeRow(entry, may_record, isPlayed);
      made.dataset.name = entry.name;
      made.dataset.told = told;
      return made;
    });
    const kept = new Set(rows);
    for (const row of before.values()) if (!kept.has(row)) row.remove();
    rows.forEach((row, i) => row !== this.list.children[i] && this.list.insertBefore(row, this.list.children[i] ?? null));
  }

  private makeRow(entry: Entry, mayRecord: boolean, isPlayed: boolean): HTMLElement {
    const row = make("li", isPlayed ? "played" : "");
    const head = make("div", "what");
    const name = make("span", "name", entry.name);
    name.title = entry.name;
    head.append(name);
    if (entry.state !== "unreadable") head.append(make("span", "duration", clockOf(entry.duration_s)));
    const size = entry.state === "recording" ? "" : sizeOf(entry.bytes);
    const facts = [entry.started && dateOf(entry.started, language.code), size, entry.streams.join(", ")];
    const known = facts.filter(Boolean).join(" · ");
    const meta = make("div", "meta", known);
    if (entry.state !== "finished") meta.prepend(make("span", `state ${entry.state}`, say(`state_${entry.state}`)), known && " · ");
    if (entry.left_out) meta.append(` · ${say("leftOut", { count: entry.left_out })}`);
    if (entry.error) {
      const why = make("div", "meta fault", entry.error);
      why.lang = "en";
      meta.append(why);
    }
    row.append(head, meta, this.makeActions(entry, mayRecord));
    return row;
  }

  private makeActions(entry: Entry, mayRecord: boolean): HTMLElement {
    const actions = make("div", "deeds");
    if (entry.state === "recording") {
      if (mayRecord && entry.name !== this.own) actions.append(press("stop", entry.name, () => void this.end(entry.name)));
      return actions;
    }
    const link = Object.assign(make("a", "button", say("download")) as HTMLAnchorElement, { download: `${entry.name}.mcap` });
    link.setAttribute("aria-label", say("deedOf", { deed: say("download"), name: entry.name }));
    link.href = this.service.address(entry.name);
    for (const kind of ["pointerdown", "focus"]) link.addEventListener(kind, () => (link.href = this.service.address(entry.name)));
    if (entry.state !== "unreadable") {
      actions.append(press("play", entry.name, () => void this.player.open(entry)), link, press("export", entry.name, () => this.export(entry)));
    } else actions.append(link);
    return actions;
  }

  /** In another language. */
  rename(): void {
    this.nameFind();
    this.show();
    this.exporting.rename();
  }

  private nameFind(): void {
    this.find.placeholder = say("findRecording");
    this.find.setAttribute("aria-label", say("findRecording"));
  }
}

function keptOwn(): string | null {
  try {
    return sessionStorage.getItem(OWN);
  } catch {
    return null; // where the browser keeps nothing
  }
}

function keepOwn(name: string): void {
  try {
    sessionStorage.setItem(OWN, name);
  } catch {
    // Where the browser keeps nothing the page knows it until it is left.
  }
}

function press(deed: "play" | "stop" | "export", name: string, act: () => void): HTMLButtonElement {
  const button = make("button", deed, say(deed)) as HTMLButtonElement;
  button.type = "button";
  button.setAttribute("aria-label", say("deedOf", { deed: say(deed), name }));
  button.addEventListener("click", act);
  return button;
}

function make(kind: string, className: string, text = ""): HTMLElement {
  return Object.assign(document.createElement(kind), { className, textContent: text });
}
