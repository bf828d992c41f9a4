// The world landmarks in space: +X right, +Y up, +Z toward the viewer, metres, on a floor at the lowest foot.

import type { Frame, Pose } from "posewire";
import { Camera } from "./camera";
import { disc, label, pairOf, ring, segment, shade, SHADES, Surface, type Theme } from "./canvas";
import { CHIN, HEAD, JOINTS, LANDMARKS, NECK, type Plan, type Slots } from "./skeleton";
import { say } from "./words";

const MAX_PEOPLE = 8;
const MAX_ITEMS = MAX_PEOPLE * 80; // bones and joints
const GAP_M = 1.15;
const SOLE_M = 0.03;
const EASE_PER_S = 5;
const GRID_M = 3;
const STEP_M = 0.5;
const LIMB_M = 0.05;
const JOINT_M = 0.033;
const HEAD_M = 0.105;
const HALO_PX = 2;
const DEPTH_SHADE = 1.5; // how fast a limb fades with its distance
const AXES: [string, number, number, number][] = [["X", 1, 0, 0], ["Y", 0, 1, 0], ["Z", 0, 0, 1]];

// Where somebody stands, eased.
interface Spot {
  x: number;
  floor: number;
}

type Shown = Pose & { image: Float32Array; world: Float32Array };

export class View3D {
  readonly camera: Camera;
  readonly seen = new Float32Array(3 * JOINTS * MAX_PEOPLE); // as Camera.project has it
  private readonly surface: Surface;
  private lastMs = 0;
  private readonly people = new Map<number, Spot>();
  private readonly world = new Float32Array(4 * JOINTS * MAX_PEOPLE); // x, y, z, visibility; floor at 0, people side by side
  private readonly spot = new Float32Array(6);
  private readonly order = new Uint16Array(MAX_ITEMS); // of the items, far to near
  private readonly nearness = new Float32Array(MAX_ITEMS);

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas);
    this.camera = new Camera(canvas);
  }

  draw(frame: Frame | null, skeleton: Plan, slots: Slots, theme: Theme, nowMs: number): void {
    const elapsedS = Math.min(0.1, (nowMs - this.lastMs) / 1000);
    this.lastMs = nowMs;
    const context = this.surface.begin();
    const poses = (frame?.poses ?? []).filter((pose): pose is Shown => pose.image !== null && pose.world !== null);
    this.camera.update(this.surface.width, this.surface.height, elapsedS, poses.length);
    this.place(poses, elapsedS);
    this.drawGrid(context, theme);
    poses.forEach((_, person) => this.drawShadow(context, person, skeleton, theme));
    this.drawPeople(context, poses, skeleton, slots, theme);
    if (poses.length > 1) {
      poses.forEach(({ id }, person) => {
        const at = 3 * (person * JOINTS + HEAD);
        label(context, say("person", { id }), this.seen[at], this.seen[at + 1] - 0.2 * this.seen[at + 2], theme);
      });
    }
    this.drawAxes(context, theme);
  }

  // World landmarks have their origin between each person's own hips: several people stand side by side, in the order
  // of their hips in the picture, each with the lowest foot on the floor.
  private place(poses: Shown[], elapsedS: number): void {
    for (const id of this.people.keys()) if (!poses.some((pose) => pose.id === id)) this.people.delete(id);
    const ease = 1 - Math.exp(-EASE_PER_S * elapsedS);
    poses.forEach(({ id, image, world }, person) => {
      const hips = acrossOf(image);
      const rank = poses.filter((other) => acrossOf(other.image) < hips).length;
      const x = GAP_M * (rank - (poses.length - 1) / 2);
      let floor = 0;
      for (let i = 1; i < world.length; i += 4) floor = Math.min(floor, world[i]);
      let spot = this.people.get(id);
      if (spot) {
        spot.x += ease * (x - spot.x);
        spot.floor += ease * (floor - SOLE_M - spot.floor);
      } else {
        spot = { x, floor: floor - SOLE_M };
        this.people.set(id, spot);
      }
      this.placeOne(world, spot, person * JOINTS);
    });
  }

  private placeOne(world: Float32Array, spot: Spot, first: number): void {
    const w = this.world;
    for (let i = 0; i < LANDMARKS; i++) {
      const at = 4 * (first + i);
      w[at] = world[4 * i] + spot.x;
      w[at + 1] = world[4 * i + 1] - spot.floor;
      w[at + 2] = world[4 * i + 2];
      w[at + 3] = world[4 * i + 3];
    }
    for (let k = 0; k < 4; k++) {
      w[4 * (first + HEAD) + k] = (w[4 * (first + 7) + k] + w[4 * (first + 8) + k]) / 2;
      w[4 * (first + NECK) + k] = (w[4 * (first + 11) + k] + w[4 * (first + 12) + k]) / 2;
    }
    const [head, neck, chin] = [4 * (first + HEAD), 4 * (first + NECK), 4 * (first + CHIN)];
    const length = Math.hypot(w[head] - w[neck], w[head + 1] - w[neck + 1], w[head + 2] - w[neck + 2]);
    const share = Math.min(1, HEAD_M / (length || 1));
    for (let k = 0; k < 4; k++) w[chin + k] = w[head + k] + share * (w[neck + k] - w[head + k]);
    for (let i = first; i < first + JOINTS; i++) {
      this.camera.project(w[4 * i], w[4 * i + 1], w[4 * i + 2], this.seen, 3 * i);
    }
  }

  // In pieces, so that the floor fades out toward its edge.
  private drawGrid(context: CanvasRenderingContext2D, theme: Theme): void {
    for (let i = -GRID_M; i <= GRID_M; i += STEP_M) {
      for (let j = -GRID_M; j < GRID_M; j += STEP_M) {
        const radius = Math.hypot(i, j + STEP_M / 2);
        if (radius > GRID_M) continue;
        const colour = theme.grid[Math.round((1 - radius / GRID_M) * (SHADES - 1))];
        this.drawOnFloor(context, i, j, i, j + STEP_M, 1, colour);
        this.drawOnFloor(context, j, i, j + STEP_M, i, 1, colour);
      }
    }
  }

  // Thickness in pixels, or in metres where `metres` is set.
  private drawOnFloor(
    context: CanvasRenderingContext2D, x0: number, z0: number, x1: number, z1: number, thickness: number, colour: string, metres = false,
  ): void {
    const s = this.spot;
    this.camera.project(x0, 0, z0, s, 0);
    this.camera.project(x1, 0, z1, s, 3);
    if (s[2] && s[5]) segment(context, s[0], s[1], s[3], s[4], metres ? thickness * s[2] : thickness, colour);
  }

  private drawShadow(context: CanvasRenderingContext2D, person: number, { bones }: Plan, theme: Theme): void {
    const w = this.world;
    for (const { a, b, girth } of bones) {
      const [p, q] = [4 * (person * JOINTS + a), 4 * (person * JOINTS + b)];
      this.drawOnFloor(context, w[p], w[p + 2], w[q], w[q + 2], 1.3 * LIMB_M * girth, theme.shadow, true);
    }
  }

  // All bones and joints of all people, the far ones first, so that near ones cover them.
  private drawPeople(context: CanvasRenderingContext2D, poses: Shown[], skeleton: Plan, slots: Slots, theme: Theme): void {
    const { bones, radii } = skeleton;
    const each = bones.length + JOINTS;
    let count = 0;
    for (let item = 0; item < Math.min(poses.length, MAX_PEOPLE) * each; item++) {
      const part = item % each;
      const first = Math.floor(item / each) * JOINTS;
      const isBone = part < bones.length;
      if (!isBone && !radii[part - bones.length] && part - bones.length !== HEAD) continue;
      const [a, b] = isBone ? [bones[part].a, bones[part].b] : [part - bones.length, part - bones.length];
      const [near, far] = [this.seen[3 * (first + a) + 2], this.seen[3 * (first + b) + 2]];
      if (!near || !far) continue;
      // A joint lies on its bones, not behind the nearer half of them.
      this.nearness[item] = (near + far) / 2 + (isBone || part - bones.length === HEAD ? 0 : 0.02 * near);
      let at = count++;
      for (; at > 0 && this.nearness[this.order[at - 1]] > this.nearness[item]; at--) this.order[at] = this.order[at - 1];
      this.order[at] = item;
    }
    for (let i = 0; i < count; i++) {
      const person = Math.floor(this.order[i] / each);
      const part = this.order[i] % each;
      const colours = pairOf(theme, slots.of(poses[person].id));
      if (part < bones.length) this.drawBone(context, bones[part], person * JOINTS, colours, theme);
      else this.drawJoint(context, part - bones.length, person * JOINTS, skeleton, colours, theme);
    }
  }

  private tone(scale: number, visibility: number): number {
    return shade(Math.min(1, 1 + DEPTH_SHADE * (scale / this.camera.middle - 1.04)) * (0.2 + 0.8 * visibility));
  }

  private drawBone(context: CanvasRenderingContext2D, { a, b, side, girth }: Plan["bones"][number], first: number, colours: string[][], theme: Theme): void {
    const s = this.seen;
    const [p, q] = [3 * (first + a), 3 * (first + b)];
    const scale = (s[p + 2] + s[q + 2]) / 2;
    const visibility = Math.min(this.world[4 * (first + a) + 3], this.world[4 * (first + b) + 3]);
    const thickness = Math.max(1.5, LIMB_M * girth * scale);
    if (girth > 0.5) this.drawHalo(context, p, q, thickness, theme);
    segment(context, s[p], s[p + 1], s[q], s[q + 1], thickness, colours[side][this.tone(scale, visibility)]);
  }

  // A rim of background parts a limb from those behind it; not at its ends, where it would cut into its neighbours.
  private drawHalo(context: CanvasRenderingContext2D, p: number, q: number, thickness: number, theme: Theme): void {
    const s = this.seen;
    const [dx, dy] = [s[q] - s[p], s[q + 1] - s[p + 1]];
    const inset = (1.4 * thickness) / Math.hypot(dx, dy);
    if (!(inset < 0.5)) return;
    context.lineCap = "butt";
    const [x0, y0, x1, y1] = [s[p] + inset * dx, s[p + 1] + inset * dy, s[q] - inset * dx, s[q + 1] - inset * dy];
    segment(context, x0, y0, x1, y1, thickness + 2 * HALO_PX, theme.stage);
    context.lineCap = "round";
  }

  private drawJoint(context: CanvasRenderingContext2D, index: number, first: number, { sides, radii }: Plan, colours: string[][], theme: Theme): void {
    const at = 3 * (first + index);
    const [x, y, scale] = [this.seen[at], this.seen[at + 1], this.seen[at + 2]];
    const tone = this.tone(scale, this.world[4 * (first + index) + 3]);
    if (index === HEAD) {
      disc(context, x, y, HEAD_M * scale + HALO_PX, theme.stage);
      ring(context, x, y, HEAD_M * scale, Math.max(1.5, 0.016 * scale), colours[2][tone]);
    } else {
      disc(context, x, y, Math.max(1.4, JOINT_M * radii[index] * scale), colours[sides[index]][tone]);
    }
  }

  // Which way the axes of `world` point, in the corner.
  private drawAxes(context: CanvasRenderingContext2D, theme: Theme): void {
    const { camera, surface } = this;
    const [x0, y0] = [38, surface.height - 34];
    context.font = `600 11px ${theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    AXES.forEach(([name, x, y, z], i) => {
      const across = camera.cosYaw * x - camera.sinYaw * z;
      const toward = camera.cosYaw * z + camera.sinYaw * x;
      const up = camera.cosPitch * y - camera.sinPitch * toward;
      segment(context, x0, y0, x0 + 18 * across, y0 - 18 * up, 1.5, theme.axes[i][SHADES - 1]);
      context.fillStyle = theme.axes[i][SHADES - 1];
      context.fillText(name, x0 + 27 * across, y0 - 27 * up);
    });
  }
}

// Where somebody's hips are across the picture, twice.
function acrossOf(image: Float32Array): number {
  return image[4 * 23] + image[4 * 24];
}
