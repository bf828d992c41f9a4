// What is drawn of the 33 landmarks, and the joints added to them: the middle of the head, the
// neck between the shoulders, and the chin where the neck meets the head.

import type { Skeleton } from "posewire";

export const LANDMARKS = 33;
export const HEAD = 33;
export const NECK = 34;
export const CHIN = 35;
export const JOINTS = 36;
export const TORSO = [11, 12, 24, 23];
const FACE = 11; // landmarks below it

const HANDS_AND_FEET = new Set([15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32]);

// Radius of a joint relative to a knee's; those of the face but nose and eyes aren't drawn.
function radiusOf(index: number): number {
  if (index >= LANDMARKS) return 0;
  if (index < FACE) return [0, 2, 5].includes(index) ? 0.6 : 0;
  if (!HANDS_AND_FEET.has(index)) return 1;
  return [15, 16, 27, 28].includes(index) ? 0.7 : 0.42;
}

// bones: girth relative to a thigh's. Of each joint its side (0 left, 1 right, 2 the middle) and its radius, 0 where it
// isn't drawn.
export interface Plan {
  bones: { a: number; b: number; side: number; girth: number }[];
  sides: number[];
  radii: number[];
}

// From hello's skeleton.
export function plan({ landmarks, edges }: Skeleton): Plan {
  const sides = landmarks.map((name) => (name.includes("left") ? 0 : name.includes("right") ? 1 : 2));
  sides[HEAD] = sides[NECK] = sides[CHIN] = 2;
  const bones = [...edges.filter(([a, b]) => a >= FACE && b >= FACE), [NECK, CHIN]].map(([a, b]) => ({
    a, b, side: sides[a] === sides[b] ? sides[a] : 2,
    girth: HANDS_AND_FEET.has(a) && HANDS_AND_FEET.has(b) ? 0.5 : b < 17 ? 0.85 : 1,
  }));
  return { bones, sides, radii: sides.map((_, index) => radiusOf(index)) };
}

// Of each person there the colours; the first gets the first pair, and whoever stays keeps theirs.
export class Slots {
  private ids: (number | null)[] = [];

  of(id: number): number {
    return this.ids.indexOf(id);
  }

  update(poses: { id: number }[]): void {
    for (let slot = 0; slot < this.ids.length; slot++) {
      if (!poses.some((pose) => pose.id === this.ids[slot])) this.ids[slot] = null;
    }
    for (const { id } of poses) {
      if (this.ids.includes(id)) continue;
      const free = this.ids.indexOf(null);
      this.ids[free < 0 ? this.ids.length : free] = id;
    }
  }
}
