// The latencies of the last few seconds as a line from the left (older) to the right (now), zero at the bottom.

import { Surface, type Theme } from "./canvas";
import type { Meter } from "./meter";

const FULL = 256; // samples across

export class Spark {
  private readonly surface: Surface;

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas);
  }

  draw(meter: Meter, ceiling: number, theme: Theme): void {
    const context = this.surface.begin();
    const { width, height } = this.surface;
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(0, height - 0.5);
    context.lineTo(width, height - 0.5);
    context.stroke();
    if (!ceiling || meter.length < 2) return;
    context.strokeStyle = theme.accent;
    context.lineWidth = 1.25;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    for (let i = 0; i < meter.length; i++) {
      const share = Math.min(1, Math.max(0, meter.at(i) / ceiling));
      const [x, y] = [width * (1 - (meter.length - 1 - i) / (FULL - 1)), height - 1 - share * (height - 3)];
      if (!meter.isJoined(i)) context.moveTo(x, y);
      context.lineTo(x, y);
    }
    context.stroke();
  }
}
