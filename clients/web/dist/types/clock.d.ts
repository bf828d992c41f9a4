/** This page's own monotonic clock, microseconds. */
export declare function nowUs(): number;
/** As in NTP: of the last few exchanges the one with the shortest round trip counts (RFC 5905, clock filter). */
export declare class Clock {
    /** Server clock minus ours, microseconds; null before the first exchange. */
    offsetUs: number | null;
    /** Of the exchange that counts, microseconds. */
    roundTripUs: number | null;
    private samples;
    reset(): void;
    /** t0 and t3: our clock at asking and at the answer; t1 and t2: the server's at both. */
    take(t0Us: number, t1Us: number, t2Us: number, t3Us: number): void;
}
