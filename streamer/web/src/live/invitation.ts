// "Open on another device": addresses, a code to scan, whom to trust, and phones as cameras.

import { byId } from "../shared/dom";
import { listenForClosing } from "../shared/dialog";
import type { Feed } from "./feed";
import { type Key, say } from "./words";

const SYSTEMS = ["ios", "android", "windows", "macos", "linux"] as const;
type System = (typeof SYSTEMS)[number];

type May = "control" | "read";

interface Invited {
  urls: Record<May, string[]>;
  authority: boolean;
  cameras: string[]; // streams that wait for one, where this page may offer it
}

export class Invitation {
  private readonly dialog = byId("invitation", HTMLDialogElement);
  private invited: Invited | null = null;
  private fault = "";

  constructor(private readonly feed: Feed) {
    listenForClosing(this.dialog);
    byId("devices").addEventListener("click", () => void this.open());
    byId("may").addEventListener("change", () => this.write());
  }

  private async open(): Promise<void> {
    this.invited = null;
    this.fault = "";
    this.write();
    this.dialog.showModal();
    try {
      const [{ urls: control, read_urls: read, authority }, { cameras, may_publish: mayPublish }] = await Promise.all([
        this.ask<{ urls: string[]; read_urls: string[]; authority: boolean }>("/invitation"),
        this.ask<{ cameras: { stream: string }[]; may_publish: boolean }>("/cameras", { cameras: [], may_publish: false }),
      ]);
      this.invited = { urls: { control, read }, authority, cameras: mayPublish ? cameras.map(({ stream }) => stream) : [] };
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    }
    this.write();
  }

  // absent: what stands for the answer of a server that has no such address.
  private async ask<Answer>(path: string, absent?: Answer): Promise<Answer> {
    const answer = await fetch(this.link(path), { signal: AbortSignal.timeout(5000) });
    if (answer.status === 404 && absent) return absent;
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail ?? answer.statusText);
    return body;
  }

  private link(path: string): string {
    const url = new URL(path, location.origin);
    const { token } = this.feed.client; // it may change while the page is open
    if (token) url.searchParams.set("token", token);
    return url.pathname + url.search;
  }

  // Who has no more than the right to watch, or needs no token, has nothing to choose.
  private get hasChoice(): boolean {
    return this.invited !== null && this.invited.urls.control[0] !== this.invited.urls.read[0];
  }

  private get may(): May {
    return this.hasChoice ? (byId("may").querySelector<HTMLInputElement>(":checked")!.value as May) : "control";
  }

  /** After a change of language too. */
  write(): void {
    const { invited, may } = this;
    const urls = invited?.urls[may] ?? [];
    // A code for a camera holds the token for control: it is nothing to show to who is to watch.
    const cameras = may === "control" ? (invited?.cameras ?? []) : [];
    byId("invite-fault").textContent = this.fault && say("inviteFault", { reason: this.fault });
    byId("invited").hidden = !urls.length;
    byId("may").hidden = !this.hasChoice;
    byId("may-hint").textContent = say(may === "read" ? "mayWatchHint" : "mayControlHint");
    byId("alone").hidden = !invited || urls.length > 0;
    byId("open-command").textContent = `posewire ${this.feed.isRelay ? "relay --nats nats://HOST" : "serve"} --host 0.0.0.0 --tls auto`;
    byId("trust").hidden = !invited?.authority;
    byId("cameras").hidden = !cameras.length;
    if (!invited) return;
    if (urls.length) {
      this.showCode("invite-code", may === "read" ? "/invitation.svg?may=read" : "/invitation.svg", urls[0]);
      byId("invite-addresses").replaceChildren(...urls.map((url, i) => makeAddress(url, `invite-address-${i}`)));
    }
    if (invited.authority) this.writeTrust();
    if (cameras.length) this.writeCameras(urls.map(cameraUrl), cameras);
  }

  private showCode(id: string, path: string, url: string): void {
    const image = byId(id, HTMLImageElement);
    image.src = this.link(path);
    image.alt = say("qrLabel", { url });
  }

  private writeTrust(): void {
    byId("authority", HTMLAnchorElement).href = "/authority.crt"; // which needs no token
    const own = systemOf(navigator.userAgent, navigator.maxTouchPoints);
    const shown = [own, ...SYSTEMS.filter((system) => system !== own)];
    const open = new Set([...byId("systems").querySelectorAll<HTMLDetailsElement>("details[open]")].map(({ dataset }) => dataset.system));
    const isFirst = !byId("systems").children.length;
    byId("systems").replaceChildren(...shown.map((system) => makeSteps(system, isFirst ? system === own : open.has(system))));
  }

  private writeCameras(urls: string[], streams: string[]): void {
    byId("cameras-lead").textContent = say("camerasLead", { streams: streams.join(", ") });
    byId("camera-address").replaceChildren(...urls.slice(0, 1).map((url) => makeAddress(url, "camera-address-0")));
    byId("camera-code").hidden = !urls.length;
    if (urls.length) this.showCode("camera-code", "/invitation.svg?page=camera", urls[0]);
    byId("cameras-tls").hidden = urls.length > 0 ? urls[0].startsWith("https:") : isSecureContext;
    byId("camera-here", HTMLAnchorElement).href = this.link("/camera");
  }
}

function cameraUrl(url: string): string {
  const camera = new URL(url);
  camera.pathname = "/camera";
  return camera.href;
}

function makeAddress(url: string, id: string): HTMLElement {
  const row = document.createElement("div");
  row.className = "address";
  const text = Object.assign(document.createElement("code"), { id, textContent: url, title: url });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: say("copy"), ariaLive: "polite" });
  button.dataset.copy = id;
  row.append(text, button);
  return row;
}

function makeSteps(system: System, open: boolean): HTMLElement {
  const details = Object.assign(document.createElement("details"), { open });
  details.dataset.system = system;
  const summary = Object.assign(document.createElement("summary"), { textContent: say(`system_${system}` satisfies Key) });
  const list = document.createElement("ol");
  list.append(...say(`steps_${system}` satisfies Key).split("\n").map((step) => Object.assign(document.createElement("li"), { textContent: step })));
  details.append(summary, list);
  return details;
}

// An iPad calls itself a Macintosh, but is touched.
export function systemOf(userAgent: string, touchPoints: number): System {
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) return "ios";
  if (/Android/.test(userAgent)) return "android";
  if (/Windows/.test(userAgent)) return "windows";
  return /Macintosh/.test(userAgent) ? "macos" : "linux";
}
