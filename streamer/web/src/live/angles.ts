// Joint angles as live numbers, and a plot of the one that is chosen, left and right together.

import type { Pose } from "posewire";
import { Surface, type Theme } from "./canvas";
import { GAP_S } from "./gap";
import { language, say } from "./words";

const SPAN_S = 10;
const CAPACITY = 1024; // samples; at over 100 frames a second the plot covers less
const LEAST_RANGE_DEG = 30;
const STEPS_DEG = [5, 10, 20, 30, 45, 60, 90];
const MARGIN = { left: 46, right: 12, top: 12, bottom: 22 };
const FIRST = "elbow_flexion";

// One angle, or those of both sides. columns: index of the left or only one, then of the right.
export interface Row {
  name: string;
  columns: number[];
  paired: boolean;
}

interface ShownRow extends Row {
  button: HTMLButtonElement;
  label: HTMLElement;
  outputs: HTMLOutputElement[];
}

interface Area {
  x: number;
  y: number;
  w: number;
  h: number;
}

// From names such as left_elbow_flexion and trunk_lean_left.
export function rowsOf(names: string[]): Row[] {
  const rows = new Map<string, Row>();
  names.forEach((full, index) => {
    const side = full.match(/^(left|right)_/)?.[1];
    const name = side ? full.slice(side.length + 1) : full;
    const row = rows.get(name) ?? { name, columns: [], paired: Boolean(side) };
    row.columns[side === "right" ? 1 : 0] = index;
    rows.set(name, row);
  });
  return [...rows.values()];
}

// In the reader's language; in English the name itself.
function titleOf(name: string): string {
  const label = language.label(name);
  if (label) return label;
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

// Whole degrees with a true minus; an angle that can't be told is a dash.
export function degrees(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : `${Math.round(value)}°`.replace("-", "−");
}

export class Angles {
  values = new Float32Array(0);
  private times = new Float64Array(CAPACITY);
  private readonly surface: Surface;
  private names: string[] = [];
  private rows: ShownRow[] = [];
  private chosen: ShownRow | null = null;
  private count = 0;
  private last: Float32Array | null = null;
  private id: number | null = null;
  private nowS = 0; // of the newest frame, whoever is in it
  private stale = true;
  private theme: Theme | null = null;

  // list: the element for the rows; canvas: for the plot; title: the element that says what is plotted.
  constructor(
    private readonly list: HTMLElement,
    canvas: HTMLCanvasElement,
    private readonly title: HTMLElement,
  ) {
    this.surface = new Surface(canvas);
  }

  // After a new hello: the names of its angles.
  meet(names: string[]): void {
    this.names = names;
    this.rows = rowsOf(names).map((row) => this.makeRow(row));
    this.list.replaceChildren(...this.rows.map(({ button }) => button));
    this.clear();
    const find = (wanted?: string) => this.rows.find(({ name }) => name === wanted);
    this.choose(find(this.chosen?.name) ?? find(FIRST) ?? this.rows[0] ?? null);
  }

  private makeRow(row: Row): ShownRow {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.angle = row.name;
    const label = document.createElement("span");
    label.textContent = titleOf(row.name);
    const outputs = row.columns.map((_, side) => {
      const output = document.createElement("output");
      output.className = row.paired ? ["left", "right"][side] : "single";
      output.textContent = "–";
      return output;
    });
    button.append(label, ...outputs);
    const shown = { ...row, button, label, outputs };
    button.addEventListener("click", () => this.choose(shown));
    return shown;
  }

  private choose(row: ShownRow | null): void {
    this.chosen = row;
    for (const other of this.rows) other.button.setAttribute("aria-pressed", String(other === row));
    this.title.textContent = row ? titleOf(row.name) : "";
    this.stale = true;
  }

  // After a change of language.
  rename(): void {
    for (const { name, label } of this.rows) label.textContent = titleOf(name);
    this.choose(this.chosen);
  }

  private clear(): void {
    this.times = new Float64Array(CAPACITY);
    this.values = new Float32Array(CAPACITY * this.names.length);
    this.count = 0;
    this.last = null;
    this.id = null;
    this.nowS = 0;
  }

  // The angles of the first person of a frame, in the order of the names; NaN where they can't be told.
  take(pose: Pick<Pose, "id" | "angles"> | undefined, t_us: number): void {
    const tS = t_us / 1e6;
    if (pose?.angles && pose.id !== this.id) this.clear(); // another person's angles are another curve
    if (this.last && (!pose?.angles || tS - this.nowS > GAP_S)) this.store(this.names.map(() => NaN), this.nowS);
    this.last = pose?.angles ?? null;
    if (this.last) this.store(this.last, tS);
    this.id = pose?.id ?? this.id;
    this.nowS = tS;
    this.stale = true;
  }

  private store(angles: ArrayLike<number>, tS: number): void {
    const slot = this.count++ % CAPACITY;
    this.times[slot] = tS;
    this.values.set(angles, slot * this.names.length);
  }

  // isLive: whether the angles are those of now.
  write(isLive: boolean): void {
    for (const { columns, outputs } of this.rows) {
      outputs.forEach((output, side) => {
        const text = degrees(isLive ? this.last?.[columns[side]] : null);
        if (output.textContent !== text) output.textContent = text;
      });
    }
  }

  draw(theme: Theme): void {
    if (!this.stale && theme === this.theme && this.surface.fits) return;
    this.stale = false;
    this.theme = theme;
    const context = this.surface.begin();
    if (!this.chosen) return;
    const { columns, paired } = this.chosen;
    const { width, height } = this.surface;
    const area = { x: MARGIN.left, y: MARGIN.top, w: width - MARGIN.left - MARGIN.right, h: height - MARGIN.top - MARGIN.bottom };
    const range = this.rangeOf(columns);
    this.drawScale(context, area, range, theme);
    const colours = paired ? theme.pairs[0] : [theme.mid];
    context.save();
    context.beginPath();
    context.rect(area.x, 0, area.w + MARGIN.right, height);
    context.clip();
    [...columns.keys()].reverse().forEach((side) => this.drawCurve(context, area, range, columns[side], colours[side]));
    context.restore();
  }

  get stored(): number {
    return Math.min(this.count, CAPACITY);
  }

  // The i-th sample back from the newest: its slot in the rings.
  slot(i: number): number {
    return (this.count - 1 - i) % CAPACITY;
  }

  // [low, high, step] in degrees: all that is shown, at least LEAST_RANGE_DEG.
  rangeOf(columns: number[]): [number, number, number] {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < this.stored && this.nowS - this.times[this.slot(i)] < SPAN_S; i++) {
      for (const column of columns) {
        const value = this.values[this.slot(i) * this.names.length + column];
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (low > high) [low, high] = [0, LEAST_RANGE_DEG];
    const pad = Math.max(0, LEAST_RANGE_DEG - (high - low)) / 2;
    [low, high] = [low - pad, high + pad];
    const step = STEPS_DEG.find((size) => (high - low) / size <= 4) ?? 90;
    return [Math.floor(low / step) * step, Math.ceil(high / step) * step, step];
  }

  private drawScale(context: CanvasRenderingContext2D, { x, y, w, h }: Area, [low, high, step]: number[], theme: Theme): void {
    context.font = `11.5px ${theme.font}`;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (let value = low; value <= high; value += step) {
      const at = Math.round(y + h * (1 - (value - low) / (high - low))) + 0.5;
      context.strokeStyle = value === 0 ? theme.edge : theme.line;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, at);
      context.lineTo(x + w, at);
      context.stroke();
      context.fillStyle = theme.muted;
      context.fillText(degrees(value), x - 8, at);
    }
    context.textBaseline = "alphabetic";
    for (let ago = 0; ago <= SPAN_S; ago += SPAN_S / 2) {
      context.textAlign = ago === 0 ? "right" : ago === SPAN_S ? "left" : "center";
      context.fillText(ago ? say("ago", { seconds: ago }) : say("now"), x + w * (1 - ago / SPAN_S), y + h + 17);
    }
  }

  // Broken where the angle can't be told, nobody was seen or no frame came; what stands alone is a dot.
  private drawCurve(context: CanvasRenderingContext2D, { x, y, w, h }: Area, [low, high]: number[], column: number, colour: string): void {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    let open = false;
    for (let i = 0; i < this.stored; i++) {
      const slot = this.slot(i);
      const ago = this.nowS - this.times[slot];
      const value = this.values[slot * this.names.length + column];
      if (Number.isNaN(value)) {
        open = false;
        continue;
      }
      const [px, py] = [x + w * (1 - ago / SPAN_S), y + h * (1 - (value - low) / (high - low))];
      if (!open) context.moveTo(px, py);
      context.lineTo(px, py);
      open = true;
      if (ago > SPAN_S) break;
    }
    context.stroke();
  }
}
