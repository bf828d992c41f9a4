import { type ErrorCode, ProtocolError } from "./errors.js";
export type RawMap = {
    [key: string]: unknown;
};
export declare function isMap(value: unknown): value is RawMap;
export declare class Reader {
    private readonly data;
    private readonly what;
    constructor(data: RawMap, what: string);
    fail(code: ErrorCode, text: string): ProtocolError;
    has(key: string): boolean;
    raw(key: string): unknown;
    integer(key: string, low?: number, high?: number): number;
    id(key?: string): number;
    number(key: string, low: number, high: number): number;
    boolean(key: string, fallback: boolean): boolean;
    text(key: string, maxLength?: number, fallback?: string): string;
    choice<T extends string>(key: string, options: readonly T[], fallback?: T): T;
    items(key: string, maxItems: number): unknown[];
    integers(key: string, maxItems: number, low: number, high: number): number[];
    texts(key: string, maxItems: number): string[];
    maps(key: string, maxItems: number, what: string): Reader[];
    map(key: string, what: string): Reader;
}
/** A value for an error message: short whatever it is. */
export declare function show(value: unknown): string;
