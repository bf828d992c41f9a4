import type { StreamInfo, Status } from "./messages.js";
/** The list after the news of a stream; one that is new comes last. */
export declare function follow(streams: StreamInfo[], { stream, info, gone }: Status): StreamInfo[];
