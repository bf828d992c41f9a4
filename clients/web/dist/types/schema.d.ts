import { type Dtype, type ServerMessage, type StreamInfo } from "./messages.js";
import { type RawMap, Reader } from "./reader.js";
/** `dtypes`: of the frames by subscription id, f32 where it isn't told. */
export declare function fromMap(data: RawMap, dtypes: ReadonlyMap<number, Dtype>): ServerMessage;
export declare function streamInfo(reader: Reader): StreamInfo;
