// The button that saves all pictures' results as one file, tells how far that is, and stops it.

import type { Language } from "../shared/language";
import { save } from "../shared/save";
import { archive, MAX_BYTES } from "./archive";
import type { Asker } from "./asker";
import { Fault, type Picture } from "./picture";
import type { Key } from "./words";

export class Saver {
  private pictures: Picture[] = [];
  private working: AbortController | null = null;

  constructor(
    private readonly group: HTMLElement, private readonly button: HTMLButtonElement, private readonly state: HTMLElement,
    private readonly asker: Asker, private readonly language: Language<Key>,
  ) {
    button.addEventListener("click", () => {
      if (this.working) this.working.abort();
      else void this.run();
    });
  }

  show(pictures: Picture[]): void {
    const { language, button, working } = this;
    this.pictures = pictures;
    this.group.hidden = pictures.length < 2 && !working;
    button.textContent = language.say(working ? "stop" : "zip");
    button.setAttribute("aria-label", language.say(working ? "stop" : "zipLabel"));
    const isReady = pictures.every((picture) => picture.isSettled) && pictures.some((picture) => picture.answer);
    button.disabled = !working && !isReady;
  }

  // Of the pictures and options as they are now, whatever is changed while the server draws.
  private async run(): Promise<void> {
    const { language, asker } = this;
    const { options } = asker;
    this.working = new AbortController();
    const { signal } = this.working;
    this.show(this.pictures);
    try {
      const draw = (picture: Picture) => asker.annotated(picture, options, signal);
      const { file, missing } = await archive([...this.pictures], draw, signal, ({ done, total }) =>
        this.say(language.say("drawing", { done, total })));
      save(file, "posewire.zip");
      this.say(missing ? language.say("missing", { count: missing, limit: MAX_BYTES / 1e9 }) : "");
    } catch (error) {
      if (!signal.aborted && !(error instanceof Fault)) throw error;
      this.say(error instanceof Fault ? `${language.say(error.key)}. ${language.say(`${error.key}Detail`, error.values)}` : "");
    } finally {
      this.working = null;
      this.show(this.pictures);
    }
  }

  private say(text: string): void {
    this.state.textContent = text;
  }
}
