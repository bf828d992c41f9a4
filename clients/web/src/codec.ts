// Bytes to messages. msgpack comes in binary WebSocket messages, JSON in text ones.

import { Decoder, ExtensionCodec } from "@msgpack/msgpack";
import { ProtocolError } from "./errors.js";
import { MAX_BYTES, MAX_DEPTH } from "./limits.js";
import type { Dtype, ServerMessage } from "./messages.js";
import { isMap, type RawMap } from "./reader.js";
import { fromMap } from "./schema.js";

const NO_DTYPES: ReadonlyMap<number, Dtype> = new Map();
// Lengths are checked before anything is made of them, so that a message can't claim more than it has.
const decoder = new Decoder({
  extensionCodec: refuseExtensions(),
  maxStrLength: MAX_BYTES,
  maxBinLength: MAX_BYTES,
  maxArrayLength: MAX_BYTES,
  maxMapLength: MAX_BYTES,
});

/**
 * The message in `data`: bytes are msgpack, a string is JSON. Throws ProtocolError and nothing else.
 *
 * `dtypes` tells the dtype of frames by subscription id, as `subscribed` did; f32 where it doesn't.
 */
export function decode(data: Uint8Array | string, dtypes: ReadonlyMap<number, Dtype> = NO_DTYPES): ServerMessage {
  // A string has at least as many bytes as characters; the rest of the difference isn't worth counting.
  if (data.length > MAX_BYTES) throw new ProtocolError("too_large", `message of ${data.length} bytes; at most ${MAX_BYTES}`);
  return fromMap(readMap(data), dtypes);
}

function readMap(data: Uint8Array | string): RawMap {
  let value: unknown;
  try {
    value = typeof data === "string" ? JSON.parse(data) : decoder.decode(data);
  } catch (error) {
    const kind = typeof data === "string" ? "JSON" : "msgpack";
    throw new ProtocolError("malformed", `not ${kind}: ${error instanceof Error ? error.message : error}`);
  }
  if (!isMap(value)) throw new ProtocolError("malformed", "a message has to be a map");
  checkDepth(value);
  return value;
}

// Level by level, so that depth costs no stack.
function checkDepth(root: RawMap): void {
  let level: unknown[] = [root];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    level = level.flatMap((value) => (Array.isArray(value) ? value : Object.values(value as RawMap))).filter(isContainer);
    if (!level.length) return;
  }
  throw new ProtocolError("too_deep", `nested deeper than ${MAX_DEPTH}`);
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || isMap(value);
}

function refuseExtensions(): ExtensionCodec {
  const codec = new ExtensionCodec();
  codec.register({ type: -1, encode: () => null, decode: refuse });
  return codec;

  function refuse(): never {
    throw new Error("extension types aren't used");
  }
}
