import { defineConfig } from "vite";

// Where a running server is while the page is worked on: npm run dev -- with POSEWIRE=http://127.0.0.1:8765
const server = process.env.POSEWIRE ?? "http://127.0.0.1:8765";
const endpoints = ["/stream", "/streams", "/detect", "/invitation", "/authority.crt", "/settings", "/preview", "/publish", "/cameras", "/openapi.json"];

export default defineConfig({
  base: "/static/",
  server: { proxy: Object.fromEntries(endpoints.map((path) => [path, { target: server, ws: true, changeOrigin: true }])) },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000, // three.js, read only where there is an avatar to draw
    rolldownOptions: {
      input: ["index.html", "photo.html"],
      // Names without hashes: the server has browsers ask whether a file is still the same.
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
