// The pictures as thumbnails in a row, where there are several.

export class Strip {
  constructor(list, language) {
    this.list = list;
    this.language = language;
    this.buttons = new Map(); // of each picture
    this.onchoose = () => {}; // (picture)
  }

  show(pictures, chosen) {
    this.list.hidden = pictures.length < 2;
    for (const [picture, button] of this.buttons) {
      if (pictures.includes(picture)) continue;
      button.parentElement.remove();
      this.buttons.delete(picture);
    }
    for (const picture of pictures) {
      if (!this.buttons.has(picture)) this.add(picture);
      this.write(picture, picture === chosen);
    }
  }

  add(picture) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = picture.name;
    button.addEventListener("click", () => this.onchoose(picture));
    const item = document.createElement("li");
    item.append(button);
    this.list.append(item);
    this.buttons.set(picture, button);
  }

  write(picture, isChosen) {
    const button = this.buttons.get(picture);
    if (picture.thumbnail && !picture.thumbnail.parentElement) button.replaceChildren(picture.thumbnail);
    button.dataset.state = picture.state;
    button.setAttribute("aria-label", `${picture.name}: ${this.stateOf(picture)}`);
    if (isChosen && button.getAttribute("aria-current") !== "true") button.scrollIntoView({ block: "nearest", inline: "nearest" });
    button.setAttribute("aria-current", isChosen);
  }

  stateOf({ state, answer, fault }) {
    if (state === "found" && answer.people.length > 1) return this.language.say("found", { count: answer.people.length });
    const keys = { waiting: "waiting", asking: "asking", busy: "busyNow", found: "foundOne", nobody: "nobody" };
    return this.language.say(keys[state] ?? fault.key);
  }
}
