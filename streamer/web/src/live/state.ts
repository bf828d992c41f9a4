// How things stand, in words: for the header, for the notice over the views and for a screen reader.

import type { Feed } from "./feed";

const SILENCE_MS = 1000; // without a frame for this long a figure would only pretend to be live

// `spoken` is `text` without what changes every second; `title` and `detail` are the notice's, an empty title is none.
export interface Description {
  state: string;
  text: string;
  spoken: string;
  title: string;
  detail: string;
  again: boolean;
  asksToken: boolean;
}

export function isFresh(feed: Feed, nowMs: number): boolean {
  return feed.client.state === "live" && feed.frame !== null && nowMs - feed.frameMs < SILENCE_MS;
}

export function describe(feed: Feed, nowMs: number): Description {
  const { client, status } = feed;
  const { reason } = client;
  switch (client.state) {
    case "off":
    case "connecting":
      return say("connecting", "Connecting");
    case "lost": {
      const { text, spoken } = countdown(client, nowMs);
      return { ...say("reconnecting", text, reason || "The connection was lost", `${text}.`), spoken, again: true };
    }
    case "refused":
      if (client.httpStatus === 401) {
        const detail = "It is in the address that “posewire serve” printed when it started: …/?token=…";
        const refused = client.token
          ? say("refused", "Refused: wrong token", "The server does not take this token", detail)
          : say("refused", "Refused: no token", "This server asks for a token", detail);
        return { ...refused, asksToken: true };
      }
      return { ...say("refused", "Refused", "The server refuses this page", sentence(reason)), again: true };
  }
  if (feed.refusal) return say("refused", "Refused", "The server refuses this subscription", sentence(feed.refusal));
  if (!feed.hello?.streams.length) return say("silent", "No streams", "This server has no streams");
  if (status?.state === "lost") {
    return say("lost", status.detail ? `Stream lost: ${status.detail}` : "Stream lost", "Stream lost",
      `${sentence(status.detail)} The server keeps trying.`);
  }
  if (status?.state === "ended") return say("ended", "Ended", "The stream has ended", sentence(status.detail));
  if (!isFresh(feed, nowMs)) {
    const seconds = feed.frameMs ? Math.floor((nowMs - feed.frameMs) / 1000) : 0;
    const detail = seconds ? `The last one came ${seconds} s ago.` : "None has come yet.";
    return say("silent", "No frames", "No frames", detail);
  }
  return say("live", "Live", feed.frame?.poses.length ? "" : "Nobody in the picture");
}

function say(state: string, text: string, title = "", detail = ""): Description {
  return { state, text, title, detail, spoken: title && title !== text ? `${text}. ${title}` : text, again: false, asksToken: false };
}

function countdown({ retryAtMs, reason }: Feed["client"], nowMs: number): { text: string; spoken: string } {
  const seconds = Math.ceil((retryAtMs - nowMs) / 1000);
  return { text: seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting", spoken: `Reconnecting. ${reason}` };
}

function sentence(text: string): string {
  return text ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.` : "";
}
