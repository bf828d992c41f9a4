// A simple figure of our own: a jointed mannequin with the bone lengths of the person that it follows.

import type { Bones } from "posewire";
import {
  type BufferGeometry, CapsuleGeometry, Group, LatheGeometry, Mesh, MeshStandardMaterial, SphereGeometry, Vector2, Vector3,
} from "three";
import type { Avatar, Place, Solved } from "./avatar";

const UP = new Vector3(0, 1, 0);
const GHOST = 0.4; // opacity of a part that isn't seen ...
const GHOST_AFTER_MS = 500; // ... for this long: it begins to ease to rest then
// Radii in metres along a part, from its joint to the next.
const PROFILES: Record<string, number[]> = {
  UpperArm: [0.04, 0.05, 0.051, 0.046, 0.04, 0.036, 0.034],
  LowerArm: [0.034, 0.042, 0.044, 0.038, 0.031, 0.026, 0.024],
  UpperLeg: [0.07, 0.082, 0.083, 0.076, 0.066, 0.056, 0.05],
  LowerLeg: [0.046, 0.055, 0.06, 0.056, 0.046, 0.036, 0.031],
};
const JOINTS: Record<string, number> = { UpperArm: 0.052, LowerArm: 0.039, Hand: 0.028, UpperLeg: 0.075, LowerLeg: 0.052, Foot: 0.036 };
const NEXT: Record<string, string> = { UpperArm: "LowerArm", LowerArm: "Hand", UpperLeg: "LowerLeg", LowerLeg: "Foot" };

// Length 1 along +Y, with rounded ends.
function turned(radii: number[]): LatheGeometry {
  const points = [new Vector2(0.0001, -0.01)];
  radii.forEach((radius, i) => points.push(new Vector2(radius, i / (radii.length - 1))));
  points.push(new Vector2(0.0001, 1.01));
  return new LatheGeometry(points, 24);
}

type Part = Mesh<BufferGeometry, MeshStandardMaterial>;
type Triple = [number, number, number];

// A material, opaque and as a ghost.
function look(roughness: number): MeshStandardMaterial[] {
  return [1, GHOST].map((opacity) => new MeshStandardMaterial({ roughness, metalness: 0, transparent: opacity < 1, opacity }));
}

export class Figure implements Avatar {
  readonly object = new Group();
  readonly names: string[];
  private readonly bones: Group[];
  private readonly parts: { mesh: Part; looks: MeshStandardMaterial[]; bone: number }[] = [];
  private readonly stretched: { mesh: Part; bone: number }[] = []; // as long as the offset of the bone at their end
  private readonly looks = [0, 1, 2].map(() => look(0.62)); // left, right, middle
  private readonly skin = look(0.7);
  private seenMs: number[];
  private rest = new Float32Array(0);
  private pelvis: Part | null = null;
  private belly: Part | null = null;
  private ribs: Part | null = null;

  constructor(bones: Bones) {
    this.bones = bones.names.map(() => new Group());
    this.names = bones.names;
    this.seenMs = bones.names.map(() => -Infinity);
    bones.parents.forEach((parent, i) => (parent < 0 ? this.object : this.bones[parent]).add(this.bones[i]));
    this.names.forEach((name, i) => this.dress(name, i));
    this.measure(Float32Array.from(bones.rest.flat()));
  }

  // In CSS colours.
  paint([left, right, middle, skin]: string[]): void {
    [left, right, middle].forEach((colour, side) => this.looks[side].forEach((material) => material.color.set(colour)));
    this.skin.forEach((material) => material.color.set(skin));
  }

  private add(
    bone: number, geometry: BufferGeometry, looks: MeshStandardMaterial[],
    { at = [0, 0, 0], size = [1, 1, 1], turn = [0, 0, 0] }: { at?: Triple; size?: Triple; turn?: Triple } = {},
  ): Part {
    const mesh = new Mesh(geometry, looks[0]);
    mesh.position.set(...at);
    mesh.scale.set(...size);
    mesh.rotation.set(...turn);
    mesh.castShadow = true;
    this.parts.push({ mesh, looks, bone });
    this.bones[bone].add(mesh);
    return mesh;
  }

  private dress(name: string, bone: number): void {
    const side = name.startsWith("left") ? 0 : name.startsWith("right") ? 1 : 2;
    const part = name.replace(/^(left|right)/, "");
    const sign = side === 1 ? -1 : 1;
    if (JOINTS[part]) this.add(bone, new SphereGeometry(JOINTS[part], 24, 16), this.looks[side]);
    if (PROFILES[part]) {
      const end = this.names.indexOf(name.replace(part, NEXT[part]));
      this.stretched.push({ mesh: this.add(bone, turned(PROFILES[part]), this.skin), bone: end });
    }
    switch (part) {
      case "hips": this.pelvis = this.dressHips(bone); break;
      case "spine": this.belly = this.dressSpine(bone); break;
      case "chest": this.ribs = this.dressChest(bone); break;
      case "neck": this.dressNeck(bone); break;
      case "head": this.dressHead(bone); break;
      case "Shoulder": this.dressShoulder(bone, sign); break;
      case "Hand": this.dressHand(bone, sign); break;
      case "Foot": this.dressFoot(bone); break;
    }
  }

  private dressHips(bone: number): Part {
    return this.add(bone, new SphereGeometry(1, 32, 20), this.skin, { at: [0, 0.01, 0], size: [0.155, 0.1, 0.1] });
  }

  private dressSpine(bone: number): Part {
    return this.add(bone, new SphereGeometry(1, 32, 20), this.looks[2], { at: [0, 0.03, 0], size: [0.115, 0.13, 0.085] });
  }

  private dressChest(bone: number): Part {
    const radii = [0.095, 0.122, 0.142, 0.152, 0.146, 0.112, 0.05];
    return this.add(bone, turned(radii), this.skin, { size: [1, 0.3, 0.68], at: [0, -0.02, 0] });
  }

  private dressNeck(bone: number): void {
    this.add(bone, new CapsuleGeometry(0.043, 0.08, 4, 20), this.looks[2], { at: [0, 0.03, 0] });
  }

  // An egg with a visor, so that one sees where it looks.
  private dressHead(bone: number): void {
    this.add(bone, new SphereGeometry(1, 32, 24), this.skin, { at: [0, 0.085, 0.02], size: [0.077, 0.113, 0.095] });
    const visor = new SphereGeometry(1, 32, 16, Math.PI * 0.22, Math.PI * 0.56, Math.PI * 0.34, Math.PI * 0.2);
    this.add(bone, visor, this.looks[2], { at: [0, 0.085, 0.02], size: [0.08, 0.116, 0.099] });
  }

  private dressShoulder(bone: number, sign: number): void {
    this.add(bone, new CapsuleGeometry(0.045, 0.1, 4, 16), this.skin, {
      at: [sign * 0.075, -0.005, 0], size: [1, 1, 0.85], turn: [0, 0, Math.PI / 2],
    });
  }

  private dressHand(bone: number, sign: number): void {
    this.add(bone, new SphereGeometry(1, 20, 14), this.skin, { at: [sign * 0.052, 0, 0], size: [0.055, 0.018, 0.041] });
    this.add(bone, new SphereGeometry(1, 20, 14), this.skin, { at: [sign * 0.125, -0.002, 0], size: [0.055, 0.013, 0.036] });
    this.add(bone, new CapsuleGeometry(0.012, 0.05, 4, 10), this.skin, {
      at: [sign * 0.052, -0.004, 0.045], turn: [Math.PI / 2, 0, -sign * 0.7],
    });
  }

  private dressFoot(bone: number): void {
    this.add(bone, new SphereGeometry(1, 24, 16), this.skin, { at: [0, -0.03, -0.02], size: [0.039, 0.043, 0.048] });
    this.add(bone, new CapsuleGeometry(0.042, 0.13, 6, 20), this.skin, {
      at: [0, -0.045, 0.055], size: [1, 1, 0.62], turn: [Math.PI / 2, 0, 0],
    });
  }

  // Offsets of a person's own bones, x, y, z each, in metres.
  private measure(rest: Float32Array): void {
    if (rest.length === this.rest.length && rest.every((value, i) => value === this.rest[i])) return;
    this.rest = rest.slice();
    const offset = new Vector3();
    this.bones.forEach((node, i) => i && node.position.fromArray(rest, 3 * i));
    for (const { mesh, bone } of this.stretched) {
      offset.fromArray(rest, 3 * bone);
      mesh.scale.y = offset.length();
      mesh.quaternion.setFromUnitVectors(UP, offset.normalize());
    }
    const of = (name: string, axis: number) => rest[3 * this.names.indexOf(name) + axis];
    const hips = Math.abs(of("leftUpperLeg", 0)) / 0.1;
    const shoulders = (Math.abs(of("leftShoulder", 0)) + Math.abs(of("leftUpperArm", 0))) / 0.17;
    const trunk = of("chest", 1) / 0.13;
    this.pelvis?.scale.set(0.155 * hips, 0.1 * trunk, 0.1 * hips);
    this.belly?.scale.set(0.115 * (hips + shoulders) / 2, 0.13 * trunk, 0.085 * hips);
    this.ribs?.scale.set(shoulders, of("neck", 1) + 0.045, 0.68 * shoulders);
  }

  pose(pose: Solved, place: Place, nowMs: number): void {
    this.measure(pose.rest);
    this.bones[0].position.set(...place);
    this.bones.forEach((node, i) => node.quaternion.fromArray(pose.bones, 4 * i));
    const held = new Set(pose.held);
    this.seenMs = this.seenMs.map((ms, bone) => (held.has(bone) ? ms : nowMs));
    for (const { mesh, looks, bone } of this.parts) mesh.material = looks[nowMs - this.seenMs[bone] > GHOST_AFTER_MS ? 1 : 0];
  }

  node(bone: number): Group {
    return this.bones[bone];
  }

  dispose(): void {
    this.object.removeFromParent();
    for (const { mesh } of this.parts) mesh.geometry.dispose();
    for (const material of [...this.looks.flat(), ...this.skin]) material.dispose();
  }
}
