import type { Dtype, Pose } from "./messages.js";
import type { Reader } from "./reader.js";
export declare function readPose(reader: Reader, dtype: Dtype): Pose;
