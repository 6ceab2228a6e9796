// `j` and `k` go from one session to the next, or from turn to turn within one; `o` opens it.

import { bind } from "../site/key_bindings.js";

function stops() {
  return [...document.querySelectorAll("main .stop")];
}

// Where the reader is: where the focus stands, else the marked one.
function place() {
  const at = document.activeElement?.closest("main .stop");
  return stops().indexOf(at ?? document.querySelector("main .stop[aria-current]"));
}

function go(by) {
  const all = stops();
  const next = all[place() + by] ?? (place() < 0 ? all[0] : undefined);
  if (!next) return;
  for (const one of all) one.removeAttribute("aria-current");
  next.setAttribute("aria-current", "true");
  const target = next.matches("[tabindex]") ? next : next.querySelector("a.open");
  target.focus({ preventScroll: true });
  next.scrollIntoView({ block: next.matches(".exchange") ? "start" : "nearest" });
}

function open() {
  stops()[place()]?.querySelector("a.open")?.click();
}

bind({ j: () => go(1), k: () => go(-1), o: open });
