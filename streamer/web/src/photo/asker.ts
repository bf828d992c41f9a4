// Asks the server about pictures, a few at a time; comes again where it is busy.

import { Fault, type Picture, type State } from "./picture";
import type { FaultKey } from "./words";

const AT_A_TIME = 2;
const MAX_ATTEMPTS = 4;
const MAX_RETRY_AFTER_S = 10;
const BUSY = [429, 503];
const FAULTS: Record<number, FaultKey> = {
  401: "token", 403: "origin", 413: "tooLarge", 415: "wrongType", 422: "broken", 429: "busy", 503: "busy",
};

// Where one status has several causes, the server's own word for it tells them apart.
const REASONS: Record<string, FaultKey> = { read_only: "readOnly", locked_out: "wait" };

// What the server is asked to look for: the query of /detect.
export interface Options {
  model: string;
  people: string;
  min_confidence: string;
}

export class Asker {
  onchange: (picture: Picture) => void = () => {};
  private line: Picture[] = [];
  private busy = 0;
  private controller = new AbortController();

  constructor(public token: string | null, public options: Options) {}

  // How many bytes a picture may have, as the server describes itself. Throws Fault.
  async limit(): Promise<number> {
    let answer: Response;
    try {
      answer = await fetch(`/openapi.json?${this.query({})}`);
    } catch {
      throw new Fault("unreachable");
    }
    if (!answer.ok) throw await faultOf(answer);
    const { paths } = await answer.json();
    const { schema } = paths["/detect"].post.requestBody.content["multipart/form-data"];
    const text: string = schema.properties.image.description;
    return Number(/([\d,]+) bytes/.exec(text)![1].replaceAll(",", ""));
  }

  add(picture: Picture): void {
    this.line.push(picture);
    this.pump();
  }

  // Ask about all of these, whatever has been asked before.
  again(pictures: Picture[]): void {
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

  forget(picture: Picture): void {
    this.line = this.line.filter((other) => other !== picture);
  }

  // The picture with the skeletons drawn by the server. Throws Fault, and the signal's reason where that says stop.
  async annotated(picture: Picture, options = this.options, signal?: AbortSignal): Promise<Blob> {
    const answer = await this.post(picture, { ...options, annotated: "1" }, signal, () => {});
    return answer.blob();
  }

  private pump(): void {
    for (let next; this.busy < AT_A_TIME && (next = this.line.shift()); ) {
      this.busy += 1;
      void this.run(next, this.controller.signal);
    }
  }

  private async run(picture: Picture, signal: AbortSignal): Promise<void> {
    const change = (state: State) => {
      picture.state = state;
      this.onchange(picture);
    };
    change("asking");
    try {
      const answer = await this.post(picture, { ...this.options }, signal, () => change("busy"));
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

  private query(more: Record<string, string>): URLSearchParams {
    return new URLSearchParams({ ...more, ...(this.token ? { token: this.token } : {}) });
  }

  private async post(
    picture: Picture, options: Record<string, string>, signal: AbortSignal | undefined, onbusy: () => void,
  ): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const body = new FormData();
      body.append("image", picture.file, picture.name);
      let answer: Response;
      try {
        answer = await fetch(`/detect?${this.query(options)}`, { method: "POST", body, signal });
      } catch (error) {
        if (signal?.aborted) throw error;
        // A server that refuses before it has read a large upload may just hang up; the small question tells why.
        await this.limit();
        throw new Fault("unreachable");
      }
      if (answer.ok) return answer;
      const fault = await faultOf(answer);
      // Who is locked out is so for longer than anybody wants to look on.
      if (!BUSY.includes(answer.status) || fault.key === "wait" || attempt === MAX_ATTEMPTS) throw fault;
      onbusy();
      await pause(Number(answer.headers.get("retry-after")), signal);
    }
  }
}

async function faultOf(answer: Response): Promise<Fault> {
  let [detail, reason] = ["", ""];
  try {
    ({ detail, reason } = await answer.json());
  } catch {
    // Not this server's words but those of something between.
  }
  const key = REASONS[reason] ?? FAULTS[answer.status] ?? "refused";
  return new Fault(key, key === "readOnly" ? "" : detail, { status: answer.status }); // whose words say what the page's do
}

function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  const waitMs = 1000 * Math.min(Math.max(seconds || 1, 1), MAX_RETRY_AFTER_S);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, waitMs);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
