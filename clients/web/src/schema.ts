// Maps to typed messages: what each needs, and its defaults.

import { ProtocolError } from "./errors.js";
import {
  LANDMARKS, MAX_ANGLES, MAX_BONES, MAX_FIELDS, MAX_ITEMS, MAX_PEOPLE, MAX_SIDE, MAX_STREAMS, MAX_TEXT_LENGTH,
} from "./limits.js";
import {
  type Bones, type Dropped, type Dtype, type Field, FIELDS, type Frame, type Hello, type Refusal, type ServerMessage, type Skeleton,
  type Status, type StreamInfo, type Subscribed, type Time,
} from "./messages.js";
import { readPose } from "./poses.js";
import { type RawMap, Reader, show } from "./reader.js";

const STATES = ["live", "lost", "ended"] as const;

/** `dtypes`: of the frames by subscription id, f32 where it isn't told. */
export function fromMap(data: RawMap, dtypes: ReadonlyMap<number, Dtype>): ServerMessage {
  const kind = new Reader(data, "message").text("type");
  const reader = new Reader(data, kind);
  switch (kind) {
    case "hello": return hello(reader);
    case "subscribed": return subscribed(reader);
    case "frame": return frame(reader, dtypes);
    case "time": return time(reader);
    case "status": return status(reader);
    case "dropped": return dropped(reader);
    case "error": return refusal(reader);
    default: throw new ProtocolError("unknown_type", `unknown message type ${show(kind)}`);
  }
}

function hello(reader: Reader): Hello {
  return {
    type: "hello",
    version: reader.integer("version", 1, 1_000_000),
    server: reader.text("server", MAX_TEXT_LENGTH),
    now_us: reader.integer("now_us"),
    streams: reader.maps("streams", MAX_STREAMS, "stream").map(streamInfo),
    skeleton: skeleton(reader.map("skeleton", "skeleton")),
    bones: reader.has("bones") ? bones(reader.map("bones", "bones")) : null,
    angles: reader.has("angles") ? reader.texts("angles", MAX_ANGLES) : [],
  };
}

function skeleton(reader: Reader): Skeleton {
  const landmarks = reader.texts("landmarks", MAX_ITEMS);
  const isIndex = (value: unknown) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < landmarks.length;
  const edges = reader.items("edges", MAX_ITEMS).map((edge): [number, number] => {
    if (!Array.isArray(edge) || edge.length !== 2 || !edge.every(isIndex)) {
      throw reader.fail("bad_value", `edges holds ${show(edge)}; pairs of indices below ${landmarks.length}`);
    }
    return [edge[0], edge[1]];
  });
  return { landmarks, edges };
}

function bones(reader: Reader): Bones | null {
  const names = reader.texts("names", MAX_BONES);
  const parents = reader.integers("parents", MAX_BONES, -1, MAX_BONES - 1);
  const rest = reader.items("rest", MAX_BONES);
  if (names.length !== parents.length || names.length !== rest.length) {
    throw reader.fail("bad_value", `${names.length} names, ${parents.length} parents, ${rest.length} rest offsets`);
  }
  parents.forEach((parent, index) => {
    if (parent >= index) throw reader.fail("bad_value", `the parent of bone ${index} is ${parent}; it has to come before it`);
  });
  const offsets = rest.map((item): [number, number, number] => {
    if (!Array.isArray(item) || item.length !== 3 || !item.every(Number.isFinite)) {
      throw reader.fail("bad_value", `rest holds ${show(item)}; 3 finite numbers each`);
    }
    return [item[0], item[1], item[2]];
  });
  return names.length ? { names, parents, rest: offsets } : null;
}

export function streamInfo(reader: Reader): StreamInfo {
  return {
    id: reader.text("id"),
    width: reader.integer("width", 0, MAX_SIDE),
    height: reader.integer("height", 0, MAX_SIDE),
    fps: reader.number("fps", 0, 1e6),
    engine: reader.text("engine"),
    model: reader.text("model"),
    people: reader.has("people") ? reader.integer("people", 1, MAX_PEOPLE) : 1,
    smoothing: reader.text("smoothing", undefined, "none"),
    state: reader.choice("state", STATES, "live"),
    mirror: reader.boolean("mirror", false),
    preview: reader.boolean("preview", false),
    node: reader.text("node", undefined, ""),
    clock_error_us: reader.has("clock_error_us") ? reader.integer("clock_error_us") : null,
  };
}

function subscribed(reader: Reader): Subscribed {
  const landmarks = reader.integers("landmarks", LANDMARKS, 0, LANDMARKS - 1);
  if (!landmarks.length || new Set(landmarks).size < landmarks.length) {
    throw reader.fail("bad_value", "landmarks is empty or names a landmark twice");
  }
  return {
    type: "subscribed",
    id: reader.id(),
    stream: reader.text("stream"),
    fields: fields(reader),
    landmarks,
    dtype: reader.choice("dtype", ["f32", "f16"]),
  };
}

function fields(reader: Reader): Field[] {
  const names = reader.texts("fields", MAX_FIELDS).map((name) => {
    const field = FIELDS.find((known) => known === name);
    if (!field) throw reader.fail("unknown_field", `no field ${show(name)}; any of ${FIELDS.join(", ")}`);
    return field;
  });
  if (!names.length || new Set(names).size < names.length) throw reader.fail("bad_value", "fields is empty or names a field twice");
  return names;
}

function frame(reader: Reader, dtypes: ReadonlyMap<number, Dtype>): Frame {
  const id = reader.id();
  const size = reader.integers("size", 2, 0, MAX_SIDE);
  if (size.length !== 2) throw reader.fail("bad_value", "size has to be [width, height]");
  const dtype = dtypes.get(id) ?? "f32";
  return {
    type: "frame",
    id,
    stream: reader.text("stream"),
    seq: reader.integer("seq"),
    t_us: reader.integer("t_us"),
    sent_us: reader.integer("sent_us"),
    size: [size[0], size[1]],
    poses: reader.maps("poses", MAX_PEOPLE, "pose").map((pose) => readPose(pose, dtype)),
  };
}

function time(reader: Reader): Time {
  if (reader.has("t1_us") !== reader.has("t2_us")) throw reader.fail("bad_message", "t1_us and t2_us have to come together");
  return {
    type: "time",
    t0_us: reader.integer("t0_us"),
    t1_us: reader.has("t1_us") ? reader.integer("t1_us") : null,
    t2_us: reader.has("t2_us") ? reader.integer("t2_us") : null,
  };
}

function status(reader: Reader): Status {
  return {
    type: "status",
    stream: reader.text("stream"),
    state: reader.choice("state", STATES),
    detail: reader.text("detail", MAX_TEXT_LENGTH, ""),
    t_us: reader.integer("t_us"),
    info: reader.has("info") ? streamInfo(reader.map("info", "info")) : null,
    gone: reader.boolean("gone", false),
  };
}

function dropped(reader: Reader): Dropped {
  return { type: "dropped", id: reader.id(), stream: reader.text("stream"), total: reader.integer("total") };
}

function refusal(reader: Reader): Refusal {
  return {
    type: "error",
    code: reader.text("code"),
    message: reader.text("message", MAX_TEXT_LENGTH),
    id: reader.has("id") ? reader.id() : null,
  };
}
