// A picture with the skeletons over it, as large as fits or magnified: white lines, red points, dim where little is visible;
// the same look as the picture that the server draws.

import { disc, ring, segment, Surface } from "../live/canvas";
import type { Keypoint, Person } from "./picture";
import { type Box, Zoom } from "./zoom";

export const EDGES = [
  [0, 1], [1, 2], [2, 3], [3, 7], [0, 4], [4, 5], [5, 6], [6, 8], [9, 10], [11, 12], [11, 13], [13, 15], [15, 17],
  [15, 19], [15, 21], [17, 19], [12, 14], [14, 16], [16, 18], [16, 20], [16, 22], [18, 20], [11, 23], [12, 24], [23, 24],
  [23, 25], [25, 27], [27, 29], [29, 31], [27, 31], [24, 26], [26, 28], [28, 30], [30, 32], [28, 32],
];
const FACE = 11; // the edges among landmarks 0 to 10 would blot out a small face, so they are drawn where it is magnified
const LARGE = 2; // a scale
const MAX_THICKER = 4; // the same, for the thickness of lines
const RED = "rgb(255 40 40)";
const WHITE = "#fff";
const DARK = "rgb(0 0 0 / .75)";
const MARGIN = 12;
const CAPTION = 48; // room above the picture for its name
const REACH = 12; // how near the pointer has to be to a point

export class Overlay {
  readonly zoom = new Zoom();
  people: Person[] = [];
  person = 0; // the one whose figures are shown
  marked: number | null = null; // id of a landmark
  private readonly surface: Surface;
  private bitmap: ImageBitmap | null = null;
  private room: Box = { x: 0, y: 0, w: 1, h: 1 }; // in CSS pixels of the canvas
  private box: Box = { x: 0, y: 0, w: 0, h: 0 }; // of the picture; larger than the room where it is magnified
  private thickness = 1.5; // of lines, which grow less than what is magnified

  constructor(canvas: HTMLCanvasElement, private readonly font: string) {
    this.surface = new Surface(canvas);
    // After the surface's own observer, so that its size is known.
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  show(bitmap: ImageBitmap | null): void {
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.draw();
  }

  place({ x, y }: { x: number; y: number }): [number, number] {
    return [this.box.x + x * this.box.w, this.box.y + y * this.box.h];
  }

  draw(): void {
    const context = this.surface.begin();
    if (!this.bitmap) return;
    this.fit(this.bitmap);
    const { room, box } = this;
    context.imageSmoothingQuality = "high";
    context.save();
    context.beginPath();
    context.rect(room.x, room.y, room.w, room.h);
    context.clip();
    context.drawImage(this.bitmap, box.x, box.y, box.w, box.h);
    context.beginPath();
    context.rect(box.x, box.y, box.w, box.h);
    context.clip(); // a landmark may be beyond the picture's edge
    for (const { keypoints } of this.people) this.drawPerson(context, keypoints);
    if (this.people.length > 1) this.people.forEach((person, i) => this.drawNumber(context, person, i));
    context.restore();
    if (this.marked !== null && this.people.length) this.drawMark(context, this.people[this.person].keypoints[this.marked]);
  }

  private fit(bitmap: ImageBitmap): void {
    const { width, height } = this.surface;
    this.room = { x: MARGIN, y: CAPTION, w: Math.max(1, width - 2 * MARGIN), h: Math.max(1, height - CAPTION - MARGIN) };
    const scale = Math.min(this.room.w / bitmap.width, this.room.h / bitmap.height);
    const whole: [number, number] = [bitmap.width * scale, bitmap.height * scale];
    this.box = this.zoom.place(this.room, whole);
    this.thickness = Math.max(1.5, Math.min(...whole) / 250) * Math.sqrt(Math.min(this.zoom.scale, MAX_THICKER));
  }

  private drawPerson(context: CanvasRenderingContext2D, points: Keypoint[]): void {
    const { thickness } = this;
    for (const [a, b] of EDGES) {
      if (a < FACE && b < FACE && this.zoom.scale < LARGE) continue;
      context.globalAlpha = opacity(Math.min(points[a].visibility, points[b].visibility));
      segment(context, ...this.place(points[a]), ...this.place(points[b]), thickness, WHITE);
    }
    for (const point of points) {
      context.globalAlpha = opacity(point.visibility);
      disc(context, ...this.place(point), 1.6 * thickness, RED);
    }
    context.globalAlpha = 1;
  }

  // Above the head, so that the buttons' numbers have somebody.
  private drawNumber(context: CanvasRenderingContext2D, { id, keypoints }: Person, index: number): void {
    const [nose] = keypoints;
    const [x, y] = this.place({ x: nose.x, y: Math.min(...keypoints.map((point) => point.y)) });
    const top = Math.max(this.box.y + 14, y - 24);
    disc(context, x, top, 11, index === this.person ? WHITE : DARK);
    context.font = `600 13px ${this.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = index === this.person ? "#000" : WHITE;
    context.fillText(String(id), x, top + 1);
  }

  private drawMark(context: CanvasRenderingContext2D, point: Keypoint): void {
    const [x, y] = this.place(point);
    const { room } = this;
    if (this.zoom.scale > 1 && (x < room.x || y < room.y || x > room.x + room.w || y > room.y + room.h)) return;
    ring(context, x, y, 4 * this.thickness, 5, DARK);
    ring(context, x, y, 4 * this.thickness, 2.5, "#ffd54a");
  }

  // Of the person whose figures are shown the landmark at a place of the canvas, null where none is near.
  at(x: number, y: number): number | null {
    let nearest: number | null = null;
    let best = REACH;
    for (const point of this.people[this.person]?.keypoints ?? []) {
      const [px, py] = this.place(point);
      const away = Math.hypot(px - x, py - y);
      if (away < best) [nearest, best] = [point.id, away];
    }
    return nearest;
  }
}

function opacity(visibility: number): number {
  return 0.25 + 0.75 * Math.min(Math.max(visibility, 0), 1);
}
