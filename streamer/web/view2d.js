// The skeleton as the camera sees it, in a frame of the picture's shape.

import { disc, HEAD, isDrawn, opacity, prepare, segment, sideOf } from "./skeleton.js";

const MARGIN = 14;

export class View2D {
  constructor(canvas) {
    this.canvas = canvas;
  }

  // Where the picture lies in the canvas, in CSS pixels.
  box([w, h], width, height) {
    const scale = Math.min((width - 2 * MARGIN) / w, (height - 2 * MARGIN) / h);
    return { x: (width - w * scale) / 2, y: (height - h * scale) / 2, w: w * scale, h: h * scale };
  }

  draw(frame, size, skeleton, theme) {
    const { context, width, height } = prepare(this.canvas);
    const box = this.box(size, width, height);
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.strokeRect(Math.round(box.x) + 0.5, Math.round(box.y) + 0.5, Math.round(box.w), Math.round(box.h));
    for (const pose of frame?.poses ?? []) this.person(context, pose, box, skeleton, theme, frame.poses.length > 1);
    context.globalAlpha = 1;
    return box;
  }

  person(context, pose, box, skeleton, theme, labelled) {
    const points = pose.image.map(([x, y, , v]) => [box.x + x * box.w, box.y + y * box.h, opacity(v)]);
    const unit = extent(points) / 100;
    for (const [a, b] of skeleton.edges) {
      if (a < HEAD && b < HEAD) continue;
      const alpha = Math.min(points[a][2], points[b][2]);
      const colour = theme.side[sideOf(skeleton.sides, a, b)];
      segment(context, ...points[a].slice(0, 2), ...points[b].slice(0, 2), Math.max(2, 1.5 * unit), colour, alpha);
    }
    this.head(context, points, unit, theme);
    points.forEach(([x, y, alpha], index) => {
      if (!isDrawn(index)) return;
      const radius = Math.max(1.6, (index < HEAD ? 0.7 : 1.25) * unit);
      disc(context, x, y, radius, theme.side[skeleton.sides[index]], alpha);
      if (index >= HEAD) disc(context, x, y, 0.5 * radius, theme.stage, alpha);
    });
    if (labelled) {
      const top = Math.min(...points.map(([, y]) => y));
      context.globalAlpha = 1;
      context.fillStyle = theme.text;
      context.font = "600 12px system-ui, sans-serif";
      context.textAlign = "center";
      context.fillText(`Person ${pose.id}`, points[0][0], Math.max(14, top - 12 - 4 * unit));
    }
  }

  // A faint circle about the ears and a neck: they say which way up the figure is at a glance.
  head(context, points, unit, theme) {
    const [left, right, nose] = [points[7], points[8], points[0]];
    const x = (left[0] + right[0] + nose[0]) / 3;
    const y = (left[1] + right[1] + nose[1]) / 3;
    const shoulders = Math.hypot(points[11][0] - points[12][0], points[11][1] - points[12][1]);
    const radius = Math.max(Math.hypot(left[0] - right[0], left[1] - right[1]) * 0.75, shoulders * 0.28, 4 * unit);
    context.globalAlpha = 0.5 * nose[2];
    context.strokeStyle = theme.side[0];
    context.lineWidth = Math.max(1.5, unit);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
    const [from, to] = [[(points[11][0] + points[12][0]) / 2, (points[11][1] + points[12][1]) / 2], [x, y]];
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (length <= radius) return;
    const end = [0, 1].map((i) => to[i] + ((from[i] - to[i]) * radius) / length);
    segment(context, ...from, ...end, Math.max(2, 1.5 * unit), theme.side[0], nose[2]);
  }
}

function extent(points) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return Math.max(60, Math.hypot(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)));
}
