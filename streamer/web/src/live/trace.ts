// One coordinate of one landmark over the last seconds: as the engine gave it and as it is sent, to tune the filter by.

import type { Frame } from "posewire";
import { byId } from "../shared/dom";
import { Surface, type Theme } from "./canvas";
import { language, say } from "./words";

const SPAN_S = 5;
const CAPACITY = 512; // samples
const LEAST_M = 0.1;
const FIRST = "left_wrist";
const MARGIN = { left: 52, right: 12, top: 12, bottom: 22 };
const AXES = ["x", "y", "z"];

export class Trace {
  readonly raw = new Float32Array(CAPACITY);
  readonly smooth = new Float32Array(CAPACITY);
  private readonly times = new Float64Array(CAPACITY);
  private readonly surface = new Surface(byId("trace", HTMLCanvasElement));
  private readonly landmark = byId("trace-landmark", HTMLSelectElement);
  private readonly axis = byId("trace-axis", HTMLSelectElement);
  private count = 0;
  private id: number | null = null;

  constructor() {
    this.axis.replaceChildren(...AXES.map((name, index) => new Option(name, String(index))));
    this.axis.value = "1";
    for (const select of [this.landmark, this.axis]) select.addEventListener("change", () => this.clear());
  }

  /** After a hello or in another language: the landmarks by name. */
  meet(names: string[]): void {
    const chosen = this.landmark.value || String(Math.max(0, names.indexOf(FIRST)));
    this.landmark.replaceChildren(...names.map((name, index) => new Option(language.label(name) || name.replaceAll("_", " "), String(index))));
    this.landmark.value = chosen;
  }

  take({ poses, t_us }: Frame): void {
    const pose = poses[0];
    if (!pose?.world || !pose.world_raw) return;
    if (pose.id !== this.id) this.clear();
    this.id = pose.id;
    const at = 4 * Number(this.landmark.value) + Number(this.axis.value);
    const slot = this.count++ % CAPACITY;
    this.times[slot] = t_us / 1e6;
    this.raw[slot] = pose.world_raw[at];
    this.smooth[slot] = pose.world[at];
  }

  /** Samples that are shown. */
  get stored(): number {
    return Math.min(this.count, CAPACITY);
  }

  /** Of the last seconds: how much either trembles from frame to frame, in mm (RMS of the second difference). */
  get jitterMm(): [raw: number, smooth: number] | null {
    const shown = this.shown();
    return shown.length < 10 ? null : [tremble(shown.map((slot) => this.raw[slot])), tremble(shown.map((slot) => this.smooth[slot]))];
  }

  draw(theme: Theme): void {
    const context = this.surface.begin();
    const { width, height } = this.surface;
    const area = { x: MARGIN.left, y: MARGIN.top, w: width - MARGIN.left - MARGIN.right, h: height - MARGIN.top - MARGIN.bottom };
    const shown = this.shown();
    const values = shown.flatMap((slot) => [this.raw[slot], this.smooth[slot]]);
    const middle = values.length ? (Math.min(...values) + Math.max(...values)) / 2 : 0;
    const half = Math.max(LEAST_M / 2, values.length ? 0.55 * (Math.max(...values) - Math.min(...values)) : 0);
    this.drawScale(context, area, [middle - half, middle + half], theme);
    const newest = shown.length ? this.times[shown[0]] : 0;
    const line = (series: Float32Array, colour: string, thickness: number) => {
      context.strokeStyle = colour;
      context.lineWidth = thickness;
      context.beginPath();
      for (const slot of shown) {
        context.lineTo(area.x + area.w * (1 - (newest - this.times[slot]) / SPAN_S), area.y + area.h * (0.5 - (series[slot] - middle) / (2 * half)));
      }
      context.stroke();
    };
    line(this.raw, theme.muted, 1);
    line(this.smooth, theme.accent, 2);
  }

  private clear(): void {
    this.count = 0;
  }

  // The slots of the last seconds, newest first.
  private shown(): number[] {
    const slots = Array.from({ length: this.stored }, (_, i) => (this.count - 1 - i) % CAPACITY);
    return slots.filter((slot) => this.times[slots[0]] - this.times[slot] <= SPAN_S);
  }

  private drawScale(
    context: CanvasRenderingContext2D, { x, y, w, h }: { x: number; y: number; w: number; h: number }, [low, high]: number[], theme: Theme,
  ): void {
    context.font = `11.5px ${theme.font}`;
    context.lineWidth = 1;
    for (let i = 0; i <= 4; i++) {
      const at = Math.round(y + (h * i) / 4) + 0.5;
      context.strokeStyle = theme.line;
      context.beginPath();
      context.moveTo(x, at);
      context.lineTo(x + w, at);
      context.stroke();
      context.fillStyle = theme.muted;
      context.textAlign = "right";
      context.textBaseline = "middle";
      context.fillText(`${(high - ((high - low) * i) / 4).toFixed(2).replace("-", "−")} m`, x - 6, at);
    }
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.fillText(say("ago", { seconds: SPAN_S }), x, y + h + 17);
    context.textAlign = "right";
    context.fillText(say("now"), x + w, y + h + 17);
  }
}

function tremble(values: number[]): number {
  let sum = 0;
  for (let i = 2; i < values.length; i++) sum += (values[i] - 2 * values[i - 1] + values[i - 2]) ** 2;
  return 1000 * Math.sqrt(sum / (values.length - 2));
}
