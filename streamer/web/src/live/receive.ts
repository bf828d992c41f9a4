// "Receive this stream": builds a subscription, shows how to ask for it, and measures it with one of its own.

import type { Field, Subscription } from "posewire";
import { byId } from "../shared/dom";
import { listenForClosing } from "../shared/dialog";
import type { Feed } from "./feed";
import { addressOf, FIELDS, pythonOf, terminalOf, webOf, type Wish } from "./snippets";
import { Traffic } from "./traffic";
import { say } from "./words";

const MEASURE_MS = 250;
const STALE_MS = 3000;
const RATES = [60, 30, 15, 10, 5, 1];
const PRESETS = ["all", "face", "no_face", "upper_body", "lower_body", "coco17"] as const;
const SOLVED: readonly Field[] = ["bones", "rest"];
const PROGRAMS = {
  python: { make: pythonOf, hint: "pythonHint" }, web: { make: webOf, hint: "webHint" }, terminal: { make: terminalOf, hint: "terminalHint" },
} as const;
type Program = keyof typeof PROGRAMS;

export class Receive {
  private readonly dialog = byId("receive", HTMLDialogElement);
  private readonly form = byId("receive-form", HTMLFormElement);
  private readonly tabs = [...byId("programs").querySelectorAll<HTMLButtonElement>("[role=tab]")];
  private readonly traffic = new Traffic();
  private subscription: Subscription | null = null;
  private bytes = 0; // of the subscription when it was counted last
  private timer = 0;
  private program: Program = "python";

  constructor(private readonly feed: Feed) {
    listenForClosing(this.dialog);
    byId("choose").addEventListener("click", () => this.open());
    this.dialog.addEventListener("close", () => this.stop());
    this.form.addEventListener("change", () => this.ask());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.tabs.forEach((tab, i) => {
      tab.addEventListener("click", () => this.show(i));
      tab.addEventListener("keydown", ({ key }) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
        if (step) this.show((i + step + this.tabs.length) % this.tabs.length, true);
      });
    });
  }

  private open(): void {
    if (!byId("preset").children.length) this.build();
    this.dialog.showModal();
    this.offer();
    this.ask();
    this.timer = window.setInterval(() => this.measure(), MEASURE_MS);
  }

  private stop(): void {
    clearInterval(this.timer);
    this.subscription?.end();
    this.subscription = null;
  }

  private build(): void {
    const fields = FIELDS.map((field) => {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "fields", value: field, checked: field === "world" });
      const [name, meaning] = [document.createElement("code"), document.createElement("span")];
      name.textContent = field;
      meaning.dataset.t = `field_${field}`;
      meaning.textContent = say(`field_${field}`);
      label.append(box, name, meaning);
      return label;
    });
    byId("fields").append(...fields);
    const option = (value: string, text: string, key?: string) => {
      const made = new Option(text, value);
      if (key) made.dataset.t = key;
      return made;
    };
    byId("preset").append(...PRESETS.map((name) => option(name === "all" ? "" : name, say(`preset_${name}`), `preset_${name}`)));
    byId("max-fps").append(option("", say("everyFrame"), "everyFrame"), ...RATES.map((fps) => option(String(fps), say("perSecond", { fps }))));
    byId("dtype").append(...(["f32", "f16"] as const).map((dtype) => option(dtype, say(`dtype_${dtype}`), `dtype_${dtype}`)));
  }

  // Only what the server solves can be chosen.
  private offer(): void {
    const { hello } = this.feed;
    for (const box of this.form.querySelectorAll<HTMLInputElement>("[name=fields]")) {
      const field = box.value as Field;
      box.disabled = (SOLVED.includes(field) && !hello?.bones) || (field === "angles" && !hello?.angles.length);
      if (box.disabled) box.checked = false;
    }
  }

  private get wish(): Wish {
    const chosen = new FormData(this.form);
    const rate = Number(chosen.get("max_fps"));
    return {
      stream: this.feed.id ?? "*", fields: chosen.getAll("fields") as Field[], landmarks: String(chosen.get("landmarks")) || null,
      max_fps: rate || null, dtype: chosen.get("dtype") === "f16" ? "f16" : "f32",
    };
  }

  private ask(): void {
    this.traffic.reset();
    const { wish } = this;
    if (!wish.fields.length) {
      this.subscription?.end();
      this.subscription = null;
    } else if (this.subscription) this.subscription.change(wish);
    else this.subscribe(wish);
    this.write();
    this.measure();
  }

  private subscribe(wish: Wish): void {
    const subscription = this.feed.client.subscribe(wish);
    this.subscription = subscription;
    this.bytes = 0;
    subscription.onframe = () => {
      this.traffic.count(subscription.frameMs, subscription.bytes - this.bytes);
      this.bytes = subscription.bytes;
    };
  }

  // After a change of language, of the stream or of the address too.
  write(): void {
    if (!this.dialog.open) return;
    const { wish } = this;
    const server = this.feed.client.address;
    const isPossible = wish.fields.length > 0;
    byId("receive-lead").textContent = say("receiveLead", { stream: wish.stream });
    for (const option of byId("max-fps", HTMLSelectElement).options) {
      if (option.value) option.textContent = say("perSecond", { fps: option.value });
    }
    byId("wish-address").textContent = isPossible ? addressOf(server, wish) : "";
    const { make, hint } = PROGRAMS[this.program];
    byId("program").textContent = isPossible ? make(server, wish) : "";
    byId("program-hint").textContent = say(hint);
    for (const id of ["copy-wish", "copy-program"]) byId(id, HTMLButtonElement).disabled = !isPossible;
  }

  private show(index: number, byKey = false): void {
    this.tabs.forEach((tab, i) => {
      tab.ariaSelected = String(i === index);
      tab.tabIndex = i === index ? 0 : -1;
    });
    const tab = this.tabs[index];
    if (byKey) tab.focus();
    this.program = tab.dataset.program as Program;
    byId("program-panel").setAttribute("aria-labelledby", tab.id);
    this.write();
  }

  private measure(): void {
    const { subscription } = this;
    if (subscription && subscription.wish.stream !== this.feed.id) this.ask(); // another stream, or a new server's
    const isStale = !subscription || performance.now() - subscription.frameMs > Math.max(STALE_MS, 3000 / (subscription.wish.max_fps ?? 30));
    const measured = isStale ? null : this.traffic.measured;
    const write = (id: string, value: number | undefined, digits: number) => {
      byId(id).textContent = value === undefined ? "–" : value.toFixed(digits);
    };
    write("wish-kbps", measured?.kBps, 1);
    write("wish-bytes", measured?.bytesPerFrame, 0);
    write("wish-fps", measured?.fps, 1);
    byId("receive-fault").textContent = subscription ? (subscription.refusal?.message ?? "") : say("chooseField");
  }
}
