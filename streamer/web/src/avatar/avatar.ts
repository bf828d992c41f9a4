// What a stage asks of whatever stands on it.

import type { Pose } from "posewire";
import type { Object3D } from "three";

/** A pose with the body that the server solved. */
export type Solved = Pose & { bones: Float32Array; rest: Float32Array; root: Float32Array };

export type Place = [x: number, y: number, z: number]; // of the hips on the stage, metres

export interface Avatar {
  readonly object: Object3D;
  readonly names: string[];
  /** The node of a bone, null where the avatar has none. */
  node(bone: number): Object3D | null;
  dispose(): void;
}

export function isSolved(pose: Pose): pose is Solved {
  return pose.bones !== null && pose.rest !== null && pose.root !== null;
}
