// A recording to a file for another program: which format, how many frames a second, and it is downloaded.

import { say } from "../live/words";
import { listenForClosing } from "../shared/dialog";
import { byId } from "../shared/dom";
import { save } from "../shared/save";
import { type Entry, Refused, type Service } from "./service";
import { type Part, partOf } from "./trim";

const FORMATS = ["bvh", "gltf", "vrma", "trc", "c3d", "csv", "npz", "openpose-json"] as const;
const RATES = ["source", "24", "25", "30", "50", "60"] as const; // any other over HTTP
const FILTERS = ["live", "offline"] as const; // there are more over HTTP

export class ExportDialog {
  private readonly dialog = byId("export", HTMLDialogElement);
  private readonly format = byId("export-format", HTMLSelectElement);
  private readonly rate = byId("export-rate", HTMLSelectElement);
  private readonly filter = byId("export-filter", HTMLSelectElement);
  private readonly button = byId("export-make", HTMLButtonElement);
  private entry: Entry | null = null;
  private part: Part | null = null;
  private busy = false;

  constructor(private readonly service: Service) {
    listenForClosing(this.dialog);
    byId("export-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.make();
    });
    this.rename();
  }

  /** part: null for all of it. */
  open(entry: Entry, part: Part | null): void {
    this.entry = entry;
    this.part = part;
    byId("export-name").textContent = entry.name;
    byId("export-fault").textContent = "";
    this.tellPart();
    this.dialog.showModal();
  }

  rename(): void {
    fill(this.format, FORMATS.map((name) => [name, say(`to_${name}`)]));
    fill(this.rate, RATES.map((name) => [name, name === "source" ? say("asCaptured") : say("perSecond", { fps: name })]));
    fill(this.filter, FILTERS.map((name) => [name, say(`filter_${name}`)]));
    this.tellPart();
    this.button.textContent = say(this.busy ? "exporting" : "exportAndDownload");
  }

  private tellPart(): void {
    const { part } = this;
    byId("export-part").textContent = part ? say("exportPart", { part: partOf(part) }) : "";
  }

  private async make(): Promise<void> {
    const { entry, part } = this;
    if (!entry || this.busy) return;
    byId("export-fault").textContent = "";
    this.setBusy(true);
    try {
      const wish: Record<string, string> = { to: this.format.value, fps: this.rate.value, filter: this.filter.value };
      if (part) wish.start_s = part.startS.toFixed(3);
      if (part && part.endS < entry.duration_s - 0.001) wish.end_s = part.endS.toFixed(3); // else up to the last frame
      save(...(await this.service.export(entry.name, wish)));
      if (this.entry === entry) this.dialog.close();
    } catch (error) {
      byId("export-fault").textContent = error instanceof Refused ? error.message || say("unreachable") : String(error);
    }
    this.setBusy(false);
  }

  private setBusy(busy: boolean): void {
    this.busy = this.button.disabled = busy;
    this.rename();
  }
}

function fill(select: HTMLSelectElement, options: string[][]): void {
  const { value } = select;
  select.replaceChildren(...options.map(([name, text]) => new Option(text, name)));
  select.value = value || options[0][0];
}
