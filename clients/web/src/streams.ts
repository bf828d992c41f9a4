// The streams of a server as they come and go.

import { MAX_STREAMS } from "./limits.js";
import type { StreamInfo, Status } from "./messages.js";

/** The list after the news of a stream; one that is new comes last. */
export function follow(streams: StreamInfo[], { stream, info, gone }: Status): StreamInfo[] {
  if (gone) return streams.filter(({ id }) => id !== stream);
  if (!info) return streams;
  if (streams.some(({ id }) => id === stream)) return streams.map((known) => (known.id === stream ? info : known));
  return streams.length < MAX_STREAMS ? [...streams, info] : streams;
}
