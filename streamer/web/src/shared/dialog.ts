// Dialogs of a page. Escape and the focus are the browser's business.

export function listenForClosing(dialog: HTMLDialogElement): void {
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
  // What lies outside the dialog's box is its backdrop.
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
