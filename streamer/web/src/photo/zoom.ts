// How far a picture is magnified, and which part of it is seen. Lengths are CSS pixels.

const MAX_SCALE = 16;

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export class Zoom {
  scale = 1; // 1: all of the picture, as large as fits
  private middle = [0.5, 0.5]; // what of the picture, in shares of its sides, is in the middle of the room
  private room: Box = { x: 0, y: 0, w: 1, h: 1 };
  private whole = [1, 1]; // width and height at scale 1

  // Where the picture has to be drawn in a room, given its size where all of it fits. No more of the room is left empty
  // than needs be.
  place(room: Box, whole: [number, number]): Box {
    this.room = room;
    this.whole = whole;
    const [w, h] = whole.map((side) => side * this.scale);
    const seen = [room.w / w, room.h / h];
    this.middle = this.middle.map((at, i) => (seen[i] >= 1 ? 0.5 : clamp(at, seen[i] / 2, 1 - seen[i] / 2)));
    const [x, y] = this.centre;
    return { x: x - this.middle[0] * w, y: y - this.middle[1] * h, w, h };
  }

  // Magnify so that what is at a place of the room stays there. Whether anything changes.
  by(factor: number, at: number[] = this.centre): boolean {
    const scale = clamp(this.scale * factor, 1, MAX_SCALE);
    if (scale === this.scale) return false;
    this.middle = this.middle.map((middle, i) => {
      const away = (at[i] - this.centre[i]) / this.whole[i];
      return middle + away / this.scale - away / scale;
    });
    this.scale = scale;
    return true;
  }

  pan(dx: number, dy: number): void {
    this.middle = this.middle.map((middle, i) => middle - [dx, dy][i] / (this.whole[i] * this.scale));
  }

  reset(): void {
    this.scale = 1;
  }

  private get centre(): number[] {
    return [this.room.x + this.room.w / 2, this.room.y + this.room.h / 2];
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
