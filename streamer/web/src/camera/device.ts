// This device's cameras: asking for one, what can go wrong, and the list of them.

export type Fault = "denied" | "noCamera" | "busy" | "failed" | "insecure" | "unsupported" | "unplugged";

export class CameraFault extends Error {
  constructor(readonly fault: Fault, readonly detail = "") {
    super(detail || fault);
  }
}

const FAULTS: Record<string, Fault> = {
  NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "noCamera", OverconstrainedError: "noCamera",
  NotReadableError: "busy", AbortError: "busy",
};

const RATE = 30;

/** "user" and "environment" are the front and the back camera; anything else is a device's id. */
export function isFacing(choice: string): boolean {
  return choice === "user" || choice === "environment";
}

/** Why no camera can be asked for here at all, null where one can. */
export function obstacle(): Fault | null {
  if (!isSecureContext) return "insecure";
  return "mediaDevices" in navigator ? null : "unsupported";
}

/** The camera's pictures, `side` pixels long or the nearest it has. Throws CameraFault. */
export async function openCamera(choice: string, side: number): Promise<MediaStream> {
  const fault = obstacle();
  if (fault) throw new CameraFault(fault);
  const which = isFacing(choice) ? { facingMode: { ideal: choice } } : { deviceId: { exact: choice } };
  // Asked for as a camera that lies on its side; a phone that stands gives the same turned. What the camera sees isn't cut off to
  // get the size: pictures are scaled before they are sent anyway.
  const size = { width: { ideal: side }, height: { ideal: (side * 3) / 4 }, frameRate: { ideal: RATE, max: RATE }, resizeMode: { ideal: "none" } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { ...which, ...size }, audio: false });
  } catch (error) {
    const { name, message } = error as DOMException;
    throw new CameraFault(FAULTS[name] ?? "failed", message);
  }
}

/** All cameras, as far as the browser tells: without permission it tells neither names nor ids. */
export async function listCameras(): Promise<MediaDeviceInfo[]> {
  if (obstacle()) return [];
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
}
