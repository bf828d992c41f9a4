export { type ClientState, type LossCause, PosewireClient } from "./client.js";
export { Clock, nowUs } from "./clock.js";
export { decode } from "./codec.js";
export { type ErrorCode, ProtocolError } from "./errors.js";
export type { Bones, Dropped, Dtype, Field, Frame, Hello, Pose, Refusal, ServerMessage, Skeleton, Status, StreamInfo, StreamState, Subscribe, Subscribed, Time, } from "./messages.js";
export { retryAfterMs } from "./patience.js";
export { Subscription } from "./subscription.js";
