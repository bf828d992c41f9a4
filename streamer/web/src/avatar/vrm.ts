// A user's own avatar: a .vrm file, read in this page and sent nowhere.

import { type VRM, type VRMHumanBoneName, VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";
import type { Bones } from "posewire";
import { LoadingManager, type Object3D, Quaternion } from "three";
import { type GLTF, GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { say } from "../live/words";
import type { Avatar, Place, Solved } from "./avatar";

export const MAX_BYTES = 200e6;
const GLB = 0x46546c67; // "glTF"

// The avatar in a file. Throws an Error whose message is for the user.
export async function loadVrm(file: File, bones: Bones): Promise<VrmAvatar> {
  const { name } = file;
  if (file.size > MAX_BYTES) throw new Error(say("vrmTooLarge", { name, size: megabytes(file.size), limit: megabytes(MAX_BYTES) }));
  const bytes = await file.arrayBuffer();
  if (bytes.byteLength < 12 || new DataView(bytes).getUint32(0, true) !== GLB) throw new Error(say("noVrmFile", { name }));
  const manager = new LoadingManager();
  // What a file refers to outside itself stays where it is: nothing is fetched.
  manager.setURLModifier((url) => {
    if (/^(blob|data):/.test(url)) return url;
    throw new Error(say("otherFile"));
  });
  const loader = new GLTFLoader(manager);
  loader.register((parser) => new VRMLoaderPlugin(parser));
  let gltf: GLTF;
  try {
    gltf = await loader.parseAsync(bytes, "");
  } catch (error) {
    throw new Error(say("vrmUnreadable", { name, reason: error instanceof Error ? error.message : String(error) }));
  }
  if (!gltf.userData.vrm) throw new Error(say("noHumanoid", { name }));
  return new VrmAvatar(gltf.userData.vrm, bones);
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

export class VrmAvatar implements Avatar {
  readonly object: Object3D;
  readonly names: string[];
  private readonly parents: number[];
  private readonly sign: number;
  private readonly nodes: (Object3D | null)[];
  private readonly turns: Quaternion[]; // of each bone in space
  private readonly local = new Quaternion();
  private readonly hips: Object3D;
  private readonly hipsM: number;

  constructor(private readonly vrm: VRM, { names, parents }: Bones) {
    this.object = vrm.scene;
    this.names = names;
    this.parents = parents;
    // VRM 0.x looks along -z: it is turned round, and what it is told is turned back.
    this.sign = vrm.meta.metaVersion === "0" ? -1 : 1;
    VRMUtils.rotateVRM0(vrm);
    VRMUtils.removeUnnecessaryVertices(vrm.scene);
    VRMUtils.combineSkeletons(vrm.scene);
    vrm.scene.traverse((node) => {
      node.frustumCulled = false; // bounds at rest say nothing of an avatar that moves
      node.castShadow = true;
    });
    this.nodes = names.map((name) => vrm.humanoid.getNormalizedBoneNode(name as VRMHumanBoneName));
    this.turns = names.map(() => new Quaternion());
    if (!this.nodes[0]) throw new Error(say("noHips"));
    this.hips = this.nodes[0];
    this.hipsM = this.hips.position.y;
  }

  // The nearest bone above that the avatar has, -1 for none: many have no chest or neck, which then turn what is below.
  private above(bone: number): number {
    let parent = this.parents[bone];
    while (parent >= 0 && !this.nodes[parent]) parent = this.parents[parent];
    return parent;
  }

  // As Figure.pose; an avatar of another size takes steps of its own size.
  pose({ bones, rest }: Solved, [x, y, z]: Place, elapsedS: number): void {
    const scale = this.hipsM / rest[1];
    this.hips.position.set(this.sign * x * scale, y * scale, this.sign * z * scale);
    this.nodes.forEach((node, bone) => {
      const at = 4 * bone;
      const turn = this.turns[bone].set(this.sign * bones[at], bones[at + 1], this.sign * bones[at + 2], bones[at + 3]);
      if (this.parents[bone] >= 0) turn.premultiply(this.turns[this.parents[bone]]);
      if (!node) return;
      const above = this.above(bone);
      node.quaternion.copy(turn);
      if (above >= 0) node.quaternion.premultiply(this.local.copy(this.turns[above]).invert());
    });
    this.update(elapsedS);
  }

  // Hair and skirts go on swinging while nobody is seen.
  update(elapsedS: number): void {
    this.vrm.update(elapsedS);
  }

  node(bone: number): Object3D | null {
    return this.vrm.humanoid.getRawBoneNode(this.names[bone] as VRMHumanBoneName);
  }

  dispose(): void {
    this.object.removeFromParent();
    VRMUtils.deepDispose(this.object);
  }
}
