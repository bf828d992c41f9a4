// Decodes OSC packets, one in base64 a line, and prints their messages as JSON: a reader that isn't the sender's library.
import { createInterface } from "node:readline";
import { fromBuffer } from "osc-min";

const flatten = (packet) => (packet.oscType === "bundle" ? packet.elements.flatMap(flatten) : [packet]);

for await (const line of createInterface({ input: process.stdin })) {
  const packet = fromBuffer(Buffer.from(line, "base64"));
  const messages = flatten(packet).map(({ address, args }) => ({ address, args: args.map(({ type, value }) => [type, value]) }));
  console.log(JSON.stringify(messages));
}
