// Typed reading of an untrusted map: a getter gives a checked value or throws a ProtocolError that names key and limit.

import { type ErrorCode, ProtocolError } from "./errors.js";
import { MAX_ID, MAX_NAME_LENGTH, MAX_TIME_US } from "./limits.js";

export type RawMap = { [key: string]: unknown };

export function isMap(value: unknown): value is RawMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

export class Reader {
  constructor(
    private readonly data: RawMap,
    private readonly what: string,
  ) {}

  fail(code: ErrorCode, text: string): ProtocolError {
    return new ProtocolError(code, `${this.what}: ${text}`);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.data, key) && this.data[key] !== null && this.data[key] !== undefined;
  }

  raw(key: string): unknown {
    if (!Object.hasOwn(this.data, key)) throw this.fail("bad_message", `${key} is missing`);
    return this.data[key];
  }

  integer(key: string, low = 0, high = MAX_TIME_US): number {
    const value = this.raw(key);
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw this.fail("bad_message", `${key} is ${show(value)}; it has to be an integer`);
    }
    if (value < low || value > high) throw this.fail("bad_value", `${key} is ${show(value)}; it has to be from ${low} to ${high}`);
    return value;
  }

  id(key = "id"): number {
    return this.integer(key, 0, MAX_ID);
  }

  number(key: string, low: number, high: number): number {
    const value = this.raw(key);
    if (typeof value !== "number") throw this.fail("bad_message", `${key} is ${show(value)}; it has to be a number`);
    if (!(value >= low && value <= high)) throw this.fail("bad_value", `${key} is ${show(value)}; it has to be from ${low} to ${high}`);
    return value;
  }

  boolean(key: string, fallback: boolean): boolean {
    if (!this.has(key)) return fallback;
    const value = this.raw(key);
    if (typeof value !== "boolean") throw this.fail("bad_message", `${key} is ${show(value)}; it has to be true or false`);
    return value;
  }

  text(key: string, maxLength = MAX_NAME_LENGTH, fallback?: string): string {
    if (fallback !== undefined && !this.has(key)) return fallback;
    const value = this.raw(key);
    if (typeof value !== "string") throw this.fail("bad_message", `${key} is ${show(value)}; it has to be a string`);
    // A character beyond the first 65 536 counts as one on the wire and as two here.
    if (value.length > maxLength && [...value].length > maxLength) {
      throw this.fail("bad_value", `${key} has ${value.length} characters; at most ${maxLength}`);
    }
    return value;
  }

  choice<T extends string>(key: string, options: readonly T[], fallback?: T): T {
    const value = this.text(key, MAX_NAME_LENGTH, fallback);
    const found = options.find((option) => option === value);
    if (found === undefined) throw this.fail("bad_value", `${key} is ${show(value)}; one of ${options.join(", ")}`);
    return found;
  }

  items(key: string, maxItems: number): unknown[] {
    const value = this.raw(key);
    if (!Array.isArray(value)) throw this.fail("bad_message", `${key} is ${show(value)}; it has to be an array`);
    if (value.length > maxItems) throw this.fail("bad_value", `${key} has ${value.length} elements; at most ${maxItems}`);
    return value;
  }

  integers(key: string, maxItems: number, low: number, high: number): number[] {
    return this.items(key, maxItems).map((value) => {
      if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) {
        throw this.fail("bad_value", `${key} holds ${show(value)}; integers from ${low} to ${high}`);
      }
      return value;
    });
  }

  texts(key: string, maxItems: number): string[] {
    return this.items(key, maxItems).map((value) => {
      if (typeof value !== "string" || [...value].length > MAX_NAME_LENGTH) {
        throw this.fail("bad_value", `${key} holds ${show(value)}; strings of at most ${MAX_NAME_LENGTH} characters`);
      }
      return value;
    });
  }

  maps(key: string, maxItems: number, what: string): Reader[] {
    return this.items(key, maxItems).map((value) => {
      if (!isMap(value)) throw this.fail("bad_message", `${key} holds ${show(value)}; it has to hold maps`);
      return new Reader(value, what);
    });
  }

  map(key: string, what: string): Reader {
    const value = this.raw(key);
    if (!isMap(value)) throw this.fail("bad_message", `${key} is ${show(value)}; it has to be a map`);
    return new Reader(value, what);
  }
}

/** A value for an error message: short whatever it is. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (ArrayBuffer.isView(value)) return "bytes";
  if (typeof value === "object" && value !== null) return "a map";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 37)}...` : value);
  return String(value).slice(0, 40);
}
