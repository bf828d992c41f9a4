// The links between the pages take the token along. It may change while a page is open, so it is read when one is used.

function carryToken(link: HTMLAnchorElement): void {
  const token = new URLSearchParams(location.search).get("token");
  link.search = token ? `?token=${encodeURIComponent(token)}` : "";
}

for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a")) {
  carryToken(link);
  for (const kind of ["pointerenter", "pointerdown", "focus"]) link.addEventListener(kind, () => carryToken(link));
}

// The camera's page is for servers with a stream that waits for one, and for who may be it.
async function offerCamera(link: HTMLAnchorElement): Promise<void> {
  try {
    const answer = await fetch(`/cameras${link.search}`);
    if (!answer.ok) return;
    const { cameras, may_publish: mayPublish } = await answer.json();
    link.hidden = !cameras.length || !mayPublish;
  } catch {
    // Where the server is out of reach, the page itself says so.
  }
}

const hiddenLink = document.querySelector<HTMLAnchorElement>("nav a[hidden]");
if (hiddenLink) void offerCamera(hiddenLink);
