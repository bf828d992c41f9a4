// What is wrong with a message. `code` as in SPEC.md; `message` is one line that names the value and the limit.

export type ErrorCode = "malformed" | "bad_message" | "bad_value" | "too_large" | "too_deep" | "unknown_type" | "unknown_field";

const MAX_LENGTH = 200;

export class ProtocolError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, text: string) {
    super(oneLine(text));
    this.name = "ProtocolError";
    this.code = code;
  }
}

function oneLine(text: string): string {
  const printable = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  return printable.length <= MAX_LENGTH ? printable : `${printable.slice(0, MAX_LENGTH - 3)}...`;
}
