// One person in figures: joint angles, and the landmarks row by row. A row that is hovered or focused marks its point.

import { rowsOf } from "../live/angles";

export class Figures {
  constructor(landmarkRows, angleRows, language) {
    this.landmarkRows = landmarkRows;
    this.angleRows = angleRows;
    this.language = language;
    this.onmark = () => {}; // (id of a landmark or null)
    landmarkRows.addEventListener("pointermove", (event) => this.onmark(idOf(event)));
    landmarkRows.addEventListener("pointerleave", () => this.onmark(this.focused));
    landmarkRows.addEventListener("focusin", (event) => this.onmark(idOf(event)));
    landmarkRows.addEventListener("focusout", () => this.onmark(null));
    landmarkRows.addEventListener("keydown", (event) => this.step(event));
  }

  get focused() {
    const row = document.activeElement;
    return row?.parentElement === this.landmarkRows ? Number(row.dataset.id) : null;
  }

  show({ keypoints, angles }) {
    this.landmarkRows.replaceChildren(...keypoints.map((point, i) => this.landmark(point, i === 0)));
    const names = Object.keys(angles);
    const degrees = names.map((name) => (angles[name] === null ? "–" : `${angles[name].toFixed(1).replace("-", "−")}°`));
    this.angleRows.replaceChildren(...rowsOf(names).map((row) => this.angle(row, degrees)));
  }

  mark(id) {
    for (const row of this.landmarkRows.children) row.classList.toggle("marked", Number(row.dataset.id) === id);
  }

  landmark({ id, name, x, y, z, visibility }, isFirst) {
    const row = document.createElement("tr");
    row.dataset.id = id;
    row.tabIndex = isFirst ? 0 : -1; // one stop of the Tab key; the arrow keys go from row to row
    row.append(cell("td", id), this.named(name), ...[x, y, z, visibility].map((value) => cell("td", value.toFixed(3))));
    return row;
  }

  // Left and right; of the trunk and the neck there is one of each.
  angle({ name, columns, paired }, degrees) {
    const row = document.createElement("tr");
    const cells = paired ? columns.map((index) => cell("td", degrees[index])) : [cell("td", degrees[columns[0]])];
    cells[0].colSpan = paired ? 1 : 2;
    row.append(this.named(name), ...cells);
    return row;
  }

  // The name that programs use, and beside it what it means where the language has a word.
  named(name) {
    const head = cell("th", name);
    head.scope = "row";
    const label = this.language.label(name);
    if (label) head.append(" ", Object.assign(document.createElement("span"), { textContent: label }));
    return head;
  }

  step(event) {
    const rows = [...this.landmarkRows.children];
    const now = rows.indexOf(event.target);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (now < 0 || to === undefined) return;
    event.preventDefault();
    if (!rows[to]) return;
    rows[now].tabIndex = -1;
    rows[to].tabIndex = 0;
    rows[to].focus();
  }
}

function idOf(event) {
  const row = event.target.closest("tr");
  return row ? Number(row.dataset.id) : null;
}

function cell(kind, text) {
  return Object.assign(document.createElement(kind), { textContent: text });
}
