// How things stand, in words: for the header, for the notice over the views and for a screen reader.

import type { Feed } from "./feed";
import { type Key, say } from "./words";

const TOO_MANY = 429;
const SILENCE_MS = 1000; // without a frame for this long a figure would only pretend to be live

// `spoken` is `text` without what changes every second; `title`, `detail` and `quote`, the server's own words, are the notice's,
// an empty title is none.
export interface Description {
  state: string;
  text: string;
  spoken: string;
  title: string;
  detail: string;
  quote: string;
  again: boolean;
  asksToken: boolean;
}

export function isFresh(feed: Feed, nowMs: number): boolean {
  return feed.client.state === "live" && !feed.isGone && feed.frame !== null && (nowMs - feed.frameMs < SILENCE_MS || isPaused(feed));
}

// A replay that stands still shows where.
export function isPaused({ status }: Feed): boolean {
  return status?.state === "live" && status.detail === "paused";
}

export function describe(feed: Feed, nowMs: number): Description {
  const { client, status } = feed;
  switch (client.state) {
    case "off":
    case "connecting":
      return stand("connecting", say("connecting"));
    case "lost": {
      const seconds = Math.ceil((client.retryAtMs - nowMs) / 1000);
      const text = seconds > 0 ? say("reconnectingIn", { seconds }) : say("reconnecting");
      const title = say(client.httpStatus === TOO_MANY ? "asksToWait" : client.cause ?? "closed");
      return stand("reconnecting", text, { title, quote: sentence(client.detail), spoken: say("spoken", { text: say("reconnecting"), title }), again: true });
    }
    case "refused":
      if (client.httpStatus !== 401) {
        return stand("refused", say("refused"), { title: say("refusesPage"), quote: sentence(client.detail), again: true });
      }
      return client.token ? askToken("wrongToken", "refusesToken") : askToken("noToken", "asksToken");
  }
  if (feed.isGone) {
    return stand("gone", say("gone"), { title: say("goneTitle", { stream: feed.id! }), quote: sentence(status?.detail ?? ""), detail: say("goneDetail") });
  }
  if (feed.refusal) return stand("refused", say("refused"), { title: say("refusesSubscription"), quote: sentence(feed.refusal) });
  if (!feed.hello?.streams.length) return stand("waiting", say("noStreams"), { title: say("noStreamsTitle"), detail: say("noStreamsDetail") });
  if (status?.state === "lost") {
    const text = status.detail ? say("streamLostWhy", { reason: status.detail }) : say("streamLost");
    return stand("lost", text, { title: say("streamLost"), quote: sentence(status.detail), detail: say("keepsTrying"), spoken: text });
  }
  if (status?.state === "ended") return stand("ended", say("ended"), { title: say("endedTitle"), quote: sentence(status.detail) });
  if (!isFresh(feed, nowMs)) {
    const seconds = feed.frameMs ? Math.floor((nowMs - feed.frameMs) / 1000) : 0;
    return stand("silent", say("noFrames"), { title: say("noFrames"), detail: seconds ? say("lastFrame", { seconds }) : say("noFrameYet") });
  }
  return stand(isPaused(feed) ? "paused" : "live", say(isPaused(feed) ? "pausedNow" : "liveNow"), { title: feed.frame?.poses.length ? "" : say("nobody") });
}

function askToken(text: Key, title: Key): Description {
  return stand("refused", say(text), { title: say(title), detail: say("tokenDetail"), asksToken: true });
}

function stand(state: string, text: string, more: Partial<Description> = {}): Description {
  const { title = "" } = more;
  const spoken = title && title !== text ? say("spoken", { text, title }) : text;
  return { state, text, spoken, title, detail: "", quote: "", again: false, asksToken: false, ...more };
}

function sentence(text: string): string {
  return text ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.` : "";
}
