// The stage: what was sent, with the skeleton that came back for it. White lines, red points, as on the photo page.

import type { Frame, Skeleton } from "posewire";
import { disc, segment, Surface } from "../live/canvas";

const KEPT = 10; // pictures whose skeleton may still come
const MARGIN = 10;
const FACE = 11; // lines among the landmarks below it would blot out a face
const RED = "rgb(255 40 40)";
const WHITE = "#fff";

export interface Sent {
  tUs: number;
  picture: HTMLCanvasElement;
}

export class View {
  isMirrored = false;
  /** Where the landmarks of the first person are drawn: x and y in CSS pixels of the canvas, and the visibility. */
  points: number[][] = [];
  /** The same as the server sent them; null where nobody is drawn. */
  image: Float32Array | null = null;
  /** The capture time of the picture that is shown. */
  tUs = 0;
  private readonly surface: Surface;
  private sent: Sent[] = [];
  private box = { x: 0, y: 0, w: 0, h: 0 };

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas);
  }

  clear(): void {
    this.sent = [];
    this.points = [];
    this.image = null;
    this.tUs = 0;
    this.surface.begin();
  }

  keep(sent: Sent): void {
    this.sent.push(sent);
    if (this.sent.length > KEPT) this.sent.shift();
  }

  /** The picture of the frame with its skeletons; where no frame comes, the newest one or, while none goes out, the video. */
  draw(frame: Frame | null, skeleton: Skeleton | null, isFlipped: boolean, video: HTMLVideoElement | null): void {
    const shown = (frame && this.sent.findLast(({ tUs }) => tUs <= frame.t_us)) ?? this.sent.at(-1);
    const picture = video ?? shown?.picture;
    const [width, height] = video ? [video.videoWidth, video.videoHeight] : [shown?.picture.width ?? 0, shown?.picture.height ?? 0];
    const context = this.surface.begin();
    this.points = [];
    this.image = null;
    this.tUs = shown?.tUs ?? 0;
    if (!picture || !width || !height) return;
    this.fit(width, height);
    const { x, y, w, h } = this.box;
    context.save();
    if (this.isMirrored) context.transform(-1, 0, 0, 1, 2 * x + w, 0);
    context.drawImage(picture, x, y, w, h);
    context.restore();
    // A server that turns its pictures (--rotate) has others than we sent.
    if (!frame || !skeleton || video || frame.size[0] !== width || frame.size[1] !== height) return;
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    for (const { image } of [...frame.poses].reverse()) {
      if (!image) continue;
      this.image = image;
      this.points = this.place(image, isFlipped !== this.isMirrored);
      this.drawPerson(context, skeleton);
    }
    context.restore();
  }

  private fit(width: number, height: number): void {
    const { surface } = this;
    const scale = Math.max(0, Math.min((surface.width - 2 * MARGIN) / width, (surface.height - 2 * MARGIN) / height));
    this.box = { x: (surface.width - width * scale) / 2, y: (surface.height - height * scale) / 2, w: width * scale, h: height * scale };
  }

  private place(image: Float32Array, isFlipped: boolean): number[][] {
    const { x, y, w, h } = this.box;
    return Array.from({ length: image.length / 4 }, (_, i) => {
      const across = isFlipped ? 1 - image[4 * i] : image[4 * i];
      return [x + across * w, y + image[4 * i + 1] * h, image[4 * i + 3]];
    });
  }

  private drawPerson(context: CanvasRenderingContext2D, { edges }: Skeleton): void {
    const { points } = this;
    const thickness = Math.max(1.5, Math.min(this.box.w, this.box.h) / 180);
    for (const [a, b] of edges) {
      if (a < FACE && b < FACE) continue;
      context.globalAlpha = opacity(Math.min(points[a][2], points[b][2]));
      segment(context, points[a][0], points[a][1], points[b][0], points[b][1], thickness, WHITE);
    }
    for (const [x, y, visibility] of points) {
      context.globalAlpha = opacity(visibility);
      disc(context, x, y, 1.4 * thickness, RED);
    }
  }
}

function opacity(visibility: number): number {
  return 0.2 + 0.8 * Math.min(1, Math.max(0, visibility));
}
