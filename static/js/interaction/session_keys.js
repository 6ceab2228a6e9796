// `j` and `k` go from one session to the next, or within one from turn to turn; `o` opens it.

import { bind } from "../site/key_bindings.js";

function stops() {
  return [...document.querySelectorAll("main .stop")];
}

// Of the focused stop, else of the marked one.
function position() {
  const at = document.activeElement?.closest("main .stop");
  return stops().indexOf(at ?? document.querySelector("main .stop[aria-current]"));
}

function go(by) {
  const all = stops();
  const next = all[position() + by] ?? (position() < 0 ? all[0] : undefined);
  if (!next) return;
  for (const one of all) one.ariaCurrent = null;
  next.ariaCurrent = "true";
  const target = next.matches("[tabindex]") ? next : next.querySelector("a.open");
  target.focus({ preventScroll: true });
  next.scrollIntoView({ block: next.matches(".exchange") ? "start" : "nearest" });
}

function open() {
  stops()[position()]?.querySelector("a.open")?.click();
}

bind({ j: () => go(1), k: () => go(-1), o: open });
