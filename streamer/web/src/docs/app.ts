// The API page: /openapi.json, to read and to try out. It asks nobody but this server.

import "swagger-ui-dist/swagger-ui.css";
import { byId } from "../shared/dom";
import { Language } from "../shared/language";
import { WORDS } from "./words";

type Word = keyof (typeof WORDS)["en"];

const language = new Language<Word>(WORDS);
const dark = matchMedia("(prefers-color-scheme: dark)");
const token = new URLSearchParams(location.search).get("token");
const say = byId("say");
let said: Word | null = "loading";

function show(): void {
  say.textContent = said ? language.say(said) : "";
  document.documentElement.classList.toggle("dark-mode", dark.matches); // Swagger UI's own
}

async function open(): Promise<void> {
  const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
  const answer = await fetch("/openapi.json", { headers });
  if (!answer.ok) throw new Error(`/openapi.json: ${answer.status}`);
  const spec: unknown = await answer.json();
  const { default: SwaggerUI } = await import("swagger-ui-dist/swagger-ui-es-bundle.js");
  await new Promise<void>((resolve) => {
    const ui = SwaggerUI({
      spec,
      dom_id: "#operations",
      validatorUrl: null, // it would send the address of this server to swagger.io
      deepLinking: true,
      onComplete: () => {
        if (token) ui.preauthorizeApiKey("bearer", token);
        resolve();
      },
    });
  });
}

language.onchange = show;
dark.addEventListener("change", show);
byId("language").addEventListener("click", () => language.next());
language.apply();
show();
open().then(
  () => { said = null; },
  () => { said = "failed"; },
).finally(show);
