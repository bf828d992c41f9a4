// Keeps the screen on while the camera runs; a phone on a stand is touched by nobody.

export class Awake {
  /** False where the browser can't, or may not now. */
  holds = false;
  private wanted = false;
  private lock: WakeLockSentinel | null = null;

  async set(wanted: boolean): Promise<void> {
    this.wanted = wanted;
    if (!wanted) {
      this.holds = false;
      await this.lock?.release();
      this.lock = null;
      return;
    }
    try {
      const lock = await navigator.wakeLock.request("screen");
      if (!this.wanted) return void lock.release();
      this.lock = lock;
      this.holds = true;
      lock.onrelease = () => (this.holds = false);
    } catch {
      this.holds = false; // no such interface, or a battery that is almost empty: the page says so
    }
  }
}
