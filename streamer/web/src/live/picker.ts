// Which stream is shown: those of the server, by node where there are several of a node.

import { byId } from "../shared/dom";
import type { Feed } from "./feed";
import { say } from "./words";

export class Picker {
  private readonly select = byId("stream", HTMLSelectElement);
  private shown = "";

  constructor(private readonly feed: Feed, onchoice: () => void) {
    this.select.addEventListener("change", () => {
      feed.choose(this.select.value);
      onchoice();
    });
  }

  /** To be called after every change; what is open is disturbed only by one of the list. */
  show(): void {
    const { id, isGone, isRelay, hello } = this.feed;
    const streams = hello?.streams ?? [];
    const nodes = new Map<string, string[]>();
    for (const stream of streams) nodes.set(stream.node, [...(nodes.get(stream.node) ?? []), stream.id]);
    const sorted = [...nodes].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
    const gone = isGone && id !== null ? [id, say("goneChoice", { stream: id })] : null;
    const now = JSON.stringify([sorted, gone]);
    if (now !== this.shown) {
      this.shown = now;
      const isGrouped = nodes.size > 1 && sorted.some(([, ids]) => ids.length > 1);
      this.select.replaceChildren(
        ...(gone ? [new Option(gone[1], gone[0])] : []),
        ...sorted.flatMap(([node, ids]) => {
          const options = ids.map((stream) => new Option(stream));
          if (!isGrouped || !node) return options;
          const group = Object.assign(document.createElement("optgroup"), { label: node });
          group.append(...options);
          return [group];
        }),
      );
      const choices = streams.length + (gone ? 1 : 0);
      byId("picker").hidden = choices < (isRelay ? 1 : 2); // of a relay's streams even the only one says whose it is
    }
    if (id !== null && this.select.value !== id) this.select.value = id;
  }
}
