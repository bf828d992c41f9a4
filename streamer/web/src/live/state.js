// How things stand, in words: for the header, for the notice over the views and for a screen reader.

const SILENCE_MS = 1000; // without a frame for this long a figure would only pretend to be live

export function isFresh(stream, nowMs) {
  return stream.state === "open" && stream.frame !== null && nowMs - stream.lastFrameMs < SILENCE_MS;
}

// {state, text, spoken, title, detail, again, asksToken}: `spoken` is `text` without what changes every second; `title`
// and `detail` are the notice's, an empty title is none.
export function describe(stream, nowMs) {
  const { status, reason } = stream;
  switch (stream.state) {
    case "connecting":
      return say("connecting", "Connecting");
    case "waiting": {
      const { text, spoken } = countdown(stream, nowMs);
      return { ...say("reconnecting", text, reason || "The connection was lost", `${text}.`), spoken, again: true };
    }
    case "refused":
      if (stream.httpStatus === 401) {
        const detail = "It is in the address that “posewire serve” printed when it started: …/?token=…";
        const refused = stream.token
          ? say("refused", "Refused: wrong token", "The server does not take this token", detail)
          : say("refused", "Refused: no token", "This server asks for a token", detail);
        return { ...refused, asksToken: true };
      }
      return { ...say("refused", "Refused", "The server refuses this page", sentence(reason)), again: true };
  }
  if (!stream.hello.streams.length) return say("silent", "No streams", "This server has no streams");
  if (status?.state === "lost") {
    return say("lost", status.detail ? `Stream lost: ${status.detail}` : "Stream lost", "Stream lost",
      `${sentence(status.detail)} The server keeps trying.`);
  }
  if (status?.state === "ended") return say("ended", "Ended", "The stream has ended", sentence(status.detail));
  if (!isFresh(stream, nowMs)) {
    const seconds = stream.lastFrameMs ? Math.floor((nowMs - stream.lastFrameMs) / 1000) : 0;
    const detail = seconds ? `The last one came ${seconds} s ago.` : "None has come yet.";
    return say("silent", "No frames", "No frames", detail);
  }
  return say("live", "Live", stream.frame.poses.length ? "" : "Nobody in the picture");
}

function say(state, text, title = "", detail = "") {
  return { state, text, title, detail, spoken: title && title !== text ? `${text}. ${title}` : text, again: false, asksToken: false };
}

function countdown(stream, nowMs) {
  const seconds = Math.ceil((stream.retryAtMs - nowMs) / 1000);
  return { text: seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting", spoken: `Reconnecting. ${stream.reason}` };
}

function sentence(text) {
  return text ? `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.` : "";
}
