// The floor of the avatars: a grid that fades out, their shadows, and marks under the feet that stand on it.

import {
  BufferGeometry, Color, Float32BufferAttribute, Group, LineBasicMaterial, LineSegments, Mesh, MeshBasicMaterial,
  PlaneGeometry, RingGeometry, ShadowMaterial, type Vector3,
} from "three";
import type { Theme } from "../live/canvas";

const RADIUS_M = 3;
const STEP_M = 0.5;
const MARKS = 16; // two feet of eight people

export class Floor {
  readonly object = new Group();
  private readonly shade = new ShadowMaterial({ opacity: 0.16 });
  private readonly grid = new LineSegments(new BufferGeometry(), new LineBasicMaterial({ vertexColors: true }));
  private readonly looks = [0, 1].map(() => new MeshBasicMaterial({ transparent: true, opacity: 0.75 })); // of a left and a right foot
  private readonly marks: Mesh<RingGeometry, MeshBasicMaterial>[];
  private used = 0;
  private theme: Theme | null = null;

  constructor() {
    const plane = new Mesh(new PlaneGeometry(4 * RADIUS_M, 4 * RADIUS_M), this.shade);
    plane.rotation.x = -Math.PI / 2;
    plane.receiveShadow = true;
    this.grid.position.y = -0.002;
    this.object.add(plane, this.grid);
    const ring = new RingGeometry(0.085, 0.1, 40);
    ring.rotateX(-Math.PI / 2);
    this.marks = Array.from({ length: MARKS }, () => new Mesh(ring, this.looks[0]));
    this.object.add(...this.marks);
    this.clear();
  }

  clear(): void {
    this.used = 0;
    for (const mark of this.marks) mark.visible = false;
  }

  mark({ x, z }: Vector3, side: number): void {
    const mark = this.marks[this.used++];
    if (!mark) return;
    mark.visible = true;
    mark.material = this.looks[side];
    mark.position.set(x - this.object.position.x, 0.004, z - this.object.position.z);
  }

  // Under whoever walks, a whole number of steps at a time, so that the grid doesn't move with them.
  centre({ x, z }: Vector3): void {
    this.object.position.set(STEP_M * Math.round(x / STEP_M), 0, STEP_M * Math.round(z / STEP_M));
  }

  paint(theme: Theme): void {
    if (theme === this.theme) return;
    this.theme = theme;
    this.looks.forEach((look, side) => look.color.set(theme.pairs[0][side]));
    this.shade.opacity = theme.dark ? 0.5 : 0.16;
    const places: number[] = [];
    const colours: number[] = [];
    const [line, stage] = [new Color(theme.gridLine), new Color(theme.stage)];
    const colour = new Color();
    for (let i = -RADIUS_M; i <= RADIUS_M; i += STEP_M) {
      for (let j = -RADIUS_M; j < RADIUS_M; j += STEP_M) {
        const radius = Math.hypot(i, j + STEP_M / 2);
        if (radius > RADIUS_M) continue;
        colour.lerpColors(line, stage, radius / RADIUS_M);
        places.push(i, 0, j, i, 0, j + STEP_M, j, 0, i, j + STEP_M, 0, i);
        for (let corner = 0; corner < 4; corner++) colours.push(colour.r, colour.g, colour.b);
      }
    }
    this.grid.geometry.setAttribute("position", new Float32BufferAttribute(places, 3));
    this.grid.geometry.setAttribute("color", new Float32BufferAttribute(colours, 3));
  }
}
