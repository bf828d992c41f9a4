// The pictures as thumbnails in a row, where there are several.

import type { Language } from "../shared/language";
import type { Picture } from "./picture";
import type { Key } from "./words";

export class Strip {
  onchoose: (picture: Picture) => void = () => {};
  private readonly buttons = new Map<Picture, HTMLButtonElement>();

  constructor(private readonly list: HTMLElement, private readonly language: Language<Key>) {}

  show(pictures: Picture[], chosen: Picture | null): void {
    this.list.hidden = pictures.length < 2;
    for (const [picture, button] of this.buttons) {
      if (pictures.includes(picture)) continue;
      button.parentElement?.remove();
      this.buttons.delete(picture);
    }
    for (const picture of pictures) this.write(picture, this.buttons.get(picture) ?? this.add(picture), picture === chosen);
  }

  private add(picture: Picture): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.title = picture.name;
    button.addEventListener("click", () => this.onchoose(picture));
    const item = document.createElement("li");
    item.append(button);
    this.list.append(item);
    this.buttons.set(picture, button);
    return button;
  }

  private write(picture: Picture, button: HTMLButtonElement, isChosen: boolean): void {
    if (picture.thumbnail && !picture.thumbnail.parentElement) button.replaceChildren(picture.thumbnail);
    button.dataset.state = picture.state;
    button.setAttribute("aria-label", `${picture.name}: ${this.stateOf(picture)}`);
    if (isChosen && button.getAttribute("aria-current") !== "true") button.scrollIntoView({ block: "nearest", inline: "nearest" });
    button.setAttribute("aria-current", String(isChosen));
  }

  private stateOf({ state, answer, fault }: Picture): string {
    if (state === "found" && answer && answer.people.length > 1) return this.language.say("found", { count: answer.people.length });
    const keys = { waiting: "waiting", asking: "asking", busy: "busyNow", found: "foundOne", nobody: "nobody" } as const;
    return this.language.say(state === "failed" ? fault!.key : keys[state]);
  }
}
