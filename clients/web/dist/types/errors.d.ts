export type ErrorCode = "malformed" | "bad_message" | "bad_value" | "too_large" | "too_deep" | "unknown_type" | "unknown_field";
export declare class ProtocolError extends Error {
    readonly code: ErrorCode;
    constructor(code: ErrorCode, text: string);
}
