// How things stand, in words: for the header, for the notice on the stage and for a screen reader.

import type { Fault } from "./device";
import type { Publisher } from "./publisher";
import { say } from "./words";

/** Why the server lets this page not publish: its token is for watching, is none that it knows, or is missing. */
export type Barred = "readOnly" | "wrongToken" | "asksToken";

/** Of the camera: `on` while it gives pictures, `still` when it stopped to, `hidden` while the page isn't in front. */
export type Phase = "idle" | "waiting" | "on" | "still" | "hidden" | Barred | Fault;

// An empty title is no notice; `quote` are the words of the server or the browser.
export interface Description {
  state: string;
  text: string;
  title: string;
  detail: string;
  quote: string;
  again: boolean;
  asksToken: boolean;
}

export function describe(phase: Phase, fault: string, publisher: Publisher, isNobody: boolean): Description {
  if (phase === "failed" || phase === "unsupported") return stand("fault", say(phase), { title: say(`${phase}Title`), quote: fault });
  if (phase === "readOnly" || phase === "wrongToken" || phase === "asksToken") return askToken(phase);
  if (phase !== "on") {
    const state = phase === "idle" || phase === "hidden" ? "ended" : phase === "waiting" ? "connecting" : "fault";
    return stand(state, say(phase), { title: say(`${phase}Title`), detail: say(`${phase}Detail`) });
  }
  const { state, httpStatus, detail: quote } = publisher;
  switch (state) {
    case "off":
    case "connecting":
      return stand("connecting", say("connecting"), { title: say("connectingTitle") });
    case "live":
      return stand("live", say("live"), { title: isNobody ? say("nobody") : "" });
    case "unreachable":
    case "closed":
      return stand("reconnecting", say("reconnecting"), { title: say(state), detail: say("comesBack"), quote, again: true });
    case "taken":
    case "noStream":
      return stand("lost", say(state), { title: say(`${state}Title`), detail: say(`${state}Detail`), again: true });
    case "readOnly":
      return askToken("readOnly");
    case "wait":
      return stand("reconnecting", say("reconnecting"), { title: say("waitTitle"), detail: say("comesBack"), quote, again: true });
    case "full":
      return stand("lost", say("full"), { title: say("fullTitle"), detail: say("comesBack"), quote, again: true });
    case "refused": {
      if (httpStatus !== 401) return stand("refused", say("refused"), { title: say("refusedTitle"), quote, again: true });
      return askToken(publisher.token ? "wrongToken" : "asksToken");
    }
  }
}

function askToken(why: Barred): Description {
  if (why !== "readOnly") return stand("refused", say("refused"), { title: say(why), detail: say("tokenDetail"), asksToken: true });
  return stand("refused", say("readOnly"), { title: say("readOnlyTitle"), detail: say("readOnlyDetail"), asksToken: true });
}

function stand(state: string, text: string, more: Partial<Description>): Description {
  return { state, text, title: "", detail: "", quote: "", again: false, asksToken: false, ...more };
}
