// The part of a take that is wanted: from one moment to another, each set where the time line stands.

import { say } from "../live/words";
import { clockOf } from "./units";

// Seconds from the take's first frame.
export interface Part {
  startS: number;
  endS: number;
}

export class Trim {
  onchange: (part: Part | null) => void = () => {};
  private readonly start = button("start");
  private readonly end = button("end");
  private readonly whole = button("whole");
  private readonly told = document.createElement("output");
  private part: Part | null = null;

  /** place: where the buttons go; keys: what I and O are pressed in; now: where the time line stands. */
  constructor(place: HTMLElement, keys: HTMLElement, private readonly now: () => { positionS: number; durationS: number }) {
    place.classList.add("trim");
    place.append(this.start, this.end, this.told, this.whole);
    this.start.addEventListener("click", () => this.cut({ startS: this.now().positionS }));
    this.end.addEventListener("click", () => this.cut({ endS: this.now().positionS }));
    this.whole.addEventListener("click", () => {
      this.set(null);
      this.start.focus(); // the button that was pressed goes
    });
    keys.addEventListener("keydown", (event) => this.press(event));
    this.rename();
  }

  set disabled(off: boolean) {
    for (const control of [this.start, this.end, this.whole]) control.disabled = off;
  }

  rename(): void {
    this.start.textContent = say("startHere");
    this.end.textContent = say("endHere");
    this.whole.textContent = say("wholeTake");
    for (const [control, key] of [[this.start, "I"], [this.end, "O"]] as const) {
      control.title = key;
      control.setAttribute("aria-keyshortcuts", key);
    }
    this.tell();
  }

  /** null: all of it. */
  set(part: Part | null): void {
    this.part = part;
    this.whole.hidden = !part;
    this.tell();
    this.onchange(part);
  }

  // An edge beyond the other one takes that away: what was set last is meant.
  private cut(edge: Partial<Part>): void {
    const { durationS } = this.now();
    const part = { startS: 0, endS: durationS, ...this.part, ...edge };
    if (part.endS <= part.startS) Object.assign(part, edge.startS === undefined ? { startS: 0 } : { endS: durationS });
    if (part.endS <= part.startS) return; // to begin at the end, or to end at the beginning, is no part
    this.set(part.startS > 0 || part.endS < durationS ? part : null);
  }

  private tell(): void {
    const { part } = this;
    this.told.textContent = part ? partOf(part) : "";
  }

  private press(event: KeyboardEvent): void {
    const edges: Record<string, HTMLButtonElement> = { i: this.start, o: this.end };
    const edge = edges[event.key.toLowerCase()];
    if (!edge || event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
    event.preventDefault();
    edge.click();
  }
}

/** As people read it: 0:02.0 – 0:07.5. */
export function partOf({ startS, endS }: Part): string {
  return `${clockOf(startS, 1)} – ${clockOf(endS, 1)}`;
}

function button(className: string): HTMLButtonElement {
  return Object.assign(document.createElement("button"), { type: "button", className });
}
