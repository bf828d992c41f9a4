// The world landmarks in space: +X right, +Y up, +Z toward the viewer, metres, on a floor grid.

import { disc, HEAD, isDrawn, opacity, prepare, segment, sideOf } from "./skeleton.js";

const FOCAL = 1.9; // of the canvas height: a long lens, so that little is distorted
const NEAR = 0.2;
const ORBIT_PERIOD_S = 24;
const GRID_M = 2;
const STEP_M = 0.5;
const FLOOR_EASE = 0.06;
const HEAD_RADIUS_M = 0.11;

export class View3D {
  constructor(canvas) {
    this.canvas = canvas;
    this.orbiting = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.onorbit = () => {};
    this.floor = -0.9;
    this.lastMs = 0;
    this.front();
    this.listen();
  }

  front() {
    this.yaw = 0;
    this.pitch = 0.12;
    this.distance = 4.6;
  }

  setOrbit(on) {
    this.orbiting = on;
    this.onorbit(on);
  }

  turn(yaw, pitch) {
    this.setOrbit(false);
    this.yaw += yaw;
    this.pitch = Math.min(1.5, Math.max(-0.4, this.pitch + pitch));
  }

  zoom(factor) {
    this.distance = Math.min(12, Math.max(1.8, this.distance * factor));
  }

  listen() {
    let from = null;
    this.canvas.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY];
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      this.turn((event.clientX - from[0]) * 0.008, (event.clientY - from[1]) * 0.006);
      from = [event.clientX, event.clientY];
    });
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, () => (from = null));
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(event.deltaY * 0.001));
    }, { passive: false });
    const keys = {
      ArrowLeft: () => this.turn(-0.12, 0), ArrowRight: () => this.turn(0.12, 0),
      ArrowUp: () => this.turn(0, 0.08), ArrowDown: () => this.turn(0, -0.08),
      "+": () => this.zoom(0.9), "-": () => this.zoom(1.1),
    };
    this.canvas.addEventListener("keydown", (event) => {
      if (keys[event.key]) {
        keys[event.key]();
        event.preventDefault();
      }
    });
  }

  // (x, y, z) in metres -> [x, y in CSS pixels, pixels a metre there], or null behind the viewer.
  project(x, y, z, width, height) {
    const cy = Math.cos(this.yaw), sy = Math.sin(this.yaw), cp = Math.cos(this.pitch), sp = Math.sin(this.pitch);
    const x1 = cy * x + sy * z, z1 = cy * z - sy * x;
    const y2 = cp * y - sp * z1, depth = this.distance - (cp * z1 + sp * y);
    if (depth < NEAR) return null;
    const scale = (FOCAL * Math.min(height, 1.15 * width)) / depth;
    return [width / 2 + x1 * scale, height / 2 - y2 * scale, scale];
  }

  draw(frame, skeleton, theme, nowMs) {
    const elapsedS = Math.min(0.1, (nowMs - this.lastMs) / 1000);
    this.lastMs = nowMs;
    if (this.orbiting) this.yaw += (2 * Math.PI * elapsedS) / ORBIT_PERIOD_S;
    const { context, width, height } = prepare(this.canvas);
    const people = place(frame?.poses ?? []);
    if (people.length) {
      const lowest = Math.min(...people.flatMap(({ points }) => points.map(([, y]) => y)));
      this.floor += FLOOR_EASE * (lowest - 0.02 - this.floor);
    }
    this.grid(context, width, height, theme);
    for (const { points } of people) this.person(context, points, width, height, skeleton, theme);
    context.globalAlpha = 1;
  }

  grid(context, width, height, theme) {
    for (let i = -GRID_M; i <= GRID_M + 1e-6; i += STEP_M) {
      const fade = 1 - (0.75 * Math.abs(i)) / GRID_M;
      for (const [a, b] of [[[i, -GRID_M], [i, GRID_M]], [[-GRID_M, i], [GRID_M, i]]]) {
        const p = this.project(a[0], this.floor, a[1], width, height);
        const q = this.project(b[0], this.floor, b[1], width, height);
        if (p && q) segment(context, p[0], p[1], q[0], q[1], 1, theme.grid, fade);
      }
    }
  }

  head(context, points, width, height, theme) {
    const middle = (...indices) => [0, 1, 2].map((k) => indices.reduce((sum, i) => sum + points[i][k], 0) / indices.length);
    const centre = middle(7, 8);
    const neck = middle(11, 12);
    const length = Math.hypot(...centre.map((value, k) => value - neck[k]));
    const p = this.project(...centre, width, height);
    const q = this.project(...neck, width, height);
    if (!p || !q) return;
    const alpha = opacity(points[0][3]);
    context.globalAlpha = 0.6 * alpha;
    context.strokeStyle = theme.side[0];
    context.lineWidth = Math.max(1.5, 0.012 * p[2]);
    context.beginPath();
    context.arc(p[0], p[1], HEAD_RADIUS_M * p[2], 0, 2 * Math.PI);
    context.stroke();
    if (length <= HEAD_RADIUS_M) return;
    const end = centre.map((value, k) => value + ((neck[k] - value) * HEAD_RADIUS_M) / length);
    const e = this.project(...end, width, height);
    if (e) segment(context, q[0], q[1], e[0], e[1], Math.max(1.5, 0.032 * q[2]), theme.side[0], alpha);
  }

  person(context, points, width, height, skeleton, theme) {
    const seen = points.map(([x, y, z, v]) => {
      const p = this.project(x, y, z, width, height);
      return p && { x: p[0], y: p[1], scale: p[2], alpha: opacity(v) };
    });
    // A soft shadow on the floor ties the figure to the ground.
    for (const index of [27, 28, 31, 32]) {
      const p = this.project(points[index][0], this.floor, points[index][2], width, height);
      if (p) disc(context, p[0], p[1], 0.05 * p[2], theme.grid, 0.6);
    }
    const bones = skeleton.edges
      .filter(([a, b]) => seen[a] && seen[b] && (a >= HEAD || b >= HEAD))
      .map(([a, b]) => ({ a: seen[a], b: seen[b], side: sideOf(skeleton.sides, a, b) }));
    const joints = seen.flatMap((p, index) => (p && isDrawn(index) ? [{ p, index }] : []));
    // Far ones first, so that near ones cover them.
    bones.sort((l, r) => l.a.scale + l.b.scale - r.a.scale - r.b.scale);
    for (const { a, b, side } of bones) {
      const thickness = Math.max(1.5, 0.016 * (a.scale + b.scale));
      segment(context, a.x, a.y, b.x, b.y, thickness, theme.side[side], Math.min(a.alpha, b.alpha));
    }
    this.head(context, points, width, height, theme);
    for (const { p, index } of joints) {
      const radius = Math.max(1.5, (index < HEAD ? 0.014 : 0.024) * p.scale);
      disc(context, p.x, p.y, radius, theme.side[skeleton.sides[index]], p.alpha);
    }
  }
}

// World landmarks have their origin between each person's own hips: several people are set apart as in the picture.
function place(poses) {
  const middle = (poses.length - 1) / 2;
  return [...poses]
    .sort((a, b) => a.image[23][0] - b.image[23][0])
    .map((pose, index) => ({
      points: pose.world.map(([x, y, z, v]) => [x + 1.1 * (index - middle), y, z, v]),
    }));
}
