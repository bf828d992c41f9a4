// One picture that the user gave: its file, how far it is, and what the server found in it.

const MARKS = [ // the first bytes of JPEG, PNG and WebP, and where they are
  [0, [0xff, 0xd8, 0xff]],
  [0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  [8, [0x57, 0x45, 0x42, 0x50]],
];
const THUMBNAIL_PX = 128;

// What is wrong with a picture or a request: the key of the words for it, and the server's own line where it has one.
export class Fault extends Error {
  constructor(key, detail = "", values = {}) {
    super(key);
    this.key = key;
    this.detail = detail;
    this.values = values;
  }
}

export class Picture {
  constructor(file) {
    this.file = file;
    this.name = file.name;
    this.state = "waiting"; // waiting, asking, busy (the server; it is asked again soon), found, nobody or failed
    this.fault = null; // of failed
    this.text = ""; // the server's answer as it came
    this.answer = null; // the same, read
    this.thumbnail = null; // a canvas
    this.isReadable = false; // whether it can be shown and sent
  }

  // Look at the file before it is sent. Throws Fault.
  async open(maxBytes) {
    if (this.file.size > maxBytes) {
      const values = { mb: megabytes(this.file.size), limit: megabytes(maxBytes) };
      throw new Fault("tooLargeHere", "", values);
    }
    const head = new Uint8Array(await this.file.slice(0, 16).arrayBuffer());
    if (!MARKS.some(([at, mark]) => mark.every((byte, i) => head[at + i] === byte))) throw new Fault("wrongType");
    const bitmap = await this.decode();
    this.thumbnail = thumbnailOf(bitmap);
    bitmap.close();
    this.isReadable = true;
  }

  // The picture, upright as its EXIF data says. Throws Fault.
  async decode() {
    try {
      return await createImageBitmap(this.file, { imageOrientation: "from-image" });
    } catch {
      throw new Fault("broken");
    }
  }

  take(text) {
    this.text = text;
    this.answer = JSON.parse(text);
    this.fault = null;
    this.state = this.answer.people.length ? "found" : "nobody";
  }

  fail(fault) {
    this.answer = null;
    this.fault = fault;
    this.state = "failed";
  }
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1).replace(/\.0$/, "");
}

// The middle of the picture as a square.
function thumbnailOf(bitmap) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = THUMBNAIL_PX;
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, left, top, side, side, 0, 0, THUMBNAIL_PX, THUMBNAIL_PX);
  return canvas;
}
