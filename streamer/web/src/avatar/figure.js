// A simple figure of our own: a jointed mannequin with the bone lengths of the person that it follows.

import {
  CapsuleGeometry, Group, LatheGeometry, Mesh, MeshStandardMaterial, SphereGeometry, Vector2, Vector3,
} from "three";

const UP = new Vector3(0, 1, 0);
const GHOST = 0.4; // opacity of a part that isn't seen ...
const GHOST_AFTER_MS = 500; // ... for this long: it begins to ease to rest then
// Radii in metres along a part, from its joint to the next.
const PROFILES = {
  UpperArm: [0.04, 0.05, 0.051, 0.046, 0.04, 0.036, 0.034],
  LowerArm: [0.034, 0.042, 0.044, 0.038, 0.031, 0.026, 0.024],
  UpperLeg: [0.07, 0.082, 0.083, 0.076, 0.066, 0.056, 0.05],
  LowerLeg: [0.046, 0.055, 0.06, 0.056, 0.046, 0.036, 0.031],
};
const JOINTS = { UpperArm: 0.052, LowerArm: 0.039, Hand: 0.028, UpperLeg: 0.075, LowerLeg: 0.052, Foot: 0.036 };
const NEXT = { UpperArm: "LowerArm", LowerArm: "Hand", UpperLeg: "LowerLeg", LowerLeg: "Foot" };

// Length 1 along +Y, with rounded ends.
function turned(radii) {
  const points = [new Vector2(0.0001, -0.01)];
  radii.forEach((radius, i) => points.push(new Vector2(radius, i / (radii.length - 1))));
  points.push(new Vector2(0.0001, 1.01));
  return new LatheGeometry(points, 24);
}

export class Figure {
  // bones: {names, parents, rest} of hello.
  constructor(bones) {
    this.object = new Group();
    this.bones = bones.names.map(() => new Group());
    this.names = bones.names;
    this.seenMs = bones.names.map(() => -Infinity);
    this.stretched = []; // {mesh, bone}: a part as long as the offset of the bone at its end
    this.rest = null;
    this.looks = [0, 1, 2].map(() => [1, GHOST].map((opacity) => new MeshStandardMaterial({
      roughness: 0.62, metalness: 0, transparent: opacity < 1, opacity,
    })));
    this.skin = [1, GHOST].map((opacity) => new MeshStandardMaterial({
      roughness: 0.7, metalness: 0, transparent: opacity < 1, opacity,
    }));
    bones.parents.forEach((parent, i) => (parent < 0 ? this.object : this.bones[parent]).add(this.bones[i]));
    this.names.forEach((name, i) => this.dress(name, i));
    this.measure(bones.rest);
  }

  // In CSS colours.
  paint([left, right, middle, skin]) {
    [left, right, middle].forEach((colour, side) => this.looks[side].forEach((look) => look.color.set(colour)));
    this.skin.forEach((look) => look.color.set(skin));
  }

  add(bone, geometry, looks, { at = [0, 0, 0], size = [1, 1, 1], turn = [0, 0, 0] } = {}) {
    const mesh = new Mesh(geometry, looks[0]);
    mesh.position.set(...at);
    mesh.scale.set(...size);
    mesh.rotation.set(...turn);
    mesh.castShadow = true;
    mesh.userData = { looks, bone };
    this.bones[bone].add(mesh);
    return mesh;
  }

  dress(name, bone) {
    const side = name.startsWith("left") ? 0 : name.startsWith("right") ? 1 : 2;
    const part = name.replace(/^(left|right)/, "");
    const sign = side === 1 ? -1 : 1;
    if (JOINTS[part]) this.add(bone, new SphereGeometry(JOINTS[part], 24, 16), this.looks[side]);
    if (PROFILES[part]) {
      const end = this.names.indexOf(name.replace(part, NEXT[part]));
      this.stretched.push({ mesh: this.add(bone, turned(PROFILES[part]), this.skin), bone: end });
    }
    this[`dress${part}`]?.(bone, sign);
  }

  dresships(bone) {
    this.pelvis = this.add(bone, new SphereGeometry(1, 32, 20), this.skin, { at: [0, 0.01, 0], size: [0.155, 0.1, 0.1] });
  }

  dressspine(bone) {
    this.belly = this.add(bone, new SphereGeometry(1, 32, 20), this.looks[2], { at: [0, 0.03, 0], size: [0.115, 0.13, 0.085] });
  }

  dresschest(bone) {
    const radii = [0.095, 0.122, 0.142, 0.152, 0.146, 0.112, 0.05];
    this.ribs = this.add(bone, turned(radii), this.skin, { size: [1, 0.3, 0.68], at: [0, -0.02, 0] });
  }

  dressneck(bone) {
    this.add(bone, new CapsuleGeometry(0.043, 0.08, 4, 20), this.looks[2], { at: [0, 0.03, 0] });
  }

  // An egg with a visor, so that one sees where it looks.
  dresshead(bone) {
    this.add(bone, new SphereGeometry(1, 32, 24), this.skin, { at: [0, 0.085, 0.02], size: [0.077, 0.113, 0.095] });
    const visor = new SphereGeometry(1, 32, 16, Math.PI * 0.22, Math.PI * 0.56, Math.PI * 0.34, Math.PI * 0.2);
    this.add(bone, visor, this.looks[2], { at: [0, 0.085, 0.02], size: [0.08, 0.116, 0.099] });
  }

  dressShoulder(bone, sign) {
    this.add(bone, new CapsuleGeometry(0.045, 0.1, 4, 16), this.skin, {
      at: [sign * 0.075, -0.005, 0], size: [1, 1, 0.85], turn: [0, 0, Math.PI / 2],
    });
  }

  dressHand(bone, sign) {
    this.add(bone, new SphereGeometry(1, 20, 14), this.skin, { at: [sign * 0.052, 0, 0], size: [0.055, 0.018, 0.041] });
    this.add(bone, new SphereGeometry(1, 20, 14), this.skin, { at: [sign * 0.125, -0.002, 0], size: [0.055, 0.013, 0.036] });
    this.add(bone, new CapsuleGeometry(0.012, 0.05, 4, 10), this.skin, {
      at: [sign * 0.052, -0.004, 0.045], turn: [Math.PI / 2, 0, -sign * 0.7],
    });
  }

  dressFoot(bone) {
    const look = this.skin;
    this.add(bone, new SphereGeometry(1, 24, 16), look, { at: [0, -0.03, -0.02], size: [0.039, 0.043, 0.048] });
    this.add(bone, new CapsuleGeometry(0.042, 0.13, 6, 20), look, {
      at: [0, -0.045, 0.055], size: [1, 1, 0.62], turn: [Math.PI / 2, 0, 0],
    });
  }

  // Offsets of a person's own bones, rows of x, y, z in metres.
  measure(rest) {
    if (this.rest && rest.every((row, i) => row.every((value, k) => value === this.rest[i][k]))) return;
    this.rest = rest;
    const offset = new Vector3();
    rest.forEach((row, i) => i && this.bones[i].position.set(...row));
    for (const { mesh, bone } of this.stretched) {
      offset.set(...rest[bone]);
      mesh.scale.y = offset.length();
      mesh.quaternion.setFromUnitVectors(UP, offset.normalize());
    }
    const of = (name) => rest[this.names.indexOf(name)];
    const hips = Math.abs(of("leftUpperLeg")[0]) / 0.1;
    const shoulders = (Math.abs(of("leftShoulder")[0]) + Math.abs(of("leftUpperArm")[0])) / 0.17;
    const trunk = of("chest")[1] / 0.13;
    this.pelvis.scale.set(0.155 * hips, 0.1 * trunk, 0.1 * hips);
    this.belly.scale.set(0.115 * (hips + shoulders) / 2, 0.13 * trunk, 0.085 * hips);
    this.ribs.scale.set(shoulders, of("neck")[1] + 0.045, 0.68 * shoulders);
  }

  // pose: of a frame. place: [x, y, z] of the hips on the stage, metres.
  pose(pose, place, nowMs) {
    this.measure(pose.rest);
    this.bones[0].position.set(...place);
    pose.bones.forEach((q, i) => this.bones[i].quaternion.set(...q));
    const held = new Set(pose.held);
    this.seenMs = this.seenMs.map((ms, bone) => (held.has(bone) ? ms : nowMs));
    this.object.traverse((mesh) => {
      if (mesh.isMesh) mesh.material = mesh.userData.looks[nowMs - this.seenMs[mesh.userData.bone] > GHOST_AFTER_MS ? 1 : 0];
    });
  }

  node(bone) {
    return this.bones[bone];
  }

  dispose() {
    this.object.removeFromParent();
    this.object.traverse((mesh) => mesh.geometry?.dispose());
    for (const look of [...this.looks.flat(), ...this.skin]) look.dispose();
  }
}
