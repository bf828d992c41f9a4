// The golden vectors of protocol/vectors: what a server sends, valid and invalid, in both forms.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, ProtocolError } from "../dist/posewire.js";

const folder = new URL("../../../protocol/vectors/", import.meta.url);
const vectors = JSON.parse(readFileSync(new URL("index.json", folder))).filter(({ sender }) => sender === "server");
const ARRAYS = ["image", "world", "image_raw", "world_raw", "bones", "root", "rest", "angles"];
// JavaScript has one type of number: 1.0 is 1.
const UNTELLABLE = new Set(["invalid_seq_float"]);

function read(name, form) {
  const data = readFileSync(new URL(name, folder));
  return form === "json" ? data.toString("utf8") : new Uint8Array(data);
}

// A message with its arrays as plain lists of numbers rounded as the wire's JSON rounds them.
function plain(message) {
  if (message.type !== "frame") return message;
  const poses = message.poses.map((pose) => {
    const copy = { ...pose };
    for (const key of ARRAYS) if (copy[key]) copy[key] = Array.from(copy[key], (x) => Math.round(x * 1e6) / 1e6);
    return copy;
  });
  return { ...message, poses };
}

assert.ok(vectors.length > 90, "the vectors are there");

for (const { name, kind, dtype, form, error, files } of vectors) {
  const dtypes = new Map([...Array(64).keys(), 2 ** 31 - 1].map((id) => [id, dtype]));
  if (kind === "valid") {
    test(name, () => {
      const message = decode(read(files.msgpack, "msgpack"), dtypes);
      assert.deepEqual(plain(message), plain(decode(read(files.json, "json"), dtypes)));
      // and against the JSON itself, so that two equal mistakes don't agree
      const twin = JSON.parse(read(files.json, "json"));
      assert.equal(message.type, twin.type);
      for (const [i, pose] of (twin.poses ?? []).entries()) {
        assert.equal(message.poses[i].id, pose.id);
        for (const key of ARRAYS) {
          const wanted = pose[key] === undefined || pose[key] === null ? null : pose[key].flat().map((x) => x ?? NaN);
          const got = message.poses[i][key];
          assert.equal(got === null, wanted === null, key);
          if (wanted) assert.deepEqual(Array.from(got, (x) => Math.round(x * 1e6) / 1e6), wanted.map((x) => Math.round(Math.fround(x) * 1e6) / 1e6), key);
        }
      }
    });
  } else if (!UNTELLABLE.has(name)) {
    test(name, () => {
      assert.throws(
        () => decode(read(files[form], form), dtypes),
        (thrown) => thrown instanceof ProtocolError && thrown.code === error && thrown.message.length <= 200,
      );
    });
  }
}

test("what is no message", () => {
  const cases = [
    [new Uint8Array([0xc1]), "malformed"],
    [new Uint8Array([]), "malformed"],
    [new Uint8Array([0x91, 0x01]), "malformed"],
    [new Uint8Array([0xdf, 0xff, 0xff, 0xff, 0xff]), "malformed"],
    [new Uint8Array([0x81, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xd6, 0xff, 0, 0, 0, 0]), "malformed"],
    ["{", "malformed"],
    ['{"type":"news"}', "unknown_type"],
    [`{"type":${"[".repeat(9)}${"]".repeat(9)}}`, "too_deep"],
    ["x".repeat(1_048_577), "too_large"],
  ];
  for (const [data, code] of cases) assert.throws(() => decode(data), (thrown) => thrown instanceof ProtocolError && thrown.code === code, code);
});

test("whatever comes, nothing but ProtocolError is thrown", () => {
  let seed = 1;
  const random = (n) => (seed = (seed * 48_271) % 2_147_483_647) % n;
  const samples = vectors.filter(({ kind }) => kind === "valid").map(({ files }) => read(files.msgpack, "msgpack"));
  for (let i = 0; i < 20_000; i++) {
    const bytes = samples[random(samples.length)].slice();
    for (let k = random(4); k >= 0; k--) bytes[random(Math.min(bytes.length, 200))] = random(256);
    try {
      decode(random(3) ? bytes : bytes.subarray(0, random(bytes.length)));
    } catch (error) {
      assert.ok(error instanceof ProtocolError, `${error?.stack}`);
    }
  }
});
