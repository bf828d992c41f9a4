import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const licence = readFileSync("node_modules/@msgpack/msgpack/LICENSE", "utf8").trim();

export default defineConfig({
  build: {
    target: "es2022",
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "posewire.js" },
    minify: false, // to be read by those who import it
    // The file travels alone.
    rolldownOptions: { output: { banner: `/*! Posewire, Apache-2.0. With parts of @msgpack/msgpack, ISC:\n\n${licence} */` } },
  },
});
