import type { Dtype, ServerMessage } from "./messages.js";
/**
 * The message in `data`: bytes are msgpack, a string is JSON. Throws ProtocolError and nothing else.
 *
 * `dtypes` tells the dtype of frames by subscription id, as `subscribed` did; f32 where it doesn't.
 */
export declare function decode(data: Uint8Array | string, dtypes?: ReadonlyMap<number, Dtype>): ServerMessage;
