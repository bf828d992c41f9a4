// The limits of the wire, as SPEC.md lists them.

export const MAX_BYTES = 1_048_576; // of a message
export const MAX_DEPTH = 8; // of maps and arrays in each other; the message is 1
export const MAX_ID = 2 ** 31 - 1;
export const MAX_TIME_US = 2 ** 63 - 1;
export const MAX_POSE_ID = 2 ** 53 - 1;
export const MAX_NAME_LENGTH = 64;
export const MAX_TEXT_LENGTH = 1024;
export const MAX_ITEMS = 1024; // landmarks and edges of a skeleton
export const MAX_FIELDS = 16;
export const MAX_SIDE = 65_535; // of a picture, pixels
export const MAX_PEOPLE = 8;
export const MAX_STREAMS = 64;
export const MAX_BONES = 64;
export const MAX_ANGLES = 64;
export const LANDMARKS = 33;
export const MAX_FLOOR_M = 1e6;
