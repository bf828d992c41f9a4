// One person in figures: joint angles, and the landmarks row by row. A row that is hovered or focused marks its point.

import { type Row, rowsOf } from "../live/angles";
import type { Language } from "../shared/language";
import type { Keypoint, Person } from "./picture";
import type { Key } from "./words";

export class Figures {
  onmark: (id: number | null) => void = () => {};

  constructor(
    private readonly landmarkRows: HTMLElement, private readonly angleRows: HTMLElement, private readonly language: Language<Key>,
  ) {
    landmarkRows.addEventListener("pointermove", (event) => this.onmark(idOf(event)));
    landmarkRows.addEventListener("pointerleave", () => this.onmark(this.focused));
    landmarkRows.addEventListener("focusin", (event) => this.onmark(idOf(event)));
    landmarkRows.addEventListener("focusout", () => this.onmark(null));
    landmarkRows.addEventListener("keydown", (event) => this.step(event));
  }

  show({ keypoints, angles }: Person): void {
    this.landmarkRows.replaceChildren(...keypoints.map((point, i) => this.landmark(point, i === 0)));
    const names = Object.keys(angles);
    const degrees = names.map((name) => degreesOf(angles[name]));
    this.angleRows.replaceChildren(...rowsOf(names).map((row) => this.angle(row, degrees)));
  }

  mark(id: number | null): void {
    for (const row of this.rows) row.classList.toggle("marked", Number(row.dataset.id) === id);
  }

  private get rows(): HTMLElement[] {
    return [...this.landmarkRows.querySelectorAll("tr")];
  }

  private get focused(): number | null {
    const row = document.activeElement;
    return row instanceof HTMLElement && row.parentElement === this.landmarkRows ? Number(row.dataset.id) : null;
  }

  private landmark({ id, name, x, y, z, visibility }: Keypoint, isFirst: boolean): HTMLElement {
    const row = document.createElement("tr");
    row.dataset.id = String(id);
    row.tabIndex = isFirst ? 0 : -1; // one stop of the Tab key; the arrow keys go from row to row
    row.append(cell("td", String(id)), this.named(name), ...[x, y, z, visibility].map((value) => cell("td", value.toFixed(3))));
    return row;
  }

  // Left and right; of the trunk and the neck there is one of each.
  private angle({ name, columns, paired }: Row, degrees: string[]): HTMLElement {
    const row = document.createElement("tr");
    const cells = paired ? columns.map((index) => cell("td", degrees[index])) : [cell("td", degrees[columns[0]])];
    cells[0].colSpan = paired ? 1 : 2;
    row.append(this.named(name), ...cells);
    return row;
  }

  // The name that programs use, and beside it what it means where the language has a word.
  private named(name: string): HTMLElement {
    const head = cell("th", name);
    head.scope = "row";
    const label = this.language.label(name);
    if (label) head.append(" ", Object.assign(document.createElement("span"), { textContent: label }));
    return head;
  }

  private step(event: KeyboardEvent): void {
    const { rows } = this;
    const now = rows.findIndex((row) => row === event.target);
    const steps: Record<string, number> = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: rows.length - 1 };
    const to = steps[event.key];
    if (now < 0 || to === undefined) return;
    event.preventDefault();
    if (!rows[to]) return;
    rows[now].tabIndex = -1;
    rows[to].tabIndex = 0;
    rows[to].focus();
  }
}

function degreesOf(value: number | null): string {
  return value === null ? "–" : `${value.toFixed(1).replace("-", "−")}°`;
}

function idOf(event: Event): number | null {
  const row = event.target instanceof Element ? event.target.closest("tr") : null;
  return row ? Number(row.dataset.id) : null;
}

function cell(kind: "td" | "th", text: string): HTMLTableCellElement {
  return Object.assign(document.createElement(kind), { textContent: text });
}
