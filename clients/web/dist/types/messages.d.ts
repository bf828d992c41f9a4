export type Field = "image" | "world" | "bones" | "rest" | "angles" | "image_raw" | "world_raw";
export type Dtype = "f32" | "f16";
export type StreamState = "live" | "lost" | "ended";
export declare const FIELDS: readonly Field[];
/** One stream of a server: size in pixels after rotation, nominal frames a second (0: unknown). */
export interface StreamInfo {
    id: string;
    width: number;
    height: number;
    fps: number;
    engine: string;
    model: string;
    people: number;
    smoothing: string;
    state: StreamState;
    mirror: boolean;
    /** Whether the server shows what the camera sees, at /preview/ID. */
    preview: boolean;
    /** Whose stream it is, "" where that is the server itself. */
    node: string;
    /** By how much `t_us` of its frames may be off on the server's clock, microseconds; null where it is that clock. */
    clock_error_us: number | null;
}
export interface Skeleton {
    landmarks: string[];
    edges: [number, number][];
}
/** The humanoid that `bones` turns: names, each parent's index (-1: none), offsets from the parent at rest in metres. */
export interface Bones {
    names: string[];
    parents: number[];
    rest: [number, number, number][];
}
/** The server's first message; `streams` are those of this moment. `now_us` is its clock, the clock of every `_us` it sends. */
export interface Hello {
    type: "hello";
    version: number;
    server: string;
    now_us: number;
    streams: StreamInfo[];
    skeleton: Skeleton;
    /** null where the server solves none. */
    bones: Bones | null;
    angles: string[];
}
export interface Subscribed {
    type: "subscribed";
    id: number;
    stream: string;
    fields: Field[];
    /** Indices into hello's landmarks, in the order of the rows of `image` and `world`. */
    landmarks: number[];
    dtype: Dtype;
}
/**
 * One person in a frame; arrays that weren't subscribed to are null. Arrays are flat, row after row.
 * image: x, y, z, visibility a landmark; x and y in [0, 1] of the picture from its top left, y down.
 * world: x, y, z, visibility a landmark; metres, origin midway between the hips, +X the image's right, +Y up, +Z toward the camera.
 * bones: x, y, z, w a bone, local to the parent, identity in the T-pose facing +Z. root: the hips in metres from the camera.
 * rest: x, y, z a bone, this person's own offsets in metres. angles: degrees, NaN where one can't be told.
 * image_raw, world_raw: as image and world, before smoothing.
 */
export interface Pose {
    id: number;
    score: number;
    image: Float32Array | null;
    world: Float32Array | null;
    image_raw: Float32Array | null;
    world_raw: Float32Array | null;
    bones: Float32Array | null;
    root: Float32Array | null;
    /** Indices of bones that aren't seen. */
    held: number[];
    /** Whether the left and the right foot stand on the floor. */
    contact: [boolean, boolean];
    /** Height of the floor in the axes of `root`, null where unknown. */
    floor: number | null;
    rest: Float32Array | null;
    angles: Float32Array | null;
}
/** Everyone in one picture. t_us: capture. sent_us: when the server encoded it. size: of the picture, pixels. */
export interface Frame {
    type: "frame";
    id: number;
    stream: string;
    seq: number;
    t_us: number;
    sent_us: number;
    size: [number, number];
    poses: Pose[];
}
export interface Time {
    type: "time";
    t0_us: number;
    t1_us: number | null;
    t2_us: number | null;
}
/** A stream's state, and its description where that changed or the stream is new. gone: the server offers it no more. */
export interface Status {
    type: "status";
    stream: string;
    state: StreamState;
    detail: string;
    t_us: number;
    info: StreamInfo | null;
    gone: boolean;
}
/** Frames of a subscription that this connection was too slow to take, in all. */
export interface Dropped {
    type: "dropped";
    id: number;
    stream: string;
    total: number;
}
/** Something this client sent was refused; id: of the subscription it is about. */
export interface Refusal {
    type: "error";
    code: string;
    message: string;
    id: number | null;
}
export type ServerMessage = Hello | Subscribed | Frame | Time | Status | Dropped | Refusal;
/** What a client asks for; what is left out has the default of SPEC.md. */
export interface Subscribe {
    stream?: string;
    fields?: Field[];
    landmarks?: string | (string | number)[] | null;
    max_fps?: number | null;
    dtype?: Dtype;
}
