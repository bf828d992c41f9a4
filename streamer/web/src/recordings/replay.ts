// Steers the chosen stream where it replays a recording: the same time line, under the live views.

import type { Feed } from "../live/feed";
import { say } from "../live/words";
import { byId } from "../shared/dom";
import { Refused, type Replay, type Service } from "./service";
import { type Standing, Timeline } from "./timeline";

const ASK_MS = 500;

export class ReplayBar {
  private readonly place = byId("replay");
  private readonly timeline = new Timeline(byId("replay-timeline"));
  private stream: string | null = null; // the one that was asked about
  private replay: Replay | null = null;
  private askedMs = 0;
  private nextMs = 0;
  private wish: Partial<Replay> | null = null;
  private busy = false;
  private mayChange = false;

  constructor(private readonly service: Service, private readonly feed: Feed) {
    this.timeline.onwish = (wish) => this.want(wish);
  }

  get shown(): Replay | null {
    return this.replay && { ...this.replay, position_s: this.positionS };
  }

  /** Another server: the stream's name may mean another source. */
  meet(): void {
    this.stream = this.replay = null;
    this.nextMs = 0;
  }

  tick(nowMs: number): void {
    const { feed, service } = this;
    if (service.live && !this.busy && feed.id !== null && nowMs >= this.nextMs) {
      if (feed.id !== this.stream) void this.discover(feed.id);
      else if (this.replay && !document.hidden) void this.ask();
    }
    this.place.hidden = !this.replay || !service.live;
    if (this.replay) this.timeline.show(this.standing(this.replay));
  }

  rename(): void {
    this.timeline.rename();
  }

  private standing({ duration_s, speed, paused, loop, ended }: Replay): Standing {
    return { durationS: duration_s, positionS: this.positionS, speed, paused: paused || ended, loop };
  }

  private get positionS(): number {
    if (!this.replay) return 0;
    const { position_s, duration_s, speed, paused, loop, ended } = this.replay;
    const now = position_s + (paused || ended ? 0 : (speed * (performance.now() - this.askedMs)) / 1000);
    return loop && duration_s && now > duration_s ? now % duration_s : Math.min(now, duration_s);
  }

  private async discover(stream: string): Promise<void> {
    await this.do(async () => {
      const { replays, may_change } = await this.service.replays();
      this.stream = stream;
      this.mayChange = may_change;
      this.timeline.disabled = !may_change;
      return Object.hasOwn(replays, stream) ? replays[stream] : null;
    });
  }

  private async ask(): Promise<void> {
    const { stream } = this;
    if (stream !== null) await this.do(() => this.service.replay(stream));
  }

  // Shown at once, and sent when the one before has been answered; of several places only the last.
  private want({ positionS, ...rest }: Partial<Standing>): void {
    if (!this.replay) return;
    const wish: Partial<Replay> = { ...rest, ...(positionS === undefined ? {} : { position_s: positionS }) };
    if (this.replay.ended && rest.paused === false) wish.position_s = 0;
    this.take({ ...this.replay, position_s: this.positionS, ended: this.replay.ended && wish.position_s === undefined, ...wish });
    this.wish = { ...this.wish, ...wish };
    this.send();
  }

  private send(): void {
    const { wish, stream } = this;
    if (this.busy || !wish || stream === null) return;
    this.wish = null;
    void this.do(() => this.service.steer(stream, wish));
  }

  private async do(work: () => Promise<Replay | null>): Promise<void> {
    this.busy = true;
    let fault = "";
    try {
      const answer = await work();
      if (!this.wish) this.take(answer);
    } catch (error) {
      fault = error instanceof Refused ? error.message : String(error);
    }
    byId("replay-note").textContent = fault || (this.replay && !this.mayChange ? say("replayNeedsControl") : "");
    this.nextMs = performance.now() + ASK_MS;
    this.busy = false;
    this.send();
  }

  private take(replay: Replay | null): void {
    this.replay = replay;
    this.askedMs = performance.now();
  }
}
