// Sharp canvases, and the theme's colours in shades that fade into the background.

export const SHADES = 16;
const PAIRS = 4;

// Opaque shades instead of transparency: limbs that overlap don't darken each other.
function shades(colour: string, background: string): string[] {
  const [from, to] = [background, colour].map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  return Array.from({ length: SHADES }, (_, shade) => {
    const share = shade / (SHADES - 1);
    return `rgb(${from.map((value, i) => Math.round(value + share * (to[i] - value))).join(" ")})`;
  });
}

// From style.css. `people`: for each pair of colours [left, right, middle], each a list of shades; `pairs`: left and
// right as they are.
export type Theme = ReturnType<typeof readTheme>;

export function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  const stage = read("--stage");
  const shadesOf = (name: string) => shades(read(name), stage);
  const mid = shadesOf("--mid");
  const font = getComputedStyle(document.body).fontFamily;
  return {
    people: Array.from({ length: PAIRS }, (_, i) => [shadesOf(`--left-${i}`), shadesOf(`--right-${i}`), mid]),
    pairs: Array.from({ length: PAIRS }, (_, i) => [read(`--left-${i}`), read(`--right-${i}`)]),
    mid: read("--mid"), skin: read("--skin"), gridLine: read("--grid"),
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    axes: [shadesOf("--axis-x"), shadesOf("--axis-y"), shadesOf("--axis-z")],
    grid: shadesOf("--grid"), shadow: read("--shadow"), text: read("--text"), muted: read("--muted"), stage,
    frame: read("--frame"), line: read("--line"), edge: read("--edge"), accent: read("--accent"), font,
  };
}

export function pairOf(theme: Theme, slot: number): string[][] {
  return theme.people[Math.max(0, slot) % PAIRS];
}

// `share` in [0, 1] as the index of a shade; low ones are kept visible.
export function shade(share: number): number {
  return Math.round((0.16 + 0.84 * Math.min(1, Math.max(0, share))) * (SHADES - 1));
}

// A canvas whose context's unit is one CSS pixel, at the display's full resolution. Sizes come from an observer, so that
// drawing never asks the layout.
export class Surface {
  readonly context: CanvasRenderingContext2D;
  width = 0;
  height = 0;

  constructor(readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser draws no 2D canvas");
    this.context = context;
    new ResizeObserver(([entry]) => this.resize(entry.contentRect)).observe(canvas);
  }

  resize({ width, height }: { width: number; height: number }): void {
    this.width = width;
    this.height = height;
  }

  get ratio(): number {
    return window.devicePixelRatio || 1;
  }

  // Whether the canvas has the resolution that it should have.
  get fits(): boolean {
    const { canvas, ratio } = this;
    return canvas.width === Math.round(this.width * ratio) && canvas.height === Math.round(this.height * ratio);
  }

  begin(): CanvasRenderingContext2D {
    const { canvas, context, ratio } = this;
    if (!this.fits) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.lineCap = context.lineJoin = "round";
    return context;
  }
}

export function segment(
  context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number, thickness: number, colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

export function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

export function ring(
  context: CanvasRenderingContext2D, x: number, y: number, radius: number, thickness: number, colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

export function label(context: CanvasRenderingContext2D, text: string, x: number, y: number, theme: Theme): void {
  context.font = `600 12px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.lineWidth = 4;
  context.strokeStyle = theme.stage;
  context.strokeText(text, x, y);
  context.fillStyle = theme.text;
  context.fillText(text, x, y);
}
