// What magnifies and moves a picture: wheel, pinch, drag, double click, keys and buttons.

import type { Zoom } from "./zoom";

const STEP = 1.25; // of a key or a button
const LEAP = 3; // of a double click
const PAN_PX = 60; // of an arrow key
const WHEEL = 0.002; // of the logarithm, for each pixel of a wheel's way
const PINCH = 0.01; // the same on a touchpad
const LINE_PX = 16; // of wheels that count lines

const PANS: Record<string, [number, number]> = {
  ArrowLeft: [PAN_PX, 0], ArrowRight: [-PAN_PX, 0], ArrowUp: [0, PAN_PX], ArrowDown: [0, -PAN_PX],
};

export class Magnifier {
  onchange: () => void = () => {};
  private readonly pointers = new Map<number, number[]>(); // the places of those that are down

  constructor(
    private readonly canvas: HTMLCanvasElement, private readonly zoom: Zoom,
    buttons: { larger: HTMLElement; smaller: HTMLElement; whole: HTMLElement },
  ) {
    buttons.larger.addEventListener("click", () => this.magnify(STEP));
    buttons.smaller.addEventListener("click", () => this.magnify(1 / STEP));
    buttons.whole.addEventListener("click", () => this.reset());
    canvas.addEventListener("wheel", (event) => this.roll(event), { passive: false });
    canvas.addEventListener("dblclick", (event) => {
      if (zoom.scale > 1) this.reset();
      else this.magnify(LEAP, placeOf(event));
    });
    canvas.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, placeOf(event));
    });
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(kind, (event) => this.pointers.delete(event.pointerId));
    }
  }

  reset(): void {
    this.zoom.reset();
    this.changed();
  }

  private magnify(factor: number, at?: number[]): boolean {
    const changes = this.zoom.by(factor, at);
    if (changes) this.changed();
    return changes;
  }

  private pan(dx: number, dy: number): void {
    this.zoom.pan(dx, dy);
    this.changed();
  }

  private changed(): void {
    this.canvas.classList.toggle("magnified", this.zoom.scale > 1); // then a finger moves it instead of the page
    this.onchange();
  }

  private roll(event: WheelEvent): void {
    const way = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
    // Where it can't get smaller, the wheel is the page's.
    if (this.magnify(Math.exp(-way * (event.ctrlKey ? PINCH : WHEEL)), placeOf(event)) || this.zoom.scale > 1) event.preventDefault();
  }

  private drag(event: PointerEvent): void {
    const from = this.pointers.get(event.pointerId);
    if (!from) return;
    const before = [...this.pointers.values()];
    const to = placeOf(event);
    this.pointers.set(event.pointerId, to);
    if (before.length === 1) {
      if (this.zoom.scale > 1) this.pan(to[0] - from[0], to[1] - from[1]);
    } else if (before.length === 2) {
      const after = [...this.pointers.values()];
      const [start, end] = [before, after].map(([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
      const [near, far] = [before, after].map(([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]));
      this.zoom.by(far / Math.max(near, 1), end);
      this.pan(end[0] - start[0], end[1] - start[1]);
    }
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
    const pan = PANS[event.key];
    if (pan) {
      if (this.zoom.scale === 1) return;
      this.pan(...pan);
    } else if (["+", "="].includes(event.key)) this.magnify(STEP);
    else if (["-", "_"].includes(event.key)) this.magnify(1 / STEP);
    else if (event.key === "0") this.reset();
    else return;
    event.preventDefault();
  }
}

function placeOf(event: MouseEvent): number[] {
  return [event.offsetX, event.offsetY];
}
