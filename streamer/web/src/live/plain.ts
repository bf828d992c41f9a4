// A frame in the JSON form of the wire, with rows as lists: for the console and the tests.

import type { Frame, Pose } from "posewire";

const COLUMNS = { image: 4, world: 4, image_raw: 4, world_raw: 4, bones: 4, rest: 3 } as const;

export function plainFrame(frame: Frame) {
  return { ...frame, poses: frame.poses.map(plainPose) };
}

function plainPose(pose: Pose) {
  const plain: Record<string, unknown> = { ...pose };
  for (const [field, columns] of Object.entries(COLUMNS)) {
    const array = pose[field as keyof typeof COLUMNS];
    if (!array) continue;
    plain[field] = Array.from({ length: array.length / columns }, (_, row) => [...array.subarray(columns * row, columns * (row + 1))]);
  }
  if (pose.root) plain.root = [...pose.root];
  if (pose.angles) plain.angles = Array.from(pose.angles, (value) => (Number.isNaN(value) ? null : value));
  return plain;
}
