// What both views share: which side a landmark is on, how strongly it shows, colours of the theme, sharp canvases.

export const HEAD = 11; // landmarks 0 to 10 are the face
const FACE_SHOWN = new Set([0, 2, 5, 7, 8]);

// Of BlazePose's names the side is part; -1 left, 1 right, 0 the middle.
export function sidesOf(names) {
  return names.map((name) => (name.startsWith("left") || name.endsWith("left") ? -1 : name.includes("right") ? 1 : 0));
}

export function sideOf(sides, a, b) {
  return sides[a] === sides[b] ? sides[a] : 0;
}

export function isDrawn(index) {
  return index >= HEAD || FACE_SHOWN.has(index);
}

// Half seen is half there.
export function opacity(visibility) {
  return 0.15 + 0.85 * Math.min(1, Math.max(0, visibility));
}

export function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    side: { "-1": read("--left"), 0: read("--mid"), 1: read("--right") },
    grid: read("--grid"), text: read("--text"), muted: read("--muted"), panel: read("--panel"), line: read("--line"),
    stage: read("--stage"),
  };
}

// Fit the canvas to its box in device pixels; returns the context, scaled so that one unit is one CSS pixel.
export function prepare(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineCap = "round";
  context.lineJoin = "round";
  return { context, width, height };
}

export function segment(context, x0, y0, x1, y1, thickness, colour, alpha) {
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

export function disc(context, x, y, radius, colour, alpha) {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
