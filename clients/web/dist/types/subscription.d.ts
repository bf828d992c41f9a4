import type { Frame, Refusal, Subscribe, Subscribed } from "./messages.js";
export declare class Subscription {
    readonly id: number;
    wish: Subscribe;
    private readonly send;
    private readonly forget;
    /** The newest frame, null before the first and after a connection was lost. */
    frame: Frame | null;
    /** When it came, on performance.now's clock. */
    frameMs: number;
    /** Its age when it came: from capture to here, ms; null as long as the clocks aren't in step. */
    latencyMs: number | null;
    /** Received since the subscription was made, and how many bytes they had. */
    frames: number;
    bytes: number;
    /** Frames that this connection was too slow for, as the server counts them. */
    dropped: number;
    /** The server's answer: landmarks in the order of the arrays' rows. */
    answer: Subscribed | null;
    /** The server's reason where it said no. */
    refusal: Refusal | null;
    onframe: (frame: Frame) => void;
    private unanswered;
    constructor(id: number, wish: Subscribe, send: (message: object) => boolean, forget: () => void);
    /** Ask for something else instead. */
    change(wish: Subscribe): void;
    /** No frame comes any more. */
    end(): void;
    /** For the client: send the wish. */
    ask(): void;
    /** For the client: whether this connection knows of it. */
    get isAsked(): boolean;
    /** For the client: whether it is refused for want of this stream. */
    misses(stream: string): boolean;
    /** For the client: the server agreed. */
    begin(answer: Subscribed): void;
    /** For the client: the server said no. */
    refuse(refusal: Refusal): void;
    /** For the client: a frame came. */
    take(frame: Frame, bytes: number, serverNowUs: number | null): void;
    /** For the client: what the server says was dropped. */
    lose(total: number): void;
    /** For the client: the connection is gone. */
    reset(): void;
    private clear;
}
