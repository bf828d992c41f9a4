// How long a server that can't be had now asks to wait.

const MAX_RETRY_AFTER_S = 60; // one that asks for more patience is tried again after this, all the same

/** The Retry-After of an answer, milliseconds, at most a minute; 0 where it isn't said in seconds. */
export function retryAfterMs(headers: Headers): number {
  const text = headers.get("retry-after") ?? "";
  return /^\d+$/.test(text) ? 1000 * Math.min(Number(text), MAX_RETRY_AFTER_S) : 0;
}
