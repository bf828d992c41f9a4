// The words of a page in the language of the reader, who may change it; the choice is kept.
//
// In the page `data-t="key"` stands for an element's text, `data-t-label="key"` for its aria-label.

const KEPT_AS = "posewire.language";

export class Language<Key extends string = string> {
  code: string;
  onchange: () => void = () => {};

  // `words`: {code: {key: text}}; the first is for those who read none of them. In a text {name} stands for a value.
  constructor(private readonly words: Record<string, Record<Key, string>>) {
    this.code = kept(words) ?? preferred(words);
  }

  say(key: Key, values: Record<string, string | number> = {}): string {
    return this.words[this.code][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  }

  // The label of a landmark or an angle, "" where the name itself has to do.
  label(name: string): string {
    const words: Record<string, string | undefined> = this.words[this.code];
    return words[name] ?? "";
  }

  // What the page itself asks for. A key that isn't there is a mistake in the page.
  private inPage(key = ""): string {
    const text = this.label(key);
    if (!text) throw new Error(`no words for ${key}`);
    return text;
  }

  next(): void {
    const codes = Object.keys(this.words);
    this.code = codes[(codes.indexOf(this.code) + 1) % codes.length];
    try {
      localStorage.setItem(KEPT_AS, this.code);
    } catch {
      // Where the browser keeps nothing the choice lasts as long as the page.
    }
    this.apply();
    this.onchange();
  }

  apply(): void {
    document.documentElement.lang = this.code;
    document.title = this.inPage("title");
    for (const place of document.querySelectorAll<HTMLElement>("[data-t]")) place.textContent = this.inPage(place.dataset.t);
    for (const place of document.querySelectorAll<HTMLElement>("[data-t-label]")) {
      place.setAttribute("aria-label", this.inPage(place.dataset.tLabel));
    }
  }
}

function kept(words: object): string | null {
  try {
    const code = localStorage.getItem(KEPT_AS);
    return code !== null && Object.hasOwn(words, code) ? code : null;
  } catch {
    return null;
  }
}

function preferred(words: object): string {
  const codes = Object.keys(words);
  const short = (code: string) => code.split("-")[0];
  for (const wanted of navigator.languages) {
    const found = codes.find((code) => short(code) === short(wanted));
    if (found) return found;
  }
  return codes[0];
}
