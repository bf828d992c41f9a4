// What the camera sees, where the server shows it: one small picture at a time, each with the frame estimated from it.

import type { Frame } from "posewire";
import type { Feed } from "./feed";

const KEPT_AS = "posewire.preview";
const FRAMES = 64; // the last ones, to find a picture's own
const RETRY_MS = 1000;

export interface Shot {
  bitmap: ImageBitmap;
  frame: Frame;
}

export class Preview {
  private readonly ring: Frame[] = [];
  private shot: Shot | null = null;
  private asking = false;
  private stream: string | null = null;
  private afterUs = 0;

  // toggle: the button that shows and hides it.
  constructor(private readonly feed: Feed, private readonly toggle: HTMLButtonElement) {
    this.show(read() !== "off");
    toggle.addEventListener("click", () => {
      this.show(!this.isOn);
      keep(this.isOn ? "on" : "off");
    });
  }

  /** A frame came. */
  take(frame: Frame): void {
    this.ring.push(frame);
    if (this.ring.length > FRAMES) this.ring.shift();
    void this.ask();
  }

  /** Whether the server shows its pictures: only then is there something to switch on. */
  offer(isAllowed: boolean): void {
    this.toggle.hidden = !isAllowed;
    if (!isAllowed) this.clear();
  }

  /** The picture with its own frame, null where nothing is to be shown. */
  get newest(): Shot | null {
    return this.isOn && this.shot?.frame.stream === this.feed.id ? this.shot : null;
  }

  private get isOn(): boolean {
    return !this.toggle.hidden && this.toggle.getAttribute("aria-pressed") === "true";
  }

  private show(on: boolean): void {
    this.toggle.setAttribute("aria-pressed", String(on));
    if (!on) this.clear();
  }

  private clear(): void {
    this.shot?.bitmap.close();
    this.shot = null;
  }

  // One question at a time: a slow network gets fewer pictures, never older ones.
  private async ask(): Promise<void> {
    const { id, client } = this.feed;
    if (this.asking || !this.isOn || id === null || document.hidden) return;
    if (id !== this.stream) [this.stream, this.afterUs] = [id, 0];
    this.asking = true;
    try {
      const headers: HeadersInit = client.token ? { authorization: `Bearer ${client.token}` } : {};
      const answer = await fetch(`/preview/${id}?after=${this.afterUs}`, { headers });
      if (!answer.ok) throw new Error(answer.statusText);
      if (answer.status === 200) {
        this.afterUs = Number(answer.headers.get("posewire-t-us"));
        const bitmap = await createImageBitmap(await answer.blob());
        const frame = this.ring.find(({ t_us, stream }) => t_us === this.afterUs && stream === id);
        if (!frame || !this.isOn) bitmap.close(); // a frame that this page was too slow for
        else {
          this.clear();
          this.shot = { bitmap, frame };
        }
      }
    } catch {
      await new Promise((done) => setTimeout(done, RETRY_MS));
    } finally {
      this.asking = false;
    }
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

function keep(value: string): void {
  try {
    localStorage.setItem(KEPT_AS, value);
  } catch {
    // Where the browser keeps nothing the choice lasts as long as the page.
  }
}
