// Asks the server about pictures, a few at a time; comes again where it is busy.

import { Fault } from "./picture";

const AT_A_TIME = 2;
const MAX_ATTEMPTS = 4;
const MAX_RETRY_AFTER_S = 10;
const BUSY = [429, 503];
const FAULTS = { 401: "token", 403: "origin", 413: "tooLarge", 415: "wrongType", 422: "broken", 429: "busy", 503: "busy" };

export class Asker {
  constructor(token, options) {
    this.token = token;
    this.options = options; // {model, people, min_confidence}
    this.line = [];
    this.busy = 0;
    this.controller = new AbortController();
    this.onchange = () => {}; // (picture)
  }

  // How many bytes a picture may have, as the server describes itself. Throws Fault.
  async limit() {
    let answer;
    try {
      answer = await fetch(`/openapi.json?${this.query({})}`);
    } catch {
      throw new Fault("unreachable");
    }
    if (!answer.ok) throw await faultOf(answer);
    const { paths } = await answer.json();
    const { schema } = paths["/detect"].post.requestBody.content["multipart/form-data"];
    return Number(/([\d,]+) bytes/.exec(schema.properties.image.description)[1].replaceAll(",", ""));
  }

  add(picture) {
    this.line.push(picture);
    this.pump();
  }

  // Ask about all of these, whatever has been asked before.
  again(pictures) {
    this.controller.abort();
    this.controller = new AbortController();
    this.busy = 0;
    this.line = [...pictures];
    for (const picture of pictures) {
      picture.state = "waiting";
      this.onchange(picture);
    }
    this.pump();
  }

  forget(picture) {
    this.line = this.line.filter((other) => other !== picture);
  }

  // The picture with the skeletons drawn by the server. Throws Fault.
  async annotated(picture) {
    const answer = await this.post(picture, { annotated: "1" }, undefined, () => {});
    return answer.blob();
  }

  pump() {
    while (this.busy < AT_A_TIME && this.line.length) {
      this.busy += 1;
      this.run(this.line.shift(), this.controller.signal);
    }
  }

  async run(picture, signal) {
    const change = (state) => {
      picture.state = state;
      this.onchange(picture);
    };
    change("asking");
    try {
      const answer = await this.post(picture, {}, signal, () => change("busy"));
      const text = await answer.text();
      if (signal.aborted) return; // overtaken by other options
      picture.take(text);
    } catch (error) {
      if (signal.aborted) return;
      picture.fail(error instanceof Fault ? error : new Fault("unreachable"));
    }
    this.busy -= 1;
    this.onchange(picture);
    this.pump();
  }

  query(more) {
    return new URLSearchParams({ ...more, ...(this.token ? { token: this.token } : {}) });
  }

  async post(picture, more, signal, onbusy) {
    const query = this.query({ ...this.options, ...more });
    for (let attempt = 1; ; attempt++) {
      const body = new FormData();
      body.append("image", picture.file, picture.name);
      let answer;
      try {
        answer = await fetch(`/detect?${query}`, { method: "POST", body, signal });
      } catch (error) {
        if (signal?.aborted) throw error;
        // A server that refuses before it has read a large upload may just hang up; the small question tells why.
        await this.limit();
        throw new Fault("unreachable");
      }
      if (answer.ok) return answer;
      if (!BUSY.includes(answer.status) || attempt === MAX_ATTEMPTS) throw await faultOf(answer);
      onbusy();
      await pause(Number(answer.headers.get("retry-after")), signal);
    }
  }
}

async function faultOf(answer) {
  let detail = "";
  try {
    ({ detail } = await answer.json());
  } catch {
    // Not this server's words but those of something between.
  }
  return new Fault(FAULTS[answer.status] ?? "refused", detail, { status: answer.status });
}

function pause(seconds, signal) {
  const waitMs = 1000 * Math.min(Math.max(seconds || 1, 1), MAX_RETRY_AFTER_S);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, waitMs);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
