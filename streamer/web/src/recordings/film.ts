// A recording read in the browser: a chunk of its own, as it brings what reads MCAP and zstd.

import { McapStreamReader } from "@mcap/core";
import { decompress } from "fzstd";
import { decode, type Frame, type Hello } from "posewire";

export const MAX_BYTES = 268_435_456; // of a file: half an hour and more of one person
const MAX_CHUNK_BYTES = 16_777_216; // unpacked, as the server's reader has it
const FRAME = "posewire.v1.frame";
const HELLO = "posewire.hello";

// The frames of one stream, as they came, in order of time; unpacked when they are shown.
export class Reel {
  readonly timesUs: number[] = [];
  private readonly messages: Uint8Array[] = [];
  private shown = -1;
  private frame: Frame | null = null;

  add(tUs: number, message: Uint8Array): void {
    let at = this.timesUs.length;
    while (at > 0 && this.timesUs[at - 1] > tUs) at--;
    this.timesUs.splice(at, 0, tUs);
    this.messages.splice(at, 0, message);
  }

  /** The index of the newest frame at a time; -1 before the first. */
  indexAt(tUs: number): number {
    let [low, high] = [0, this.timesUs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timesUs[middle] <= tUs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** When the frame after that time comes, or the one before it; null where there is none. */
  beside(tUs: number, way: number): number | null {
    let at = this.indexAt(tUs);
    if (way > 0) at++;
    else if (this.timesUs[at] === tUs) at--;
    return this.timesUs[at] ?? null;
  }

  /** null where there is none, or none that can be read. */
  at(index: number): Frame | null {
    if (index !== this.shown) {
      this.shown = index;
      this.frame = index in this.messages ? frameOf(this.messages[index]) : null;
    }
    return this.frame;
  }
}

// reels: by stream. whole: false where the recording was cut, and plays up to there.
export class Film {
  readonly reels = new Map<string, Reel>();
  hello: Hello | null = null;
  whole = false;

  get startUs(): number {
    return Math.min(...[...this.reels.values()].map(({ timesUs }) => timesUs[0]));
  }

  get endUs(): number {
    return Math.max(...[...this.reels.values()].map(({ timesUs }) => timesUs[timesUs.length - 1]));
  }
}

/** Throws RangeError for a file that is too long, Error for what isn't MCAP, TypeError where the connection ends. */
export async function read(body: ReadableStream<Uint8Array>, onbytes: (bytes: number) => void): Promise<Film> {
  const film = new Film();
  const mcap = new McapStreamReader({ decompressHandlers: { zstd: unpack } });
  const schemas = new Map<number, string>();
  const streams = new Map<number, string>();
  const bytes = body.getReader();
  let count = 0;
  try {
    for (let piece = await bytes.read(); !piece.done && !mcap.done(); piece = await bytes.read()) {
      count += piece.value.length;
      if (count > MAX_BYTES) throw new RangeError("too long");
      onbytes(count);
      mcap.append(piece.value);
      try {
        readRecords();
      } catch (error) {
        if (!film.reels.size) throw error; // else it is damaged from here on
        return film;
      }
    }
  } finally {
    void bytes.cancel().catch(() => {});
  }
  film.whole = mcap.done();
  return film;

  function readRecords(): void {
    for (let record = mcap.nextRecord(); record; record = mcap.nextRecord()) {
      if (record.type === "Schema") schemas.set(record.id, record.name);
      else if (record.type === "Channel") {
        if (schemas.get(record.schemaId) === FRAME) streams.set(record.id, record.metadata.get("stream") ?? record.topic);
      } else if (record.type === "Metadata" && record.name === HELLO) film.hello = helloOf(record.metadata.get("json") ?? "") ?? film.hello;
      else if (record.type === "Message") {
        const stream = streams.get(record.channelId);
        if (stream === undefined) continue;
        const reel = film.reels.get(stream) ?? new Reel();
        film.reels.set(stream, reel);
        reel.add(Number(record.logTime / 1000n), record.data.slice()); // its own bytes, not its chunk's
      }
    }
  }
}

function unpack(packed: Uint8Array, size: bigint): Uint8Array {
  if (size > MAX_CHUNK_BYTES) throw new Error("a chunk is too long");
  return decompress(packed, new Uint8Array(Number(size)));
}

function frameOf(message: Uint8Array): Frame | null {
  try {
    const decoded = decode(message);
    return decoded.type === "frame" ? decoded : null;
  } catch {
    return null;
  }
}

function helloOf(json: string): Hello | null {
  try {
    const decoded = decode(json);
    return decoded.type === "hello" ? decoded : null;
  } catch {
    return null;
  }
}
