// A recording, or a part of it, to a file for another program: which format, how many frames a second, and it is downloaded.

import { say } from "../live/words";
import { listenForClosing } from "../shared/dialog";
import { byId } from "../shared/dom";
import { save } from "../shared/save";
import { type Bounds, spanOf } from "./part";
import { type Entry, Refused, type Service } from "./service";

// Of rates and filters there are more over HTTP.
const FORMATS = ["bvh", "gltf", "vrma", "trc", "c3d", "csv", "npz", "openpose-json"] as const;
const RATES = ["source", "24", "25", "30", "50", "60"] as const;
const FILTERS = ["live", "offline"] as const;

export class ExportDialog {
  private readonly dialog = byId("export", HTMLDialogElement);
  private readonly format = byId("export-format", HTMLSelectElement);
  private readonly rate = byId("export-rate", HTMLSelectElement);
  private readonly filter = byId("export-filter", HTMLSelectElement);
  private readonly button = byId("export-make", HTMLButtonElement);
  private readonly span = byId("export-part", HTMLSelectElement);
  private entry: Entry | null = null;
  private part: Bounds | null = null;
  private work: AbortController | null = null; // in progress

  constructor(private readonly service: Service) {
    listenForClosing(this.dialog);
    this.dialog.addEventListener("close", () => this.work?.abort()); // the server ends what nobody waits for
    byId("export-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.make();
    });
    this.rename();
  }

  /** part: what of it; null for all. */
  open(entry: Entry, part: Bounds | null): void {
    this.entry = entry;
    this.part = part;
    this.span.value = "part";
    this.rename();
    byId("export-name").textContent = entry.name;
    byId("export-fault").textContent = "";
    this.dialog.showModal();
  }

  rename(): void {
    fill(this.format, FORMATS.map((name) => [name, say(`to_${name}`)]));
    fill(this.rate, RATES.map((name) => [name, name === "source" ? say("asCaptured") : say("perSecond", { fps: name })]));
    fill(this.filter, FILTERS.map((name) => [name, say(`filter_${name}`)]));
    byId("export-span").hidden = !this.part;
    fill(this.span, [["part", this.part ? spanOf(this.part) : ""], ["whole", say("wholeRecording")]]);
    this.button.textContent = say(this.work ? "exporting" : "exportAndDownload");
    byId("export-close").textContent = say(this.work ? "cancel" : "close");
  }

  private get wish(): Record<string, string> {
    const wish: Record<string, string> = { to: this.format.value, fps: this.rate.value, filter: this.filter.value };
    if (!this.part || this.span.value === "whole") return wish;
    const { fromS, toS, durationS } = this.part;
    if (fromS > 0) wish.start_s = fromS.toFixed(6);
    if (toS < durationS) wish.end_s = toS.toFixed(6); // else the last frame is in it
    return wish;
  }

  private async make(): Promise<void> {
    const { entry } = this;
    if (!entry || this.work) return;
    const work = new AbortController();
    byId("export-fault").textContent = "";
    this.setWork(work);
    try {
      save(...(await this.service.export(entry.name, this.wish, work.signal)));
      this.setWork(null);
      this.dialog.close();
    } catch (error) {
      this.setWork(null);
      if (!work.signal.aborted) byId("export-fault").textContent = error instanceof Refused ? error.message || say("unreachable") : String(error);
    }
  }

  private setWork(work: AbortController | null): void {
    this.work = work;
    this.button.disabled = work !== null;
    this.rename();
  }
}

function fill(select: HTMLSelectElement, options: string[][]): void {
  const { value } = select;
  select.replaceChildren(...options.map(([name, text]) => new Option(text, name)));
  select.value = value || options[0][0];
}
