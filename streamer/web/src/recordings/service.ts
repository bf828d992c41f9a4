// What the server keeps, asked for with the page's token.

import type { PosewireClient } from "posewire";
import { isRelay } from "../live/feed";

// As /recordings has it; started: ISO 8601, null where unknown.
export interface Entry {
  name: string;
  state: "recording" | "finished" | "failed" | "cut" | "unreadable";
  bytes: number;
  duration_s: number;
  streams: string[];
  left_out: number;
  error: string;
  started: string | null;
}

export interface Kept {
  recordings: Entry[];
  possible: boolean;
  may_record: boolean;
}

export interface Replay {
  duration_s: number;
  position_s: number;
  speed: number;
  paused: boolean;
  loop: boolean;
  ended: boolean;
}

// Why the server didn't: its own words, or "" where it is out of reach.
export class Refused extends Error {}

export class Service {
  constructor(private readonly client: PosewireClient) {}

  get isRelay(): boolean {
    return isRelay(this.client);
  }

  get live(): boolean {
    return this.client.state === "live";
  }

  async kept(): Promise<Kept> {
    return (await (await this.ask("/recordings")).json()) as Kept;
  }

  async begin(): Promise<Entry> {
    return (await (await this.ask("/recordings", "POST", {})).json()) as Entry;
  }

  async end(name: string): Promise<Entry> {
    return (await (await this.ask(`${pathOf(name)}/stop`, "POST", {})).json()) as Entry;
  }

  file(name: string): Promise<Response> {
    return this.ask(pathOf(name));
  }

  /** Where a browser finds the file by itself. */
  address(name: string): string {
    const { token } = this.client;
    return token ? `${pathOf(name)}?token=${encodeURIComponent(token)}` : pathOf(name);
  }

  /** What was made, and what it is called. */
  async export(name: string, wish: Record<string, string>, signal: AbortSignal): Promise<[Blob, string]> {
    const answer = await this.ask(`${pathOf(name)}/export?${new URLSearchParams(wish)}`, "GET", undefined, signal);
    const called = /filename\*?=(?:utf-8'')?"?([^";]+)/.exec(answer.headers.get("content-disposition") ?? "");
    return [await answer.blob(), decodeURIComponent(called?.[1] ?? name)];
  }

  /** How the replays stand, by stream, and whether this page may steer them. */
  async replays(): Promise<{ replays: Record<string, Replay>; may_change: boolean }> {
    return (await (await this.ask("/replay")).json()) as { replays: Record<string, Replay>; may_change: boolean };
  }

  async replay(stream: string): Promise<Replay> {
    return (await (await this.ask(`/replay/${encodeURIComponent(stream)}`)).json()) as Replay;
  }

  async steer(stream: string, wish: Partial<Replay>): Promise<Replay> {
    return (await (await this.ask(`/replay/${encodeURIComponent(stream)}`, "PATCH", wish)).json()) as Replay;
  }

  private async ask(path: string, method = "GET", wish?: object, signal?: AbortSignal): Promise<Response> {
    const { token } = this.client;
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    if (wish) headers["content-type"] = "application/json";
    let answer: Response;
    try {
      answer = await fetch(path, { method, headers, body: wish && JSON.stringify(wish), signal });
    } catch {
      throw new Refused("");
    }
    if (!answer.ok) throw new Refused(await detailOf(answer));
    return answer;
  }
}

function pathOf(name: string): string {
  return `/recordings/${encodeURIComponent(name)}`;
}

async function detailOf(answer: Response): Promise<string> {
  try {
    return ((await answer.json()) as { detail: string }).detail;
  } catch {
    return answer.statusText;
  }
}
