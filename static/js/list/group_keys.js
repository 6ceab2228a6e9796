// Groups by keyboard: j and k walk them, Enter opens one, x ticks it.

import { bind } from "../site/key_bindings.js";

const main = document.querySelector("main");

function lines() {
  return [...main.querySelectorAll(".grid tbody tr")];
}

function current() {
  return document.activeElement.closest(".grid tbody tr");
}

function step(by) {
  const all = lines();
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  (next?.querySelector("a.open") ?? next?.querySelector("a, input"))?.focus();
}

function tick() {
  const box = current()?.querySelector(".tick input");
  if (box) box.checked = !box.checked;
}

bind({
  j: () => step(1),
  k: () => step(-1),
  x: tick,
  o: () => current()?.querySelector("a.open")?.click(),
});
