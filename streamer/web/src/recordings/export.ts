// A recording to a file for another program: which format, how many frames a second, and it is downloaded.

import { say } from "../live/words";
import { listenForClosing } from "../shared/dialog";
import { byId } from "../shared/dom";
import { save } from "../shared/save";
import { type Entry, Refused, type Service } from "./service";

const FORMATS = ["bvh", "gltf", "vrma", "trc", "c3d", "csv", "npz", "openpose-json"] as const;
const RATES = ["source", "30", "60"] as const;
const FILTERS = ["live", "offline"] as const; // there are more over HTTP

export class ExportDialog {
  private readonly dialog = byId("export", HTMLDialogElement);
  private readonly format = byId("export-format", HTMLSelectElement);
  private readonly rate = byId("export-rate", HTMLSelectElement);
  private readonly filter = byId("export-filter", HTMLSelectElement);
  private readonly button = byId("export-make", HTMLButtonElement);
  private entry: Entry | null = null;
  private busy = false;

  constructor(private readonly service: Service) {
    listenForClosing(this.dialog);
    byId("export-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.make();
    });
    this.rename();
  }

  open(entry: Entry): void {
    this.entry = entry;
    byId("export-name").textContent = entry.name;
    byId("export-fault").textContent = "";
    this.dialog.showModal();
  }

  rename(): void {
    fill(this.format, FORMATS.map((name) => [name, say(`to_${name}`)]));
    fill(this.rate, RATES.map((name) => [name, name === "source" ? say("asCaptured") : say("perSecond", { fps: name })]));
    fill(this.filter, FILTERS.map((name) => [name, say(`filter_${name}`)]));
    this.button.textContent = say(this.busy ? "exporting" : "exportAndDownload");
  }

  private async make(): Promise<void> {
    const { entry } = this;
    if (!entry || this.busy) return;
    byId("export-fault").textContent = "";
    this.setBusy(true);
    try {
      save(...(await this.service.export(entry.name, this.format.value, this.rate.value, this.filter.value)));
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
