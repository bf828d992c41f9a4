// The eye that looks at the space view: it circles slowly until someone takes hold of it.

const FOCAL = 1.9; // of the canvas height: a long lens, so that little is distorted
const NEAR_M = 0.2;
const ORBIT_PERIOD_S = 30;
const DISTANCE_M = 4.25;
const PER_PERSON_M = 0.75;
export const AIM_M = 0.86; // above the floor
const PITCH = [-0.1, 1.5];
const ZOOM = [0.35, 2.5];

const clamp = (value: number, [low, high]: number[]) => Math.min(high, Math.max(low, value));

export class Camera {
  orbiting = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  onorbit: (on: boolean) => void = () => {};
  distance = DISTANCE_M;
  far = DISTANCE_M; // with the zoom
  yaw = 0;
  pitch = 0;
  zoom = 1;
  cosYaw = 1;
  sinYaw = 0;
  cosPitch = 1;
  sinPitch = 0;
  private centreX = 0;
  private centreY = 0;
  private focal = 1;

  constructor(canvas: HTMLElement) {
    this.front();
    this.listen(canvas);
  }

  front(): void {
    this.yaw = 0;
    this.pitch = 0.14;
    this.zoom = 1;
  }

  setOrbit(on: boolean): void {
    this.orbiting = on;
    this.onorbit(on);
  }

  turn(yaw: number, pitch: number): void {
    this.setOrbit(false);
    this.yaw += yaw;
    this.pitch = clamp(this.pitch + pitch, PITCH);
  }

  scale(factor: number): void {
    this.zoom = clamp(this.zoom * factor, ZOOM);
  }

  listen(canvas: HTMLElement): void {
    const fingers = new Map<number, [number, number]>();
    const spread = () => {
      const [a, b] = [...fingers.values()];
      return Math.hypot(a[0] - b[0], a[1] - b[1]);
    };
    canvas.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      const from = fingers.get(event.pointerId);
      if (!from) return;
      const before = fingers.size === 2 ? spread() : 0;
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (before) this.scale(before / Math.max(1, spread()));
      else if (fingers.size === 1) this.turn((event.clientX - from[0]) * -0.008, (event.clientY - from[1]) * 0.006);
    });
    for (const end of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
    }
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.scale(Math.exp(event.deltaY * 0.001));
    }, { passive: false });
    const keys: Record<string, () => void> = {
      ArrowLeft: () => this.turn(0.12, 0), ArrowRight: () => this.turn(-0.12, 0),
      ArrowUp: () => this.turn(0, 0.08), ArrowDown: () => this.turn(0, -0.08),
      "+": () => this.scale(0.9), "-": () => this.scale(1.1),
    };
    canvas.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      keys[event.key]();
      event.preventDefault();
    });
  }

  // Once a picture, before any projection.
  update(width: number, height: number, elapsedS: number, people: number): void {
    if (this.orbiting) this.yaw += (2 * Math.PI * elapsedS) / ORBIT_PERIOD_S;
    const wanted = DISTANCE_M + PER_PERSON_M * Math.max(0, people - 1);
    this.distance += (wanted - this.distance) * Math.min(1, 4 * elapsedS);
    this.far = this.distance * this.zoom;
    this.cosYaw = Math.cos(this.yaw);
    this.sinYaw = Math.sin(this.yaw);
    this.cosPitch = Math.cos(this.pitch);
    this.sinPitch = Math.sin(this.pitch);
    this.centreX = width / 2;
    this.centreY = height / 2;
    this.focal = this.focalOf(width, height);
  }

  // Focal length in CSS pixels on a canvas of that size.
  focalOf(width: number, height: number): number {
    return FOCAL * Math.min(height, 1.15 * width);
  }

  // Metres (floor at y = 0) to out[at...]: x, y in CSS pixels, and pixels a metre there; 0 behind the eye.
  project(x: number, y: number, z: number, out: Float32Array | number[], at: number): void {
    const across = this.cosYaw * x - this.sinYaw * z;
    const toward = this.cosYaw * z + this.sinYaw * x;
    const above = y - AIM_M;
    const depth = this.far - (this.cosPitch * toward + this.sinPitch * above);
    const scale = depth < NEAR_M ? 0 : this.focal / depth;
    out[at] = this.centreX + across * scale;
    out[at + 1] = this.centreY - (this.cosPitch * above - this.sinPitch * toward) * scale;
    out[at + 2] = scale;
  }

  // Pixels a metre at the middle of the floor: what near and far are measured by.
  get middle(): number {
    return this.focal / this.far;
  }
}
