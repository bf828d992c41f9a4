// A time line: play and pause, where it is, how fast, and whether it begins anew. Of a recording, or of a stream that is one.

import { say } from "../live/words";
import { clockOf } from "./units";

const STEP_S = 1 / 30;
const LEAP_S = 1;
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];
const MOVES: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

// All that a time line shows; positionS is that of the moment.
export interface Standing {
  durationS: number;
  positionS: number;
  speed: number;
  paused: boolean;
  loop: boolean;
}

export class Timeline {
  onwish: (wish: Partial<Standing>) => void = () => {};
  next: (atS: number, way: number) => number = (atS, way) => atS + way * STEP_S; // where the frame after, or before, is
  readonly track = document.createElement("div"); // as long as the time line itself
  private readonly play = document.createElement("button");
  private readonly slider = document.createElement("input");
  private readonly time = document.createElement("output");
  private readonly speed = document.createElement("select");
  private readonly loop = document.createElement("button");
  private standing: Standing = { durationS: 0, positionS: 0, speed: 1, paused: true, loop: false };
  private held = false;

  constructor(place: HTMLElement) {
    place.classList.add("timeline");
    this.play.type = this.loop.type = "button";
    this.play.className = "play";
    this.slider.type = "range";
    this.slider.className = "position";
    this.slider.min = "0";
    this.slider.step = "any";
    this.loop.className = "loop";
    this.track.className = "track";
    this.track.append(this.slider);
    place.append(this.play, this.track, this.time, this.speed, this.loop);
    this.play.addEventListener("click", () => this.onwish({ paused: !this.standing.paused }));
    this.loop.addEventListener("click", () => this.onwish({ loop: !this.standing.loop }));
    this.speed.addEventListener("change", () => this.onwish({ speed: Number(this.speed.value) }));
    this.slider.addEventListener("input", () => this.onwish({ positionS: Number(this.slider.value) }));
    this.slider.addEventListener("pointerdown", () => (this.held = true));
    for (const kind of ["pointerup", "pointercancel"]) this.slider.addEventListener(kind, () => (this.held = false));
    this.slider.addEventListener("keydown", (event) => this.press(event));
    this.rename();
  }

  set disabled(off: boolean) {
    for (const control of [this.play, this.slider, this.speed, this.loop]) control.disabled = off;
  }

  focus(): void {
    this.slider.focus({ preventScroll: true });
  }

  rename(): void {
    this.slider.setAttribute("aria-label", say("position"));
    this.speed.setAttribute("aria-label", say("speed"));
    this.loop.textContent = say("loop");
    this.showPlay();
  }

  show(standing: Standing): void {
    this.standing = standing;
    const { durationS, positionS, speed, paused, loop } = standing;
    if (this.slider.max !== String(durationS)) this.slider.max = String(durationS);
    if (!this.held) this.slider.value = String(positionS);
    const duration = clockOf(durationS, 1);
    const told = `${clockOf(positionS, 1)} / ${duration}`;
    if (this.time.textContent !== told) {
      this.time.textContent = told;
      this.time.style.minWidth = `${2 * duration.length}ch`; // about; the track keeps its length at 10:00
      this.slider.setAttribute("aria-valuetext", told);
    }
    this.slider.style.setProperty("--done", `${durationS ? (100 * Math.min(1, positionS / durationS)).toFixed(2) : 0}%`);
    this.offer(speed);
    if (this.play.dataset.paused !== String(paused)) {
      this.play.dataset.paused = String(paused);
      this.showPlay();
    }
    if (this.loop.ariaPressed !== String(loop)) this.loop.ariaPressed = String(loop);
  }

  /** What the time line's keys do. */
  press(event: KeyboardEvent): void {
    const { positionS, paused } = this.standing;
    const toS = this.move(event, positionS);
    if (toS !== null) this.onwish({ positionS: toS });
    else if (event.key === " ") {
      this.onwish({ paused: !paused });
      event.preventDefault();
    }
  }

  /** Where an arrow key moves what is there: by a frame, with Shift by a second. null for another key. */
  move(event: KeyboardEvent, atS: number): number | null {
    if (!(event.key in MOVES)) return null;
    event.preventDefault();
    const way = MOVES[event.key];
    const toS = event.shiftKey ? atS + way * LEAP_S : this.next(atS, way);
    return Math.min(this.standing.durationS, Math.max(0, toS));
  }

  private showPlay(): void {
    this.play.setAttribute("aria-label", say(this.standing.paused ? "play" : "pause"));
  }

  // A server may be given a speed that isn't among ours.
  private offer(speed: number): void {
    if (Number(this.speed.value) === speed && this.speed.options.length) return;
    const speeds = SPEEDS.includes(speed) ? SPEEDS : [...SPEEDS, speed].sort((a, b) => a - b);
    this.speed.replaceChildren(...speeds.map((value) => new Option(`${value}×`, String(value))));
    this.speed.value = String(speed);
  }
}
