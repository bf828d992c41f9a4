// All pictures' results in one ZIP file: one JSON, one CSV, and the pictures with skeletons drawn by the server.

import { strToU8, Zip, ZipPassThrough } from "fflate";
import { csvOf, jsonOf, nameOf } from "./download";
import { Fault, type Picture } from "./picture";

export const MAX_BYTES = 1e9;
const FATAL = ["unreachable", "token", "origin"]; // what every other picture would meet too

export interface Progress {
  done: number;
  total: number;
}

// `draw` asks for one annotated picture. missing: how many of these the server didn't give, or were beyond MAX_BYTES.
// Throws Fault where it is no use to go on, and the signal's reason where that says stop.
export async function archive(
  pictures: Picture[], draw: (picture: Picture) => Promise<Blob>, signal: AbortSignal, onprogress: (progress: Progress) => void,
): Promise<{ file: Blob; missing: number }> {
  const parts: Blob[] = []; // blobs, which a browser may keep on disk
  let bytes = 0;
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    bytes += chunk.length;
    parts.push(new Blob([chunk as BlobPart]));
  });
  const add = (name: string, data: Uint8Array) => {
    const entry = new ZipPassThrough(name); // PNG is compressed already
    zip.add(entry);
    entry.push(data, true);
  };
  add("posewire.json", strToU8(jsonOf(pictures)));
  add("posewire.csv", strToU8(csvOf(pictures)));
  const drawn = pictures.filter((picture) => picture.answer?.people.length);
  const names = new Set<string>();
  let missing = 0;
  for (const [done, picture] of drawn.entries()) {
    onprogress({ done: done + 1, total: drawn.length });
    const png = await attempt(draw, picture);
    signal.throwIfAborted();
    if (png && bytes + png.size <= MAX_BYTES) add(freeName(names, nameOf(picture, "")), new Uint8Array(await png.arrayBuffer()));
    else missing += 1;
  }
  zip.end();
  return { file: new Blob(parts, { type: "application/zip" }), missing };
}

async function attempt(draw: (picture: Picture) => Promise<Blob>, picture: Picture): Promise<Blob | null> {
  try {
    return await draw(picture);
  } catch (error) {
    if (!(error instanceof Fault) || FATAL.includes(error.key)) throw error;
    return null;
  }
}

// A name that no other entry has, without what a file's name can't have on some system.
function freeName(taken: Set<string>, wish: string): string {
  const stem = wish.replace(/[\\/:*?"<>|\0-\x1f]/g, "_");
  for (let n = 1; ; n++) {
    const name = `${stem}${n > 1 ? ` (${n})` : ""}.annotated.png`;
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}
