// The links between the pages take the token along. It may change while a page is open, so it is read when one is used.

function carryToken(link: HTMLAnchorElement): void {
  const token = new URLSearchParams(location.search).get("token");
  link.search = token ? `?token=${encodeURIComponent(token)}` : "";
}

for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a")) {
  carryToken(link);
  for (const kind of ["pointerenter", "pointerdown", "focus"]) link.addEventListener(kind, () => carryToken(link));
}
