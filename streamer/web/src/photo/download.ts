// What was found, as files.

import type { Picture } from "./picture";

const COLUMNS = ["picture", "person", "score", "id", "name", "x", "y", "z", "visibility", "world_x", "world_y", "world_z"];

// A row for each picture, person and landmark: x, y and z as in the picture, world_* in metres.
export function csvOf(pictures: Picture[]): string {
  const rows = pictures.flatMap((picture) => (picture.answer?.people ?? []).flatMap(({ id: person, score, keypoints, world }) =>
    keypoints.map(({ id, name, x, y, z, visibility }, i) =>
      [quoted(picture.name), person, score, id, name, x, y, z, visibility, world[i].x, world[i].y, world[i].z])));
  return [COLUMNS, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

// The answers to several pictures, or why there is none.
export function jsonOf(pictures: Picture[]): string {
  return JSON.stringify(pictures.map(({ name, answer, fault }) => ({ name, ...(answer ?? { error: fault?.detail || fault?.key }) })));
}

// The picture's own name with another ending.
export function nameOf(picture: Picture, ending: string): string {
  return picture.name.replace(/\.[^.]*$/, "") + ending;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
