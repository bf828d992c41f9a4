// The avatars of everyone who is seen, on a floor that they walk about on.

import type { Bones, Frame } from "posewire";
import {
  DirectionalLight, Group, HemisphereLight, PCFShadowMap, PerspectiveCamera, Scene, Vector3, WebGLRenderer,
} from "three";
import { AIM_M, type Camera } from "../live/camera";
import type { Theme } from "../live/canvas";
import type { Slots } from "../live/skeleton";
import { say } from "../live/words";
import { type Avatar, isSolved, type Place, type Solved } from "./avatar";
import { Figure } from "./figure";
import { Floor } from "./floor";
import { loadVrm, type VrmAvatar } from "./vrm";

const FOLLOW_PER_S = 2;
const ROOM_M = 0.6; // beside whoever stands outermost
const FORGET_MS = 1000; // whoever isn't seen for so long is gone
const MAX_RATIO = 2;
// Without a graphics card the processor draws, and often it is the server's own: then not so often, without shadows and
// smooth edges, which cost it more than all the rest.
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const SOFTWARE_MS = 60;

export class AvatarStage {
  visible = false;
  frame: Frame | null = null;
  readonly aim = new Vector3(0, AIM_M, 0);
  spread = 0; // metres from there to whoever is farthest off
  readonly eye = new PerspectiveCamera(30, 1, 0.1, 60);
  readonly renderer: WebGLRenderer;
  readonly figures = new Map<number, { figure: Figure; seenMs: number; theme: Theme | null }>(); // by the ids of people
  private readonly isSlow = SOFTWARE.test(nameOfRenderer());
  private readonly scene = new Scene();
  private readonly sun = new DirectionalLight(0xffffff, 2);
  private readonly floor = new Floor();
  private worn: VrmAvatar | null = null; // a user's own avatar
  private actor: number | null = null; // who moves it
  private actorMs = 0;
  private origin: [x: number, z: number] = [0, 0]; // of the stage in the axes of `root`
  private shown: unknown[] = []; // of the picture drawn last, so that the same isn't drawn again
  private lastMs = 0;
  private size = [0, 0];

  // Throws where the browser has no WebGL. orbit: the eye that the space view turns.
  constructor(canvas: HTMLCanvasElement, private readonly orbit: Camera) {
    this.renderer = new WebGLRenderer({ canvas, antialias: !this.isSlow, alpha: true });
    this.renderer.shadowMap.enabled = !this.isSlow;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.scene.add(this.floor.object, this.sky(), this.sunlight());
    new ResizeObserver(([entry]) => this.resize(entry.contentRect)).observe(canvas);
    new IntersectionObserver(([entry]) => (this.visible = entry.isIntersecting)).observe(canvas);
  }

  private sky(): HemisphereLight {
    return new HemisphereLight(0xffffff, 0x8a8f98, 1.7);
  }

  private sunlight(): Group {
    this.sun.castShadow = true;
    this.sun.shadow.mapSize.set(1024, 1024);
    Object.assign(this.sun.shadow.camera, { left: -2, right: 2, top: 2.2, bottom: -2, near: 1, far: 9 });
    this.sun.shadow.bias = -0.0005;
    this.sun.shadow.normalBias = 0.02;
    this.sun.shadow.radius = 5;
    return new Group().add(this.sun, this.sun.target);
  }

  resize({ width, height }: { width: number; height: number }): void {
    this.size = [width, height];
    this.renderer.setPixelRatio(this.isSlow ? 1 : Math.min(MAX_RATIO, window.devicePixelRatio || 1));
    this.renderer.setSize(width, height, false);
    this.shown = [];
  }

  // Put on the avatar of a file. Throws an Error for the user; what was worn before stays on then.
  async wear(file: File, bones: Bones): Promise<void> {
    const avatar = await loadVrm(file, bones);
    this.takeOff();
    this.worn = avatar;
    this.scene.add(avatar.object);
    if (this.actor === null) return;
    this.drop(this.actor);
    const pose = this.frame?.poses.find(({ id }) => id === this.actor);
    if (pose && isSolved(pose)) avatar.pose(pose, this.placeOf(pose), 0); // now, not with the next frame
  }

  takeOff(): void {
    this.worn?.dispose();
    this.worn = null;
    this.shown = [];
  }

  // frame: null where there is none. bones: those of hello.
  draw(frame: Frame | null, bones: Bones | null, slots: Slots, theme: Theme, nowMs: number): void {
    if (!this.visible || !bones || (this.isSlow && nowMs - this.lastMs < SOFTWARE_MS)) return;
    const elapsedS = Math.min(0.1, (nowMs - this.lastMs) / 1000);
    this.lastMs = nowMs;
    const poses = (frame?.poses ?? []).filter(isSolved);
    this.follow(poses, nowMs);
    if (frame !== this.frame) poses.forEach((pose) => this.move(pose, bones, slots, theme, nowMs, elapsedS));
    else {
      this.worn?.update(elapsedS);
      for (const { id } of poses) this.stay(id, nowMs); // a replay that stands still shows one frame for long
    }
    this.frame = frame;
    for (const [id, { seenMs }] of this.figures) if (nowMs - seenMs > FORGET_MS) this.drop(id);
    this.look(poses, elapsedS);
    const { yaw, pitch, far } = this.orbit;
    const shown = [frame, theme, yaw, pitch, far, this.aim.x, this.aim.z, this.spread, this.figures.size, this.worn && nowMs];
    if (shown.every((value, i) => value === this.shown[i])) return;
    this.shown = shown;
    this.floor.paint(theme);
    this.renderer.render(this.scene, this.eye);
  }

  // One person moves the user's own avatar until they are gone; then the one who was there first.
  private follow(poses: Solved[], nowMs: number): void {
    const ids = poses.map(({ id }) => id);
    if (this.actor !== null && ids.includes(this.actor)) this.actorMs = nowMs;
    else if (this.actor !== null && nowMs - this.actorMs > FORGET_MS) this.actor = null;
    if (this.actor === null && poses.length) {
      const first = poses.reduce((a, b) => (b.id < a.id ? b : a));
      this.actor = first.id;
      this.actorMs = nowMs;
      this.origin = [first.root[0], first.root[2]];
    }
  }

  private move(pose: Solved, bones: Bones, slots: Slots, theme: Theme, nowMs: number, elapsedS: number): void {
    const place = this.placeOf(pose);
    if (this.worn && pose.id === this.actor) {
      this.worn.pose(pose, place, elapsedS);
      return;
    }
    let entry = this.figures.get(pose.id);
    if (!entry) {
      entry = { figure: new Figure(bones), seenMs: nowMs, theme: null };
      this.figures.set(pose.id, entry);
      this.scene.add(entry.figure.object);
    }
    entry.seenMs = nowMs;
    if (entry.theme !== theme) entry.figure.paint(colours(theme, slots.of(pose.id)));
    entry.theme = theme;
    entry.figure.pose(pose, place, nowMs);
  }

  private stay(id: number, nowMs: number): void {
    const entry = this.figures.get(id);
    if (entry) entry.seenMs = nowMs;
  }

  // Of the hips on the stage.
  private placeOf({ root: [x, y, z], floor }: Solved): Place {
    return [x - this.origin[0], y - (floor ?? 0), z - this.origin[1]];
  }

  private drop(id: number): void {
    this.figures.get(id)?.figure.dispose();
    this.figures.delete(id);
    this.shown = [];
  }

  private avatarOf(id: number): Avatar | null {
    return this.worn && id === this.actor ? this.worn : (this.figures.get(id)?.figure ?? null);
  }

  // The eye follows the middle of everyone and keeps all in sight; feet that stand are marked on the floor.
  private look(poses: Solved[], elapsedS: number): void {
    const ease = 1 - Math.exp(-FOLLOW_PER_S * elapsedS);
    const spot = new Vector3();
    const places: Vector3[] = [];
    this.floor.clear();
    for (const { id, contact } of poses) {
      const avatar = this.avatarOf(id);
      if (!avatar) continue;
      const hips = avatar.node(0);
      if (hips) places.push(hips.getWorldPosition(new Vector3()));
      ["leftFoot", "rightFoot"].forEach((foot, side) => {
        const node = avatar.node(avatar.names.indexOf(foot));
        if (node && contact[side]) this.floor.mark(node.getWorldPosition(spot), side);
      });
    }
    if (places.length) {
      const mean = (axis: "x" | "z") => places.reduce((sum, place) => sum + place[axis], 0) / places.length;
      this.aim.x += ease * (mean("x") - this.aim.x);
      this.aim.z += ease * (mean("z") - this.aim.z);
      const spread = Math.max(...places.map(({ x, z }) => Math.hypot(x - this.aim.x, z - this.aim.z)));
      this.spread += (spread > this.spread ? 1 : ease) * (spread - this.spread);
    }
    this.sun.target.position.set(this.aim.x, 0.7, this.aim.z);
    this.sun.position.set(this.aim.x + 1.6, 4.2, this.aim.z + 2.6);
    this.floor.centre(this.aim);
    this.place();
  }

  place(): void {
    const { yaw, pitch, focalOf } = this.orbit;
    const [width, height] = this.size;
    const focal = focalOf(width, height);
    const needed = ((this.spread + ROOM_M) * 2 * focal) / width + this.spread || 0;
    const far = Math.max(this.orbit.distance, needed) * this.orbit.zoom;
    this.eye.position.set(Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch));
    this.eye.position.multiplyScalar(far).add(this.aim);
    this.eye.up.set(0, 1, 0);
    this.eye.lookAt(this.aim);
    this.eye.aspect = width / height || 1;
    this.eye.fov = (2 * Math.atan(height / 2 / focal) * 180) / Math.PI || 30;
    this.eye.updateProjectionMatrix();
  }

  // Where the joints of a person's avatar are: {bone: [x, y, z]} in metres on the stage; null where there is none.
  jointsOf(id: number): Record<string, Place> | null {
    const avatar = this.avatarOf(id);
    if (!avatar) return null;
    this.scene.updateMatrixWorld();
    const joints: Record<string, Place> = {};
    avatar.names.forEach((name, bone) => {
      const node = avatar.node(bone);
      if (node) joints[name] = node.getWorldPosition(new Vector3()).toArray();
    });
    return joints;
  }
}

// What draws here, in its own words.
function nameOfRenderer(): string {
  const context = document.createElement("canvas").getContext("webgl2");
  if (!context) throw new Error(say("noWebgl"));
  const info = context.getExtension("WEBGL_debug_renderer_info");
  const name: string = context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER);
  context.getExtension("WEBGL_lose_context")?.loseContext(); // a page may have only a few
  return name;
}

function colours(theme: Theme, slot: number): string[] {
  return [...theme.pairs[Math.max(0, slot) % theme.pairs.length], theme.mid, theme.skin];
}
