import { Clock } from "./clock.js";
import type { Hello, Status, StreamInfo, Subscribe } from "./messages.js";
import { Subscription } from "./subscription.js";
/**
 * connecting: no answer yet. live: the server has answered. off: closed by `close`.
 * lost: nobody there, or the connection ended; tried again after 0.25 s, then twice as long each time up to 5 s, without end. Where
 * the server asks to wait (HTTP 429), after that, at most 60 s.
 * refused: the server said no before the upgrade, `httpStatus` tells how. Asking again would help nobody: `reconnect` does.
 */
export type ClientState = "connecting" | "live" | "lost" | "refused" | "off";
/**
 * Why a connection is lost, for those who say it in words of their own. unreachable: nobody answers. unavailable: the server can't
 * take it now, `httpStatus` tells why. closed: it ended. unanswered, silent: nothing came for 5 s, before and after the first message. unreadable: what came.
 */
export type LossCause = "unreachable" | "unavailable" | "closed" | "unanswered" | "silent" | "unreadable";
export declare class PosewireClient {
    state: ClientState;
    /** Why it is lost or refused, in the server's words where it has any. */
    reason: string;
    /** Of a loss; null otherwise. */
    cause: LossCause | null;
    /** The words in `reason` that are the server's own, or those of what can't be read; "" where there are none. */
    detail: string;
    /** Of a refusal, or of a server that is unavailable; 0 otherwise. */
    httpStatus: number;
    /** When the next attempt comes, on performance.now's clock. */
    retryAtMs: number;
    token: string | null;
    /** What the server offers; its `streams` follow those that come and go. */
    hello: Hello | null;
    readonly clock: Clock;
    readonly subscriptions: Map<number, Subscription>;
    /** After every change of state, of a stream's status or of a subscription. */
    onchange: () => void;
    /** After each `hello`, before subscriptions go out: whoever follows a stream by name can choose another. */
    onhello: (hello: Hello) => void;
    private readonly base;
    private readonly statuses;
    private dtypes;
    private socket;
    private backoffMs;
    private retryTimer;
    private syncTimer;
    /** Since when nothing has come that was asked for; null where nothing is awaited. */
    private silentSinceMs;
    private attempt;
    private nextId;
    /** url: of the server, as `ws://HOST:PORT` or as its page's `http://HOST:PORT`. It connects at once. */
    constructor(url: string, token?: string | null);
    /** Of the stream, with the token. */
    get address(): string;
    /** What the server has said of a stream last; of one that is gone only where a subscription names it. */
    status(stream: string): Status | null;
    info(stream: string): StreamInfo | null;
    /** Now on the server's clock, microseconds; null before the clocks are in step. */
    get serverNowUs(): number | null;
    /** Ask for frames. It is asked again after every reconnection, until `end`. */
    subscribe(wish?: Subscribe): Subscription;
    /** At once instead of at the end of the wait; with another token where one is given. */
    reconnect(token?: string | null): void;
    close(): void;
    private get query();
    private forget;
    private connect;
    private leave;
    private retry;
    private schedule;
    private retryIn;
    private explain;
    private get outOfReach();
    private get httpBase();
    private askWhy;
    private send;
    private receive;
    private handle;
    private take;
    private sync;
    private change;
}
