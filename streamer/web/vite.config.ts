import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

// Where a running server is while the page is worked on: npm run dev -- with POSEWIRE=http://127.0.0.1:8765
const server = process.env.POSEWIRE ?? "http://127.0.0.1:8765";
const endpoints = ["/stream", "/streams", "/detect", "/invitation", "/authority.crt", "/settings", "/preview", "/publish", "/cameras", "/recordings", "/replay", "/openapi.json"];

const notices = "swagger-ui-es-bundle.js.LICENSE.txt"; // the bundle names it, so it lies beside it

export default defineConfig({
  base: "/static/",
  server: { proxy: Object.fromEntries(endpoints.map((path) => [path, { target: server, ws: true, changeOrigin: true }])) },
  plugins: [{
    name: "notices",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: notices, source: readFileSync(`node_modules/swagger-ui-dist/${notices}`) });
    },
  }],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600, // Swagger UI, read by the API page only
    rolldownOptions: {
      // Of what reads recordings only what is used; its package doesn't say that this does no harm.
      treeshake: { moduleSideEffects: [{ test: /node_modules\/(@mcap|@foxglove|heap-js|tslib)\//, sideEffects: false }] },
      input: ["index.html", "photo.html", "camera.html", "docs.html"],
      // Names without hashes: the server has browsers ask whether a file is still the same.
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
