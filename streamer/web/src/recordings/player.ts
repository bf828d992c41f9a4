// Plays one recording on its time line, in views of its own beside the live ones.

import type { Frame } from "posewire";
import { type Theme } from "../live/canvas";
import { plan, type Plan, Slots } from "../live/skeleton";
import { View2D } from "../live/view2d";
import { View3D } from "../live/view3d";
import { say } from "../live/words";
import { byId } from "../shared/dom";
import type { Film, Reel } from "./film";
import { type Bounds, LEAST_S, Part } from "./part";
import { type Entry, Refused, type Service } from "./service";
import { Timeline } from "./timeline";
import { sizeOf } from "./units";

const HELD_US = 1_000_000; // a frame stays this long where no other follows

export class Player {
  onchange: () => void = () => {};
  onclosed: (entry: Entry) => void = () => {}; // by its button
  onexport: (entry: Entry) => void = () => {};
  entry: Entry | null = null;
  private readonly place = byId("player");
  private readonly view2d = new View2D(byId("player-2d", HTMLCanvasElement));
  private readonly view3d = new View3D(byId("player-3d", HTMLCanvasElement));
  private readonly timeline = new Timeline(byId("player-timeline"));
  private readonly part = new Part(this.timeline.track, byId("player-part"), byId("player-whole", HTMLButtonElement));
  private readonly picker = byId("player-stream", HTMLSelectElement);
  private readonly slots = new Slots();
  private film: Film | null = null;
  private reel: Reel | null = null;
  private skeleton: Plan = plan({ landmarks: [], edges: [] });
  private positionUs = 0;
  private speed = 1;
  private loop = false;
  private paused = true;
  private lastMs = 0;
  private frame: Frame | null = null;
  private told: () => string = () => "";
  private size: [number, number] = [16, 9];

  constructor(private readonly service: Service) {
    this.timeline.onwish = ({ paused, positionS, speed, loop }) => {
      if (positionS !== undefined) this.positionUs = 1e6 * positionS;
      if (speed !== undefined) this.speed = speed;
      if (loop !== undefined) this.loop = loop;
      if (paused !== undefined) this.setPaused(paused);
    };
    this.timeline.next = (atS, way) => this.beside(atS, way);
    this.part.onmove = (positionS) => {
      this.positionUs = 1e6 * positionS; // so that what is cut off is seen
      this.paused = true;
    };
    this.part.onkey = (event, atS) => this.timeline.move(event, atS);
    this.picker.addEventListener("change", () => this.choose(this.picker.value));
    this.place.addEventListener("keydown", (event) => this.press(event));
    byId("player-in").addEventListener("click", () => this.part.begin(this.shownS));
    byId("player-out").addEventListener("click", () => this.part.end(this.afterS));
    byId("player-export").addEventListener("click", () => this.entry && this.onexport(this.entry));
    byId("player-close").addEventListener("click", () => {
      const { entry } = this;
      this.close();
      if (entry) this.onclosed(entry);
    });
  }

  get shown() {
    const { entry, film, paused, positionUs, frame, part } = this;
    const times = { positionS: positionUs / 1e6, durationS: this.durationUs / 1e6, fromS: part.fromS, toS: part.toS };
    return entry && { name: entry.name, paused, ...times, ready: film !== null, frame };
  }

  /** What has been chosen of a recording; null where that is all of it. */
  partOf(entry: Entry): Bounds | null {
    return this.film && this.entry?.name === entry.name && !this.part.isWhole ? this.part.bounds : null;
  }

  async open(entry: Entry): Promise<void> {
    this.close();
    this.entry = entry;
    this.place.hidden = false;
    byId("player-title").textContent = entry.name;
    this.disabled = true;
    this.onchange();
    this.place.focus({ preventScroll: true }); // the button that was pressed is made anew
    this.place.scrollIntoView({ block: "nearest", behavior: "smooth" });
    try {
      const { MAX_BYTES, read } = await import("./film");
      if (entry.bytes > MAX_BYTES) throw new RangeError();
      const { body } = await this.service.file(entry.name);
      if (!body || this.entry !== entry) return;
      const film = await read(body, (bytes) => {
        if (this.entry !== entry) throw new Error("closed"); // nobody waits for the rest
        this.tell(() => say("loading", { share: Math.round((100 * bytes) / Math.max(bytes, entry.bytes)) }));
      });
      if (this.entry === entry) this.begin(film);
    } catch (error) {
      if (this.entry === entry) this.tell(() => faultOf(error, entry), true);
    }
  }

  close(): void {
    this.entry = this.film = this.reel = this.frame = null;
    this.positionUs = 0;
    this.paused = true;
    this.place.hidden = true;
    this.tell(() => "");
    this.part.reset(0);
    this.timeline.show(this.standing);
    this.onchange();
  }

  rename(): void {
    this.timeline.rename();
    this.part.rename();
    byId("player-note").textContent = this.told();
  }

  draw(theme: Theme, nowMs: number): void {
    const elapsedUs = 1000 * Math.min(250, nowMs - this.lastMs);
    this.lastMs = nowMs;
    if (!this.film || !this.reel) return;
    if (!this.paused) this.advance(elapsedUs * this.speed);
    const tUs = this.film.startUs + this.positionUs;
    const index = this.reel.indexAt(tUs);
    this.frame = index >= 0 && tUs - this.reel.timesUs[index] < HELD_US ? this.reel.at(index) : null;
    this.size = this.frame?.size ?? this.size;
    this.slots.update(this.frame?.poses ?? []);
    this.view2d.draw(this.frame, null, this.size, this.skeleton, this.slots, theme);
    this.view3d.draw(this.frame, this.skeleton, this.slots, theme, nowMs);
    this.timeline.show(this.standing);
    const hint = !this.frame ? say("noFrameHere") : this.frame.poses.length ? "" : say("nobody");
    if (byId("player-hint").textContent !== hint) byId("player-hint").textContent = hint;
  }

  private set disabled(off: boolean) {
    this.timeline.disabled = this.part.disabled = off;
    for (const id of ["player-in", "player-out", "player-export"]) byId(id, HTMLButtonElement).disabled = off;
  }

  // When the frame that is shown was captured, so that a part that begins there has it.
  private get shownS(): number {
    const { film, reel, positionUs } = this;
    const tUs = film && reel?.timesUs[reel.indexAt(film.startUs + positionUs)];
    return film && tUs ? (tUs - film.startUs) / 1e6 : positionUs / 1e6;
  }

  // Where a part ends that has the frame that is shown.
  private get afterS(): number {
    const { shownS } = this;
    const nextS = this.beside(shownS, 1);
    return nextS > shownS ? Math.min(nextS, shownS + LEAST_S) : this.durationUs / 1e6;
  }

  private beside(atS: number, way: number): number {
    const { film, reel } = this;
    const tUs = film && reel?.beside(Math.round(film.startUs + 1e6 * atS), way);
    return film && tUs ? (tUs - film.startUs) / 1e6 : atS;
  }

  private press(event: KeyboardEvent): void {
    const { target, key } = event;
    if (!this.film || event.ctrlKey || event.metaKey || event.altKey || target instanceof HTMLSelectElement) return;
    if (key === "i" || key === "I") this.part.begin(this.shownS);
    else if (key === "o" || key === "O") this.part.end(this.afterS);
    else if (target === this.place) this.timeline.press(event);
  }

  private get durationUs(): number {
    return this.film ? this.film.endUs - this.film.startUs : 0;
  }

  private get standing() {
    const { speed, paused, loop } = this;
    return { durationS: this.durationUs / 1e6, positionS: this.positionUs / 1e6, speed, paused, loop };
  }

  private begin(film: Film): void {
    if (!film.reels.size) return this.tell(() => say("emptyRecording"), true);
    this.film = film;
    this.tell(() => (film.whole ? "" : say("playsToCut")));
    if (film.hello) this.skeleton = plan(film.hello.skeleton);
    const names = [...film.reels.keys()];
    this.picker.replaceChildren(...names.map((name) => new Option(name)));
    byId("player-picker").hidden = names.length < 2;
    this.choose(names[0]);
    this.part.reset(this.durationUs / 1e6);
    this.disabled = false;
    if (document.activeElement === this.place) this.timeline.focus(); // whose keys are those of the player
    this.setPaused(false);
  }

  private choose(stream: string): void {
    this.reel = this.film?.reels.get(stream) ?? null;
    const info = this.film?.hello?.streams.find(({ id }) => id === stream);
    this.size = this.reel?.at(0)?.size ?? (info?.width ? [info.width, info.height] : [16, 9]);
    byId("player-stages").style.setProperty("--aspect", (this.size[0] / this.size[1]).toFixed(4));
  }

  private setPaused(paused: boolean): void {
    const [fromUs, toUs] = this.played;
    if (!paused && this.positionUs >= toUs) this.positionUs = fromUs;
    this.paused = paused;
  }

  // A loop is of the part that was chosen.
  private get played(): [fromUs: number, toUs: number] {
    return this.loop ? [1e6 * this.part.fromS, 1e6 * this.part.toS] : [0, this.durationUs];
  }

  private advance(us: number): void {
    const [fromUs, toUs] = this.played;
    this.positionUs += us;
    if (this.positionUs < toUs) return;
    if (this.loop && toUs > fromUs) this.positionUs = fromUs + ((this.positionUs - toUs) % (toUs - fromUs));
    else {
      this.positionUs = toUs;
      this.paused = true;
    }
  }

  private tell(text: () => string, isFault = false): void {
    this.told = text;
    const note = byId("player-note");
    note.textContent = text();
    note.classList.toggle("fault", isFault);
  }
}

function faultOf(error: unknown, { bytes }: Entry): string {
  if (error instanceof RangeError) return say("tooLongHere", { size: sizeOf(bytes), limit: 256 });
  if (error instanceof Refused) return error.message || say("unreachable");
  return say("unreadableRecording", { reason: error instanceof Error ? error.message : String(error) });
}
