// Buttons with `data-copy="ID"` copy the text of the element ID and say so for a moment.

const SAID_MS = 1500;

export function listenForCopies(say: (key: "copy" | "copied") => string): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
    const source = button && document.getElementById(button.dataset.copy ?? "");
    if (button && source) void copyFrom(button, source, say);
  });
}

async function copyFrom(button: HTMLElement, source: HTMLElement, say: (key: "copy" | "copied") => string): Promise<void> {
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    // Away from localhost a page over http may not use the clipboard's interface; the old way still works there.
    getSelection()?.selectAllChildren(source);
    if (!document.execCommand("copy")) return;
  }
  button.textContent = say("copied");
  setTimeout(() => (button.textContent = say("copy")), SAID_MS);
}
