// The settings of the stream that is shown: read from the server, changed there at once, and said in words where it refuses.

import { byId } from "../shared/dom";
import type { Feed } from "./feed";
import { type Key, say } from "./words";

interface Range {
  default: number;
  min: number;
  max: number;
  unit: string;
}

interface Settings {
  model: string;
  people: number;
  mirror: boolean;
  smoothing: { kind: string; parameters: Record<string, number>; tuned: boolean };
  engine_smoothed: boolean;
}

interface Offer {
  streams: Record<string, Settings>;
  models: string[];
  max_people: number;
  filters: Record<string, Record<string, Range>>;
  may_change: boolean;
}

type Wish = { model?: string; people?: number; mirror?: boolean; smoothing?: { kind?: string; parameters?: Record<string, number> } };

const STEPS = 1000; // of a slider; small values get most of them
const SETTLE_MS = 150;

export class Controls {
  private readonly model = byId("set-model", HTMLSelectElement);
  private readonly people = byId("set-people", HTMLSelectElement);
  private readonly mirror = byId("set-mirror", HTMLInputElement);
  private readonly kind = byId("set-smoothing", HTMLSelectElement);
  private readonly parameters = byId("parameters");
  private offer: Offer | null = null;
  private wish: Wish | null = null; // not sent yet
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly feed: Feed) {
    this.model.addEventListener("change", () => this.want({ model: this.model.value }));
    this.people.addEventListener("change", () => this.want({ people: Number(this.people.value) }));
    this.mirror.addEventListener("change", () => this.want({ mirror: this.mirror.checked }));
    this.kind.addEventListener("change", () => this.want({ smoothing: { kind: this.kind.value } }));
    byId("defaults").addEventListener("click", () => this.want({ smoothing: { kind: this.kind.value } }));
  }

  /** After a hello, another stream, or news of a description. */
  async load(): Promise<void> {
    if (this.sending || this.wish) return; // the answer to that says it all
    const answer = await this.ask("/settings");
    if (!answer?.ok) return;
    this.offer = (await answer.json()) as Offer;
    this.show();
  }

  /** In another language, too. */
  show(): void {
    const { offer, settings } = this;
    const node = this.feed.info?.node ?? "";
    byId("of-node").textContent = node ? say("settingsOfNode", { node }) : "";
    byId("of-node").hidden = !node;
    for (const id of ["set", "restart", "read-only"]) byId(id).hidden = !settings;
    if (!offer || !settings) return;
    fill(this.model, offer.models.map((name) => [name, say(name as Key)]), settings.model);
    fill(this.people, Array.from({ length: offer.max_people }, (_, i) => [String(i + 1), String(i + 1)]), String(settings.people));
    this.mirror.checked = settings.mirror;
    fill(this.kind, Object.keys(offer.filters).map((name) => [name, say(`filter-${name}` as Key)]), settings.smoothing.kind);
    this.showParameters(offer.filters[settings.smoothing.kind], settings.smoothing.parameters);
    byId("engine-smooths").hidden = !(settings.engine_smoothed && settings.smoothing.kind === "one-euro" && !settings.smoothing.tuned);
    byId("command").textContent = commandOf(settings);
    byId("read-only").hidden = offer.may_change;
    byId("restart").hidden = !offer.may_change;
    byId("set", HTMLFieldSetElement).disabled = !offer.may_change;
  }

  private get settings(): Settings | null {
    return (this.feed.id !== null && this.offer?.streams[this.feed.id]) || null;
  }

  // Rows stay where they are while their slider is held.
  private showParameters(ranges: Record<string, Range>, values: Record<string, number>): void {
    const names = Object.keys(ranges);
    if (this.parameters.dataset.names !== names.join()) {
      this.parameters.dataset.names = names.join();
      this.parameters.replaceChildren(...names.map((name) => this.makeRow(name, ranges[name])));
    }
    byId("defaults").hidden = !names.length || !this.offer?.may_change;
    for (const row of this.parameters.children) {
      const [slider, field] = row.querySelectorAll("input");
      const name = slider.name;
      if (document.activeElement !== slider) slider.value = String(placeOf(values[name], ranges[name]));
      if (document.activeElement !== field) field.value = String(round(values[name]));
    }
  }

  private makeRow(name: string, range: Range): HTMLElement {
    const row = document.createElement("label");
    row.className = "parameter";
    const title = document.createElement("span");
    title.textContent = name;
    title.title = range.unit;
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", name, min: "0", max: String(STEPS), title: range.unit });
    const field = document.createElement("input");
    Object.assign(field, { type: "number", min: String(range.min), max: String(range.max), step: "any" });
    field.setAttribute("aria-label", `${name}, ${range.unit}`);
    slider.addEventListener("input", () => {
      const value = round(valueAt(Number(slider.value), range));
      field.value = String(value);
      this.want({ smoothing: { parameters: { [name]: value } } });
    });
    field.addEventListener("change", () => this.want({ smoothing: { parameters: { [name]: Number(field.value) } } }));
    row.append(title, slider, field);
    return row;
  }

  // Wishes that come while one is on its way are sent together when it is done.
  private want(wish: Wish): void {
    const before = this.wish ?? {};
    const smoothing = wish.smoothing?.kind
      ? wish.smoothing
      : { ...before.smoothing, ...wish.smoothing, parameters: { ...before.smoothing?.parameters, ...wish.smoothing?.parameters } };
    this.wish = { ...before, ...wish, ...(wish.smoothing || before.smoothing ? { smoothing } : {}) };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), SETTLE_MS);
  }

  private async send(): Promise<void> {
    const { wish } = this;
    const { id } = this.feed;
    if (this.sending || !wish || id === null) return;
    this.wish = null;
    this.sending = true;
    byId("tuning").setAttribute("aria-busy", "true");
    const answer = await this.ask(`/settings/${id}`, wish);
    this.sending = false;
    byId("tuning").removeAttribute("aria-busy");
    if (answer?.ok && this.offer) this.offer.streams[id] = (await answer.json()) as Settings;
    byId("refused-setting").textContent = answer?.ok ? "" : answer ? await detailOf(answer) : say("unreachable");
    if (!answer?.ok) (document.activeElement as HTMLElement | null)?.blur(); // so that the control goes back
    this.show();
    if (this.wish) void this.send();
  }

  private async ask(path: string, wish?: Wish): Promise<Response | null> {
    const { token } = this.feed.client;
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    if (wish) headers["content-type"] = "application/json";
    try {
      return await fetch(path, wish ? { method: "PATCH", headers, body: JSON.stringify(wish) } : { headers });
    } catch {
      return null;
    }
  }
}

function fill(select: HTMLSelectElement, options: string[][], value: string): void {
  const now = JSON.stringify(options);
  if (select.dataset.options !== now) {
    select.dataset.options = now;
    select.replaceChildren(...options.map(([name, text]) => new Option(text, name)));
  }
  select.value = value;
}

function valueAt(place: number, { min, max }: Range): number {
  return min + (max - min) * (place / STEPS) ** 3;
}

function placeOf(value: number, { min, max }: Range): number {
  return Math.round(STEPS * Math.cbrt((value - min) / (max - min)));
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

async function detailOf(answer: Response): Promise<string> {
  try {
    return ((await answer.json()) as { detail: string }).detail;
  } catch {
    return answer.statusText;
  }
}

// What starts the server with these settings.
function commandOf({ model, people, mirror, smoothing }: Settings): string {
  const given = smoothing.tuned ? `:${Object.entries(smoothing.parameters).map(([name, value]) => `${name}=${round(value)}`).join(",")}` : "";
  return `posewire serve --model ${model} --people ${people} --smoothing ${smoothing.kind}${given}${mirror ? " --mirror" : ""}`;
}
