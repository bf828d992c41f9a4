// Drives a real Chromium as a user would.
// Usage: node page.mjs URL chromium=PATH [width=PX] [height=PX] [scheme=dark|light] [locale=LANGUAGE] [argument=A_FURTHER_ONE_OF_CHROMIUM ...]
// Prints {"ready": true}, then a line of JSON for each line of its input; ends with its input.

import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [url, ...rest] = process.argv.slice(2);
const options = Object.fromEntries(rest.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
const further = rest.filter((pair) => pair.startsWith("argument=")).map((pair) => pair.slice("argument=".length));
const browser = await chromium.launch({
  executablePath: options.chromium,
  args: ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", ...further],
});
const context = await browser.newContext({
  viewport: { width: Number(options.width ?? 1280), height: Number(options.height ?? 800) },
  colorScheme: options.scheme ?? "dark",
  locale: options.locale ?? "en-US",
});
const page = await context.newPage();
const seen = { errors: [], requests: [] };
page.on("pageerror", (error) => seen.errors.push(String(error)));
page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
page.on("request", (request) => seen.requests.push(request.url()));
page.on("websocket", (socket) => seen.requests.push(socket.url()));

// Each line of standard input is a JavaScript expression for this script, with `page` and `seen` at hand.
const AsyncFunction = (async () => {}).constructor;
await page.goto(url);
console.log(JSON.stringify({ ready: true }));
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const value = await new AsyncFunction("page", "seen", `return (${line});`)(page, seen);
    console.log(JSON.stringify({ value: value instanceof Uint8Array || value === undefined ? null : value }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
