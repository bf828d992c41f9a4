// The skeleton as the camera sees it, in a frame of the picture's shape.

import type { Frame } from "posewire";
import type { Shot } from "./preview";
import { disc, label, pairOf, ring, segment, shade, Surface, type Theme } from "./canvas";
import { CHIN, HEAD, JOINTS, LANDMARKS, NECK, type Plan, type Slots, TORSO } from "./skeleton";
import { say } from "./words";

const MARGIN = 16;
const CAPTION = 36; // room above the frame for the title
const TICK = 14;
const VEIL = "rgb(0 0 0 / .35)";
const TORSO_SHADE = 2;
const LABEL = 64; // how wide one of a person is

export class View2D {
  readonly joints = new Float32Array(3 * JOINTS); // x, y, visibility of the first person, who is drawn last
  private readonly surface: Surface;
  private readonly box = { x: 0, y: 0, w: 0, h: 0 }; // of the picture, in CSS pixels of the canvas
  private frame: Frame | null = null;
  private theme: Theme | null = null;
  private shape = 0;

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas);
  }

  // shot: what the camera saw; the skeleton drawn over it is then that of its own frame.
  draw(live: Frame | null, shot: Shot | null, size: [number, number], skeleton: Plan, slots: Slots, theme: Theme): void {
    const frame = live && shot ? shot.frame : live;
    // The same picture again isn't drawn again: often the server's own machine has to draw it.
    const shape = size[0] / size[1];
    if (frame === this.frame && theme === this.theme && shape === this.shape && this.surface.fits) return;
    [this.frame, this.theme, this.shape] = [frame, theme, shape];
    const context = this.surface.begin();
    this.fit(size);
    this.drawFrame(context, theme);
    if (frame && shot) {
      context.drawImage(shot.bitmap, this.box.x, this.box.y, this.box.w, this.box.h);
      context.fillStyle = VEIL; // the skeleton stands out from any picture
      context.fillRect(this.box.x, this.box.y, this.box.w, this.box.h);
    }
    const poses = frame?.poses ?? [];
    for (let i = poses.length - 1; i >= 0; i--) {
      const { image } = poses[i];
      if (!image) continue;
      this.place(image);
      this.drawPerson(context, skeleton, pairOf(theme, slots.of(poses[i].id)), theme);
      if (poses.length < 2) continue;
      const { id } = poses[i];
      this.drawLabel(context, LABEL * poses.length > this.box.w ? String(id) : say("person", { id }), theme);
    }
  }

  private fit([w, h]: [number, number]): void {
    const { width, height } = this.surface;
    const scale = Math.max(0, Math.min((width - 2 * MARGIN) / w, (height - MARGIN - CAPTION) / h));
    this.box.w = w * scale;
    this.box.h = h * scale;
    this.box.x = (width - this.box.w) / 2;
    this.box.y = CAPTION + (height - MARGIN - CAPTION - this.box.h) / 2;
  }

  // The picture's area, with a viewfinder's corners.
  private drawFrame(context: CanvasRenderingContext2D, theme: Theme): void {
    const { x, y, w, h } = this.box;
    context.fillStyle = theme.frame;
    context.fillRect(x, y, w, h);
    context.strokeStyle = theme.muted;
    context.lineWidth = 1.25;
    context.beginPath();
    for (const [cx, cy, dx, dy] of [[x, y, 1, 1], [x + w, y, -1, 1], [x, y + h, 1, -1], [x + w, y + h, -1, -1]]) {
      context.moveTo(cx + dx * TICK, cy);
      context.lineTo(cx, cy);
      context.lineTo(cx, cy + dy * TICK);
    }
    context.stroke();
  }

  private place(image: Float32Array): void {
    const { joints, box } = this;
    for (let i = 0; i < LANDMARKS; i++) {
      joints[3 * i] = box.x + image[4 * i] * box.w;
      joints[3 * i + 1] = box.y + image[4 * i + 1] * box.h;
      joints[3 * i + 2] = image[4 * i + 3];
    }
    for (let k = 0; k < 3; k++) {
      joints[3 * HEAD + k] = (joints[k] + (joints[3 * 7 + k] + joints[3 * 8 + k]) / 2) / 2;
      joints[3 * NECK + k] = (joints[3 * 11 + k] + joints[3 * 12 + k]) / 2;
    }
    const [dx, dy] = [joints[3 * NECK] - joints[3 * HEAD], joints[3 * NECK + 1] - joints[3 * HEAD + 1]];
    const share = Math.min(1, this.headRadius() / (Math.hypot(dx, dy) || 1));
    joints[3 * CHIN] = joints[3 * HEAD] + share * dx;
    joints[3 * CHIN + 1] = joints[3 * HEAD + 1] + share * dy;
    joints[3 * CHIN + 2] = joints[2];
  }

  // From the side the ears fall together, from the front the shoulders are the better measure.
  private headRadius(): number {
    const p = this.joints;
    const ears = Math.hypot(p[3 * 7] - p[3 * 8], p[3 * 7 + 1] - p[3 * 8 + 1]);
    const shoulders = Math.hypot(p[3 * 11] - p[3 * 12], p[3 * 11 + 1] - p[3 * 12 + 1]);
    return Math.max(0.72 * ears, 0.28 * shoulders, 0.045 * this.extent());
  }

  private drawPerson(context: CanvasRenderingContext2D, { bones, sides, radii }: Plan, colours: string[][], theme: Theme): void {
    const p = this.joints;
    const unit = this.extent() / 100;
    context.fillStyle = colours[2][TORSO_SHADE];
    context.beginPath();
    for (const i of TORSO) context.lineTo(p[3 * i], p[3 * i + 1]);
    context.fill();
    for (const { a, b, side, girth } of bones) {
      const tone = shade(Math.min(p[3 * a + 2], p[3 * b + 2]));
      const thickness = Math.max(1.75, 2.3 * girth * unit);
      segment(context, p[3 * a], p[3 * a + 1], p[3 * b], p[3 * b + 1], thickness, colours[side][tone]);
    }
    this.drawHead(context, unit, colours, theme);
    for (let i = 0; i < LANDMARKS; i++) {
      if (!radii[i]) continue;
      const radius = Math.max(1.4, (i < 11 ? 1.1 : 2) * radii[i] * unit);
      disc(context, p[3 * i], p[3 * i + 1], radius, colours[sides[i]][shade(p[3 * i + 2])]);
      if (radii[i] === 1) disc(context, p[3 * i], p[3 * i + 1], 0.45 * radius, theme.stage);
    }
  }

  private drawHead(context: CanvasRenderingContext2D, unit: number, colours: string[][], theme: Theme): void {
    const p = this.joints;
    const [x, y, radius] = [p[3 * HEAD], p[3 * HEAD + 1], this.headRadius()];
    disc(context, x, y, radius, theme.frame);
    ring(context, x, y, radius, Math.max(1.5, 1.4 * unit), colours[2][shade(0.75 * p[2])]);
  }

  private drawLabel(context: CanvasRenderingContext2D, text: string, theme: Theme): void {
    const p = this.joints;
    let top = Infinity;
    for (let i = 0; i < LANDMARKS; i++) top = Math.min(top, p[3 * i + 1]);
    label(context, text, p[0], Math.max(this.box.y + 16, top - 14 - 0.05 * this.extent()), theme);
  }

  // The diagonal of the person, so that lines suit a near figure and a far one.
  private extent(): number {
    const p = this.joints;
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < LANDMARKS; i++) {
      left = Math.min(left, p[3 * i]);
      right = Math.max(right, p[3 * i]);
      top = Math.min(top, p[3 * i + 1]);
      bottom = Math.max(bottom, p[3 * i + 1]);
    }
    return Math.max(60, Math.hypot(right - left, bottom - top));
  }
}
