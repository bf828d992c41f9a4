// The part of a recording between its in and its out point, set on the time line: what loops, and what is exported.

import { say } from "../live/words";
import { clockOf } from "./units";

export const LEAST_S = 1 / 30;

// From fromS up to toS, which isn't in it any more, in seconds from the first frame of a recording that takes durationS.
export interface Bounds {
  fromS: number;
  toS: number;
  durationS: number;
}

export class Part {
  onmove: (positionS: number) => void = () => {}; // a point has been dragged to there
  onkey: (event: KeyboardEvent, atS: number) => number | null = () => null; // where a key moves what is there
  private readonly place = document.createElement("div");
  private readonly from = document.createElement("input");
  private readonly to = document.createElement("input");
  private durationS = 0;

  // track: the element under which the points are dragged. The buttons call the rest.
  constructor(track: HTMLElement, private readonly told: HTMLElement, private readonly whole: HTMLButtonElement) {
    this.place.className = "part";
    this.from.className = "from";
    this.to.className = "to";
    for (const point of [this.from, this.to]) {
      point.type = "range";
      point.min = "0";
      point.step = "any";
      point.addEventListener("input", () => this.drag(point, Number(point.value)));
      point.addEventListener("keydown", (event) => {
        const toS = this.onkey(event, Number(point.value));
        if (toS !== null) this.drag(point, toS);
      });
    }
    this.place.append(this.from, this.to);
    track.append(this.place);
    whole.addEventListener("click", () => this.reset(this.durationS));
    this.reset(0);
    this.rename();
  }

  get fromS(): number {
    return Number(this.from.value);
  }

  get toS(): number {
    return Number(this.to.value);
  }

  get bounds(): Bounds {
    return { fromS: this.fromS, toS: this.toS, durationS: this.durationS };
  }

  get isWhole(): boolean {
    return this.fromS <= 0 && this.toS >= this.durationS;
  }

  set disabled(off: boolean) {
    this.from.disabled = this.to.disabled = off;
  }

  /** All of a recording that takes this long. */
  reset(durationS: number): void {
    this.durationS = durationS;
    this.from.max = this.to.max = String(durationS);
    this.set(0, durationS);
  }

  /** From there on; to the end where the out point came before. */
  begin(atS: number): void {
    const fromS = Math.max(0, Math.min(atS, this.durationS - LEAST_S));
    this.set(fromS, this.toS - fromS < LEAST_S ? this.durationS : this.toS);
  }

  /** Up to there; from the beginning where the in point came after. */
  end(atS: number): void {
    const toS = Math.min(this.durationS, Math.max(atS, LEAST_S));
    this.set(toS - this.fromS < LEAST_S ? 0 : this.fromS, toS);
  }

  rename(): void {
    this.from.setAttribute("aria-label", say("inPoint"));
    this.to.setAttribute("aria-label", say("outPoint"));
    this.show();
  }

  // The points don't pass each other.
  private drag(point: HTMLInputElement, wantedS: number): void {
    const isFrom = point === this.from;
    const atS = isFrom ? Math.max(0, Math.min(wantedS, this.toS - LEAST_S)) : Math.min(this.durationS, Math.max(wantedS, this.fromS + LEAST_S));
    if (isFrom) this.set(atS, this.toS);
    else this.set(this.fromS, atS);
    this.onmove(atS);
  }

  private set(fromS: number, toS: number): void {
    this.from.value = String(fromS);
    this.to.value = String(toS);
    this.show();
  }

  private show(): void {
    const { durationS, fromS, toS, isWhole } = this;
    const share = (atS: number) => (durationS ? atS / durationS : 0).toFixed(5);
    this.place.style.setProperty("--from", share(fromS));
    this.place.style.setProperty("--to", durationS ? share(toS) : "1");
    this.place.classList.toggle("cut", !isWhole);
    this.from.setAttribute("aria-valuetext", clockOf(fromS, 1));
    this.to.setAttribute("aria-valuetext", clockOf(toS, 1));
    this.told.textContent = isWhole ? "" : spanOf(this.bounds);
    this.whole.hidden = isWhole;
  }
}

/** From when to when, and how long that is. */
export function spanOf({ fromS, toS }: Bounds): string {
  return say("span", { from: clockOf(fromS, 1), to: clockOf(toS, 1), length: clockOf(toS - fromS, 1) });
}
