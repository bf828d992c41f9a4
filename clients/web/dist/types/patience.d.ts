/** The Retry-After of an answer, milliseconds, at most a minute; 0 where it isn't said in seconds. */
export declare function retryAfterMs(headers: Headers): number;
