// A picture with the skeletons over it, as large as fits: white lines, red points, dim where little is visible; the same
// look as the picture that the server draws.

import { disc, ring, segment, Surface } from "../live/canvas";

export const EDGES = [
  [0, 1], [1, 2], [2, 3], [3, 7], [0, 4], [4, 5], [5, 6], [6, 8], [9, 10], [11, 12], [11, 13], [13, 15], [15, 17],
  [15, 19], [15, 21], [17, 19], [12, 14], [14, 16], [16, 18], [16, 20], [16, 22], [18, 20], [11, 23], [12, 24], [23, 24],
  [23, 25], [25, 27], [27, 29], [29, 31], [27, 31], [24, 26], [26, 28], [28, 30], [30, 32], [28, 32],
];
const FACE = 11; // the edges among landmarks 0 to 10 would blot out a small face
const RED = "rgb(255 40 40)";
const WHITE = "#fff";
const DARK = "rgb(0 0 0 / .75)";
const MARGIN = 12;
const CAPTION = 48; // room above the picture for its name
const REACH = 12; // how near the pointer has to be to a point

export class Overlay {
  constructor(canvas, font) {
    this.surface = new Surface(canvas);
    this.font = font;
    this.bitmap = null;
    this.people = [];
    this.person = 0; // the one whose figures are shown
    this.marked = null; // id of a landmark
    this.box = { x: 0, y: 0, w: 0, h: 0 }; // of the picture, in CSS pixels of the canvas
    // After the surface's own observer, so that its size is known.
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  show(bitmap) {
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.draw();
  }

  place({ x, y }) {
    return [this.box.x + x * this.box.w, this.box.y + y * this.box.h];
  }

  draw() {
    const context = this.surface.begin();
    if (!this.bitmap) return;
    this.fit();
    const { x, y, w, h } = this.box;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.bitmap, x, y, w, h);
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip(); // a landmark may be beyond the picture's edge
    const thickness = Math.max(1.5, Math.min(w, h) / 250);
    for (const { keypoints } of this.people) this.drawPerson(context, keypoints, thickness);
    if (this.people.length > 1) this.people.forEach((person, i) => this.drawNumber(context, person, i));
    context.restore();
    if (this.marked !== null && this.people.length) this.drawMark(context, thickness);
  }

  fit() {
    const { width, height } = this.surface;
    const { bitmap, box } = this;
    const room = [Math.max(1, width - 2 * MARGIN), Math.max(1, height - CAPTION - MARGIN)];
    const scale = Math.min(room[0] / bitmap.width, room[1] / bitmap.height);
    box.w = bitmap.width * scale;
    box.h = bitmap.height * scale;
    box.x = (width - box.w) / 2;
    box.y = CAPTION + (room[1] - box.h) / 2;
  }

  drawPerson(context, points, thickness) {
    for (const [a, b] of EDGES) {
      if (a < FACE && b < FACE) continue;
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
  drawNumber(context, { id, keypoints }, index) {
    const [nose] = keypoints;
    const [x, y] = this.place({ x: nose.x, y: Math.min(...keypoints.map((point) => point.y)) });
    const top = Math.max(this.box.y + 14, y - 24);
    disc(context, x, top, 11, index === this.person ? WHITE : DARK);
    context.font = `600 13px ${this.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = index === this.person ? "#000" : WHITE;
    context.fillText(id, x, top + 1);
  }

  drawMark(context, thickness) {
    const at = this.place(this.people[this.person].keypoints[this.marked]);
    ring(context, ...at, 4 * thickness, 5, DARK);
    ring(context, ...at, 4 * thickness, 2.5, "#ffd54a");
  }

  // Of the person whose figures are shown the landmark at a place of the canvas, null where none is near.
  at(x, y) {
    let [nearest, best] = [null, REACH];
    for (const point of this.people[this.person]?.keypoints ?? []) {
      const [px, py] = this.place(point);
      const away = Math.hypot(px - x, py - y);
      if (away < best) [nearest, best] = [point.id, away];
    }
    return nearest;
  }
}

function opacity(visibility) {
  return 0.25 + 0.75 * Math.min(Math.max(visibility, 0), 1);
}
