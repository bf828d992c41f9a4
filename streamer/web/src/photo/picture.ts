// One picture that the user gave: its file, how far it is, and what the server found in it.

import type { FaultKey } from "./words";

export interface Keypoint {
  id: number;
  name: string;
  x: number;
  y: number;
  z: number;
  visibility: number;
}

export interface Person {
  id: number;
  score: number;
  keypoints: Keypoint[];
  world: Keypoint[];
  angles: Record<string, number | null>;
}

// The server's answer to a picture.
export interface Found {
  keypoints: Keypoint[];
  people: Person[];
  size: [number, number];
}

// busy: the server is; it is asked again soon.
export type State = "waiting" | "asking" | "busy" | "found" | "nobody" | "failed";

const MARKS: [number, number[]][] = [ // where the first bytes of JPEG, PNG and WebP are, and what
  [0, [0xff, 0xd8, 0xff]],
  [0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  [8, [0x57, 0x45, 0x42, 0x50]],
];
const THUMBNAIL_PX = 128;

// What is wrong with a picture or a request: the key of the words for it, and the server's own line where it has one.
export class Fault extends Error {
  constructor(readonly key: FaultKey, readonly detail = "", readonly values: Record<string, string | number> = {}) {
    super(key);
  }
}

export class Picture {
  readonly name: string;
  state: State = "waiting";
  fault: Fault | null = null; // of failed
  text = ""; // the server's answer as it came
  answer: Found | null = null; // the same, read
  thumbnail: HTMLCanvasElement | null = null;
  isReadable = false; // whether it can be shown and sent

  constructor(readonly file: File) {
    this.name = file.name;
  }

  get isSettled(): boolean {
    return ["found", "nobody", "failed"].includes(this.state);
  }

  // Look at the file before it is sent. Throws Fault.
  async open(maxBytes: number): Promise<void> {
    if (this.file.size > maxBytes) {
      const values = { mb: megabytes(this.file.size), limit: megabytes(maxBytes) };
      throw new Fault("tooLargeHere", "", values);
    }
    const head = new Uint8Array(await this.file.slice(0, 16).arrayBuffer());
    if (!MARKS.some(([at, mark]) => mark.every((byte, i) => head[at + i] === byte))) throw new Fault("wrongType");
    const bitmap = await this.decode();
    this.thumbnail = thumbnailOf(bitmap);
    bitmap.close();
    this.isReadable = true;
  }

  // The picture, upright as its EXIF data says. Throws Fault.
  async decode(): Promise<ImageBitmap> {
    try {
      return await createImageBitmap(this.file, { imageOrientation: "from-image" });
    } catch {
      throw new Fault("broken");
    }
  }

  take(text: string): void {
    const answer: Found = JSON.parse(text);
    this.text = text;
    this.answer = answer;
    this.fault = null;
    this.state = answer.people.length ? "found" : "nobody";
  }

  fail(fault: Fault): void {
    this.answer = null;
    this.fault = fault;
    this.state = "failed";
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1).replace(/\.0$/, "");
}

// The middle of the picture as a square.
function thumbnailOf(bitmap: ImageBitmap): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = THUMBNAIL_PX;
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, left, top, side, side, 0, 0, THUMBNAIL_PX, THUMBNAIL_PX);
  return canvas;
}
