// A recording as MCAP's TypeScript reader sees it, checksums and all. Usage: node read.mjs indexed|stream FILE; prints
// what it holds as JSON, with `error` where the reader finds something wrong. `stream` needs no index, and the file may be cut.

import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { McapIndexedReader, McapStreamReader } from "@mcap/core";
import { decompress } from "fzstd";

const PIECE_BYTES = 1000; // at a time, as from a network
const decompressHandlers = { zstd: (packed, size) => decompress(packed, new Uint8Array(Number(size))) };
const [how, path] = process.argv.slice(2);
const found = { whole: false, header: null, metadata: [], schemas: {}, channels: {}, messages: [], error: null };

try {
  await (how === "indexed" ? readIndexed() : readStream());
} catch (error) {
  found.error = error.message;
}
console.log(JSON.stringify(found));

async function readIndexed() {
  const file = await open(path);
  try {
    const readable = {
      size: async () => BigInt((await file.stat()).size),
      read: async (offset, length) => {
        const { buffer, bytesRead } = await file.read(new Uint8Array(Number(length)), 0, Number(length), Number(offset));
        return buffer.subarray(0, bytesRead);
      },
    };
    const mcap = await McapIndexedReader.Initialize({ readable, decompressHandlers });
    add(mcap.header);
    for (const record of mcap.schemasById.values()) add(record);
    for (const record of mcap.channelsById.values()) add(record);
    for await (const record of mcap.readMetadata()) add(record);
    for await (const record of mcap.readMessages({ validateCrcs: true })) add(record);
    found.counted = Number(mcap.statistics.messageCount);
    found.whole = true;
  } finally {
    await file.close();
  }
}

async function readStream() {
  const mcap = new McapStreamReader({ decompressHandlers, validateCrcs: true });
  const bytes = await readFile(path);
  for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
    mcap.append(bytes.subarray(offset, offset + PIECE_BYTES));
    for (let record = mcap.nextRecord(); record; record = mcap.nextRecord()) add(record);
  }
  found.whole = mcap.done();
}

function add(record) {
  const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  switch (record.type) {
    case "Header":
      found.header = [record.profile, record.library];
      break;
    case "Schema":
      found.schemas[record.id] = [record.name, record.encoding, text(record.data)];
      break;
    case "Channel":
      found.channels[record.id] = [record.topic, record.messageEncoding, record.schemaId, Object.fromEntries(record.metadata)];
      break;
    case "Metadata":
      found.metadata.push([record.name, Object.fromEntries(record.metadata)]);
      break;
    case "Message": {
      const { channelId, sequence, logTime, publishTime, data } = record;
      const digest = createHash("sha256").update(data).digest("hex");
      found.messages.push([channelId, sequence, String(logTime), String(publishTime), data.length, digest]);
    }
  }
}
