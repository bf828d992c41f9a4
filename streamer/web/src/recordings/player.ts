// Plays one recording on its time line, in views of its own beside the live ones.

import type { Frame } from "posewire";
import { type Theme } from "../live/canvas";
import { plan, type Plan, Slots } from "../live/skeleton";
import { View2D } from "../live/view2d";
import { View3D } from "../live/view3d";
import { say } from "../live/words";
import { byId } from "../shared/dom";
import type { Film, Reel } from "./film";
import { type Entry, Refused, type Service } from "./service";
import { Timeline } from "./timeline";
import { sizeOf } from "./units";

const HELD_US = 1_000_000; // a frame stays this long where no other follows

export class Player {
  onchange: () => void = () => {};
  entry: Entry | null = null;
  private readonly place = byId("player");
  private readonly view2d = new View2D(byId("player-2d", HTMLCanvasElement));
  private readonly view3d = new View3D(byId("player-3d", HTMLCanvasElement));
  private readonly timeline = new Timeline(byId("player-timeline"));
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
    this.picker.addEventListener("change", () => this.choose(this.picker.value));
    byId("player-close").addEventListener("click", () => this.close());
  }

  get shown() {
    const { entry, film, paused, positionUs, frame } = this;
    return entry && { name: entry.name, paused, positionS: positionUs / 1e6, durationS: this.durationUs / 1e6, ready: film !== null, frame };
  }

  async open(entry: Entry): Promise<void> {
    this.close();
    this.entry = entry;
    this.place.hidden = false;
    byId("player-title").textContent = entry.name;
    this.timeline.disabled = true;
    this.onchange();
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
    this.timeline.show(this.standing);
    this.onchange();
  }

  rename(): void {
    this.timeline.rename();
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
    this.timeline.disabled = false;
    this.setPaused(false);
  }

  private choose(stream: string): void {
    this.reel = this.film?.reels.get(stream) ?? null;
    const info = this.film?.hello?.streams.find(({ id }) => id === stream);
    this.size = this.reel?.at(0)?.size ?? (info?.width ? [info.width, info.height] : [16, 9]);
    byId("player-stages").style.setProperty("--aspect", (this.size[0] / this.size[1]).toFixed(4));
  }

  private setPaused(paused: boolean): void {
    if (!paused && this.positionUs >= this.durationUs) this.positionUs = 0;
    this.paused = paused;
  }

  private advance(us: number): void {
    this.positionUs += us;
    if (this.positionUs < this.durationUs) return;
    if (this.loop && this.durationUs) this.positionUs %= this.durationUs;
    else {
      this.positionUs = this.durationUs;
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
