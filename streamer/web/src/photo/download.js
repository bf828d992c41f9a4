// What was found, as files.

const COLUMNS = ["picture", "person", "score", "id", "name", "x", "y", "z", "visibility", "world_x", "world_y", "world_z"];

// A row for each person and landmark: x, y and z as in the picture, world_* in metres.
export function csvOf(picture) {
  const rows = picture.answer.people.flatMap(({ id: person, score, keypoints, world }) =>
    keypoints.map(({ id, name, x, y, z, visibility }, i) =>
      [quoted(picture.name), person, score, id, name, x, y, z, visibility, world[i].x, world[i].y, world[i].z]));
  return [COLUMNS, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

// The picture's own name with another ending.
export function nameOf(picture, ending) {
  return picture.name.replace(/\.[^.]*$/, "") + ending;
}

export function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}

function quoted(text) {
  return `"${text.replaceAll('"', '""')}"`;
}
