// The avatar's stage in the page: opened where the browser can, dressed with the user's file, and what it says of that.

const FORMATS = /\.(vrm|glb)$/i;

export class Wardrobe {
  // section: the stage's element. camera: the eye that it shares with the space view.
  constructor(section, camera) {
    this.section = section;
    this.camera = camera;
    this.find = (selector) => section.querySelector(selector);
    this.stage = null;
    this.bones = null;
    this.name = "";
    this.find("#wear").addEventListener("click", () => this.find("#vrm").click());
    this.find("#vrm").addEventListener("change", ({ target }) => {
      if (target.files.length) this.wear(target.files[0]);
      target.value = ""; // the same file again is a change too
    });
    this.find("#take-off").addEventListener("click", () => this.takeOff());
    this.acceptDrops();
  }

  // A file may be dropped anywhere on the page; elsewhere than on a stage a browser would open it instead.
  acceptDrops() {
    let inside = 0;
    const mark = (on) => this.section.classList.toggle("dropping", on);
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragenter", (event) => hasFiles(event) && mark(++inside > 0));
    addEventListener("dragleave", (event) => hasFiles(event) && mark(--inside > 0));
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      inside = 0;
      mark(false);
      if (event.dataTransfer.files.length) this.wear(event.dataTransfer.files[0]);
    });
  }

  // After a new hello: its bones, null where the server solves none.
  async meet(bones) {
    this.bones = bones;
    this.section.hidden = !bones;
    if (!bones || this.opening) return;
    this.opening = true;
    try {
      const { AvatarStage } = await import("./stage");
      this.camera.listen(this.find("#view-avatar"));
      this.stage = new AvatarStage(this.find("#view-avatar"), this.camera);
      this.say("");
    } catch (error) {
      this.find(".tools").hidden = true;
      this.say(`No avatar here: ${error.message}.`);
    }
  }

  async wear(file) {
    if (!this.stage) return;
    this.say(`Reading ${file.name}…`);
    try {
      if (!FORMATS.test(file.name)) throw new Error(`${file.name} is no .vrm file.`);
      await this.stage.wear(file, this.bones);
      this.name = file.name;
      this.find("#take-off").hidden = false;
      this.say(`${file.name}, in this page only.`);
    } catch (error) {
      this.say(error.message, true);
    }
  }

  takeOff() {
    this.stage.takeOff();
    this.name = "";
    this.find("#take-off").hidden = true;
    this.say("");
  }

  say(text, isFault = false) {
    const hint = this.find("#avatar-hint");
    hint.textContent = text || "Drop a .vrm file to wear it. It stays in this page.";
    hint.classList.toggle("fault", isFault);
  }

  draw(frame, slots, theme, nowMs) {
    this.stage?.draw(frame, this.bones, slots, theme, nowMs);
  }

  // For window.posewire: the avatar of the first person.
  get shown() {
    const frame = this.stage?.frame;
    const joints = frame?.poses.length ? this.stage.jointsOf(frame.poses[0].id) : null;
    return joints && { name: this.name, seq: frame.seq, joints };
  }
}
