// How this device comes to a secure page: what to start, and how to trust the server's certificate.

import { byId } from "../shared/dom";

export class Trust {
  private hasAuthority = false;
  private wasNeeded = false;

  /** Ask the server whether there is a certificate to trust by hand. */
  async meet(token: string | null): Promise<void> {
    try {
      const answer = await fetch(`/invitation${token ? `?token=${encodeURIComponent(token)}` : ""}`);
      if (answer.ok) this.hasAuthority = (await answer.json()).authority === true;
    } catch {
      // Without an answer there is nothing to offer.
    }
    byId("authority").hidden = !this.hasAuthority;
    this.show(this.wasNeeded);
  }

  /** isNeeded: without it the camera or the connection won't work, so it unfolds. */
  show(isNeeded: boolean): void {
    const panel = byId("trust", HTMLDetailsElement);
    panel.hidden = isSecureContext && !this.hasAuthority;
    if (isNeeded && !this.wasNeeded) panel.open = true;
    panel.dataset.needed = String(isNeeded);
    this.wasNeeded = isNeeded;
    byId("trust-start").hidden = location.protocol === "https:";
  }
}
