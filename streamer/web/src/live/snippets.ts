// A subscription as an address, and as programs that receive it.

import type { Field, Subscribe } from "posewire";

/** What the panel builds: all but the stream may be left at its default. */
export interface Wish extends Subscribe {
  stream: string;
  fields: Field[];
}

const SHAPES: Record<Field, string> = {
  image: ".reshape(-1, 4)", world: ".reshape(-1, 4)", bones: ".reshape(-1, 4)", rest: ".reshape(-1, 3)", angles: "",
  image_raw: ".reshape(-1, 4)", world_raw: ".reshape(-1, 4)",
};
export const FIELDS = Object.keys(SHAPES) as Field[];

// server: the address of the stream, with its token where there is one.
export function addressOf(server: string, { stream, fields, landmarks, max_fps, dtype }: Wish): string {
  const parts = [`subscribe=${encodeURIComponent(stream)}`, `fields=${fields.join(",")}`];
  if (landmarks) parts.push(`landmarks=${String(landmarks)}`);
  if (max_fps) parts.push(`max_fps=${max_fps}`);
  if (dtype === "f16") parts.push("dtype=f16");
  return `${server}${server.includes("?") ? "&" : "?"}${parts.join("&")}`;
}

export function pythonOf(server: string, wish: Wish): string {
  const number = wish.dtype === "f16" ? "<f2" : "<f4";
  const reads = wish.fields.map((field) => `                ${field} = np.frombuffer(pose["${field}"], "${number}")${SHAPES[field]}\n`);
  return `import msgpack
import numpy as np
from websockets.sync.client import connect

with connect("${addressOf(server, wish)}") as server:
    for data in server:
        message = msgpack.unpackb(data)
        if message["type"] == "frame":
            for pose in message["poses"]:
${reads.join("")}                print(pose["id"], ${wish.fields.join(", ")})
`;
}

export function webOf(server: string, wish: Wish): string {
  const { stream, fields, landmarks, max_fps, dtype } = wish;
  const options = JSON.stringify({ stream, fields, ...(landmarks && { landmarks }), ...(max_fps && { max_fps }), ...(dtype === "f16" && { dtype }) });
  return `import { PosewireClient } from "./posewire.js";

const client = new PosewireClient("${server}");
const wish = ${options};
client.subscribe(wish).onframe = ({ poses }) => {
  for (const { id, ${fields.join(", ")} } of poses) console.log(id, ${fields.join(", ")});
};
`;
}

export function terminalOf(server: string, { stream }: Wish): string {
  return `posewire watch "${server}" --stream "${stream}"\n`;
}
