// Arrays of a pose: bytes of the subscription's dtype in msgpack, nested lists in JSON; both become Float32Arrays.

import { LANDMARKS, MAX_ANGLES, MAX_BONES, MAX_FLOOR_M, MAX_POSE_ID } from "./limits.js";
import type { Dtype, Pose } from "./messages.js";
import type { Reader } from "./reader.js";

const F16_TO_F32 = makeHalfTable();
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export function readPose(reader: Reader, dtype: Dtype): Pose {
  const landmarks = (key: string) => rows(reader, key, dtype, LANDMARKS, 4);
  const [image, world, image_raw, world_raw] = ["image", "world", "image_raw", "world_raw"].map(landmarks);
  const bones = rows(reader, "bones", dtype, MAX_BONES, 4);
  const rest = rows(reader, "rest", dtype, MAX_BONES, 3);
  sameRows(reader, "image", image, 4, "world", world, 4);
  sameRows(reader, "image", image, 4, "image_raw", image_raw, 4);
  sameRows(reader, "world", world, 4, "world_raw", world_raw, 4);
  sameRows(reader, "bones", bones, 4, "rest", rest, 3);
  const count = bones ? bones.length / 4 : 0;
  return {
    id: reader.integer("id", 0, MAX_POSE_ID),
    score: reader.number("score", 0, 1),
    image,
    world,
    image_raw,
    world_raw,
    bones,
    root: bones ? numbers(reader, "root", dtype, 3, 3) : null,
    held: bones && reader.has("held") ? reader.integers("held", count, 0, count - 1) : [],
    contact: bones && reader.has("contact") ? contact(reader) : [false, false],
    floor: bones && reader.has("floor") ? reader.number("floor", -MAX_FLOOR_M, MAX_FLOOR_M) : null,
    rest,
    angles: reader.has("angles") ? numbers(reader, "angles", dtype, 1, MAX_ANGLES, true) : null,
  };
}

function rows(reader: Reader, key: string, dtype: Dtype, mostRows: number, columns: number): Float32Array | null {
  if (!reader.has(key)) return null;
  const value = reader.raw(key);
  if (value instanceof Uint8Array) {
    const rowBytes = columns * itemBytes(dtype);
    const count = value.length / rowBytes;
    if (!Number.isInteger(count) || count < 1 || count > mostRows) {
      throw reader.fail("bad_value", `${key} has ${value.length} bytes; 1 to ${mostRows} rows of ${rowBytes}`);
    }
    return finite(reader, key, fromBytes(value, dtype));
  }
  const lists = reader.items(key, mostRows);
  const isRow = (row: unknown): row is number[] => Array.isArray(row) && row.length === columns && row.every(isNumber);
  if (!lists.length || !lists.every(isRow)) {
    throw reader.fail("bad_value", `${key} has to hold 1 to ${mostRows} rows of ${columns} numbers`);
  }
  return finite(reader, key, Float32Array.from(lists.flat()));
}

function numbers(reader: Reader, key: string, dtype: Dtype, least: number, most: number, mayBeNan = false): Float32Array {
  const value = reader.raw(key);
  if (value instanceof Uint8Array) {
    const count = value.length / itemBytes(dtype);
    if (!Number.isInteger(count) || count < least || count > most) {
      throw reader.fail("bad_value", `${key} has ${value.length} bytes; ${least} to ${most} numbers of ${itemBytes(dtype)}`);
    }
    return finite(reader, key, fromBytes(value, dtype), mayBeNan);
  }
  const items = reader.items(key, most).map((item) => (mayBeNan && item === null ? NaN : item));
  if (items.length < least || !items.every(isNumber)) {
    throw reader.fail("bad_value", `${key} has to hold ${least} to ${most} numbers`);
  }
  return finite(reader, key, Float32Array.from(items), mayBeNan);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function itemBytes(dtype: Dtype): number {
  return dtype === "f16" ? 2 : 4;
}

// A view of the message's own bytes where they lie as the processor wants them, a copy where they don't.
function fromBytes(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  if (dtype === "f16") {
    return Float32Array.from({ length: byteLength / 2 }, (_, i) => F16_TO_F32[view.getUint16(2 * i, true)]);
  }
  if (IS_LITTLE_ENDIAN) return new Float32Array(byteOffset % 4 ? bytes.slice().buffer : buffer, byteOffset % 4 ? 0 : byteOffset, byteLength / 4);
  return Float32Array.from({ length: byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function finite(reader: Reader, key: string, array: Float32Array, mayBeNan = false): Float32Array {
  for (const value of array) {
    if (!Number.isFinite(value) && !(mayBeNan && Number.isNaN(value))) {
      throw reader.fail("bad_value", `${key} holds a number that isn't finite`);
    }
  }
  return array;
}

function sameRows(
  reader: Reader,
  one: string,
  a: Float32Array | null,
  aColumns: number,
  other: string,
  b: Float32Array | null,
  bColumns: number,
): void {
  if (a && b && a.length / aColumns !== b.length / bColumns) {
    throw reader.fail("bad_value", `${one} has ${a.length / aColumns} rows, ${other} ${b.length / bColumns}; they have to be as many`);
  }
}

function contact(reader: Reader): [boolean, boolean] {
  const feet = reader.items("contact", 2);
  if (feet.length !== 2 || typeof feet[0] !== "boolean" || typeof feet[1] !== "boolean") {
    throw reader.fail("bad_message", "contact has to hold two booleans, left and right");
  }
  return [feet[0], feet[1]];
}

// All 65 536 half-precision numbers (IEEE 754 binary16): a frame has hundreds, and browsers read them only since 2025.
function makeHalfTable(): Float32Array {
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[bits] = fraction ? NaN : sign * Infinity;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}
