// The avatar's stage in the page: opened where the browser can, dressed with the user's file, and what it says of that.

import type { Bones, Frame } from "posewire";
import type { Camera } from "../live/camera";
import type { Slots } from "../live/skeleton";
import type { Theme } from "../live/canvas";
import { say } from "../live/words";
import { byId } from "../shared/dom";
import type { Place } from "./avatar";
import type { AvatarStage } from "./stage";

const FORMATS = /\.(vrm|glb)$/i;

export class Wardrobe {
  private stage: AvatarStage | null = null;
  private bones: Bones | null = null;
  private name = "";
  private opening = false;
  private words = () => ""; // of the hint

  // section: the stage's element. camera: the eye that it shares with the space view.
  constructor(private readonly section: HTMLElement, private readonly camera: Camera) {
    const input = byId("vrm", HTMLInputElement);
    byId("wear").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files?.length) void this.wear(input.files[0]);
      input.value = ""; // the same file again is a change too
    });
    byId("take-off").addEventListener("click", () => this.takeOff());
    this.acceptDrops();
  }

  // A file may be dropped anywhere on the page; elsewhere than on a stage a browser would open it instead.
  private acceptDrops(): void {
    let inside = 0;
    const mark = (on: boolean) => this.section.classList.toggle("dropping", on);
    const hasFiles = (event: DragEvent) => Boolean(event.dataTransfer?.types.includes("Files"));
    addEventListener("dragenter", (event) => hasFiles(event) && mark(++inside > 0));
    addEventListener("dragleave", (event) => hasFiles(event) && mark(--inside > 0));
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      inside = 0;
      mark(false);
      if (event.dataTransfer?.files.length) void this.wear(event.dataTransfer.files[0]);
    });
  }

  // After a new hello: its bones, null where the server solves none.
  async meet(bones: Bones | null): Promise<void> {
    this.bones = bones;
    this.section.hidden = !bones;
    if (!bones || this.opening) return;
    this.opening = true;
    try {
      const { AvatarStage } = await import("./stage");
      const canvas = byId("view-avatar", HTMLCanvasElement);
      this.camera.listen(canvas);
      this.stage = new AvatarStage(canvas, this.camera);
      this.hint(() => say("wearHint"));
    } catch (error) {
      byId("avatar-tools").hidden = true;
      this.hint(() => say("noAvatar", { reason: reasonOf(error) }));
    }
  }

  private async wear(file: File): Promise<void> {
    if (!this.stage || !this.bones) return;
    const { name } = file;
    this.hint(() => say("reading", { name }));
    try {
      if (!FORMATS.test(file.name)) throw new Error(say("notVrm", { name }));
      await this.stage.wear(file, this.bones);
      this.name = name;
      byId("take-off").hidden = false;
      this.hint(() => say("worn", { name }));
    } catch (error) {
      this.hint(() => reasonOf(error), true);
    }
  }

  private takeOff(): void {
    this.stage?.takeOff();
    this.name = "";
    byId("take-off").hidden = true;
    this.hint(() => say("wearHint"));
  }

  private hint(words: () => string, isFault = false): void {
    this.words = words;
    byId("avatar-hint").classList.toggle("fault", isFault);
    this.rename();
  }

  /** After a change of language. */
  rename(): void {
    byId("avatar-hint").textContent = this.words();
  }

  draw(frame: Frame | null, slots: Slots, theme: Theme, nowMs: number): void {
    this.stage?.draw(frame, this.bones, slots, theme, nowMs);
  }

  // For window.posewire: the avatar of the first person.
  get shown(): { name: string; seq: number; joints: Record<string, Place> } | null {
    const frame = this.stage?.frame;
    const joints = frame?.poses.length ? this.stage?.jointsOf(frame.poses[0].id) : null;
    return frame && joints ? { name: this.name, seq: frame.seq, joints } : null;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
