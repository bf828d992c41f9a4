// Pictures of a running video: one at a time, each kept for a while, so that its skeleton can be drawn over it.

const KEPT = 12; // more than the stage holds on to

export interface Shot {
  /** When the picture was captured, ms of this page's clock. */
  capturedMs: number;
  canvas: HTMLCanvasElement;
  jpeg: Blob;
}

export class Shutter {
  isBusy = false;
  private readonly canvases = Array.from({ length: KEPT }, () => document.createElement("canvas"));
  private kept = 0;

  /** Leave the last picture as it is for the next few. */
  keep(): void {
    this.kept += 1;
  }

  /** The video's picture as a JPEG, at most `side` pixels long; null where the video has none, or the browser makes none. */
  async take(video: HTMLVideoElement, capturedMs: number, side: number, quality: number): Promise<Shot | null> {
    const { videoWidth, videoHeight } = video;
    if (!videoWidth || !videoHeight) return null;
    const scale = Math.min(1, side / Math.max(videoWidth, videoHeight));
    const canvas = this.canvases[this.kept % KEPT];
    canvas.width = Math.round(videoWidth * scale);
    canvas.height = Math.round(videoHeight * scale);
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) return null;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    this.isBusy = true;
    try {
      const jpeg = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
      return jpeg && { capturedMs, canvas, jpeg };
    } finally {
      this.isBusy = false;
    }
  }
}

/** Call `action` for each picture that the video shows from now on, with the time of its capture; returns how to end that. */
export function eachPicture(video: HTMLVideoElement, action: (capturedMs: number) => void): () => void {
  let ended = false;
  const next = (nowMs: number, { captureTime }: VideoFrameCallbackMetadata) => {
    if (ended) return;
    video.requestVideoFrameCallback(next);
    // Some browsers tell the capture of a camera's picture, on the page's clock; the others when they show it.
    const isTold = captureTime !== undefined && captureTime <= performance.now() && captureTime > nowMs - 1000;
    action(isTold ? captureTime : nowMs);
  };
  video.requestVideoFrameCallback(next);
  return () => (ended = true);
}
