// One coordinate of one landmark over the last seconds: as the engine gave it and as it is sent, to tune the filter by.

import type { Frame } from "posewire";
import { byId } from "../shared/dom";
import { Surface, type Theme } from "./canvas";
import { GAP_S } from "./gap";
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
  private readonly joined = new Uint8Array(CAPACITY); // to the sample before
  private count = 0;
  private nowS = 0; // of the newest frame, whoever is in it
  private isSeen = false;
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
    const tS = t_us / 1e6;
    if (pose?.world && pose.world_raw) {
      if (pose.id !== this.id) this.clear();
      this.id = pose.id;
      const at = 4 * Number(this.landmark.value) + Number(this.axis.value);
      const slot = this.count++ % CAPACITY;
      this.times[slot] = tS;
      this.raw[slot] = pose.world_raw[at];
      this.smooth[slot] = pose.world[at];
      this.joined[slot] = Number(this.isSeen && tS - this.nowS <= GAP_S);
      this.isSeen = true;
    } else this.isSeen = false;
    this.nowS = tS;
  }

  /** Samples that are shown. */
  get stored(): number {
    return Math.min(this.count, CAPACITY);
  }

  /** Of the last seconds: how much either trembles from frame to frame, in mm (RMS of the second difference). */
  get jitterMm(): [raw: number, smooth: number] | null {
    const runs = this.runs();
    return runs.flat().length < 10 ? null : [this.tremble(runs, this.raw), this.tremble(runs, this.smooth)];
  }

  draw(theme: Theme): void {
    const context = this.surface.begin();
    const { width, height } = this.surface;
    const area = { x: MARGIN.left, y: MARGIN.top, w: width - MARGIN.left - MARGIN.right, h: height - MARGIN.top - MARGIN.bottom };
    const runs = this.runs();
    const values = runs.flat().flatMap((slot) => [this.raw[slot], this.smooth[slot]]);
    const middle = values.length ? (Math.min(...values) + Math.max(...values)) / 2 : 0;
    const half = Math.max(LEAST_M / 2, values.length ? 0.55 * (Math.max(...values) - Math.min(...values)) : 0);
    this.drawScale(context, area, [middle - half, middle + half], theme);
    const line = (series: Float32Array, colour: string, thickness: number) => {
      context.strokeStyle = colour;
      context.lineWidth = thickness;
      context.lineCap = context.lineJoin = "round"; // what stands alone is a dot
      context.beginPath();
      for (const run of runs) {
        run.forEach((slot, i) => {
          const x = area.x + area.w * (1 - (this.nowS - this.times[slot]) / SPAN_S);
          const y = area.y + area.h * (0.5 - (series[slot] - middle) / (2 * half));
          if (!i) context.moveTo(x, y);
          context.lineTo(x, y);
        });
      }
      context.stroke();
    };
    line(this.raw, theme.muted, 1);
    line(this.smooth, theme.accent, 2);
  }

  private clear(): void {
    this.count = 0;
    this.isSeen = false;
  }

  // The slots of the last seconds, newest first, in pieces: apart where nobody was seen or no frame came.
  private runs(): number[][] {
    const runs: number[][] = [];
    let isJoined = false;
    for (let i = 0; i < this.stored; i++) {
      const slot = (this.count - 1 - i) % CAPACITY;
      if (this.nowS - this.times[slot] > SPAN_S) break;
      if (isJoined) runs[runs.length - 1].push(slot);
      else runs.push([slot]);
      isJoined = this.joined[slot] === 1;
    }
    return runs;
  }

  private tremble(runs: number[][], series: Float32Array): number {
    let [sum, count] = [0, 0];
    for (const run of runs) {
      for (let i = 2; i < run.length; i++, count++) sum += (series[run[i]] - 2 * series[run[i - 1]] + series[run[i - 2]]) ** 2;
    }
    return count ? 1000 * Math.sqrt(sum / count) : 0;
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
