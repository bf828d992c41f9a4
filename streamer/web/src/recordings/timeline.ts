// A time line: play and pause, where it is, how fast, and whether it begins anew. Of a recording, or of a stream that is one.

import { say } from "../live/words";
import { clockOf } from "./units";

const STEP_S = 1 / 30;
const LEAP_S = 1;
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];

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
    this.slider.min = "0";
    this.slider.step = "any";
    this.loop.className = "loop";
    place.append(this.play, this.slider, this.time, this.speed, this.loop);
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
    const told = `${clockOf(positionS, 1)} / ${clockOf(durationS, 1)}`;
    if (this.time.textContent !== told) {
      this.time.textContent = told;
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

  // A frame at a time, a second with Shift.
  private press(event: KeyboardEvent): void {
    const step = event.shiftKey ? LEAP_S : STEP_S;
    const { positionS, durationS, paused } = this.standing;
    const moves: Record<string, number> = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step };
    if (event.key in moves) this.onwish({ positionS: Math.min(durationS, Math.max(0, positionS + moves[event.key])) });
    else if (event.key === " ") this.onwish({ paused: !paused });
    else return;
    event.preventDefault();
  }
}
