// Khronos' glTF validator. Usage: node validate.mjs FILE; prints its report as JSON.

import { readFile } from "node:fs/promises";
import { validateBytes } from "gltf-validator";

const report = await validateBytes(new Uint8Array(await readFile(process.argv[2])));
console.log(JSON.stringify(report));
