// `j` and `k` go from one session to the next, or within one from turn to turn; `o` opens it. In a
// transcript a number or `w` opens the form of the turn in hand, which then follows; Esc closes it.

import { bind } from "../site/key_bindings.js";

function stops() {
  return [...document.querySelectorAll("main .stop")];
}

// Of the focused stop, else of the marked one.
function current() {
  return document.activeElement?.closest("main .stop") ?? document.querySelector("main .stop[aria-current]");
}

function opened() {
  return document.querySelector(".exchange:has(.margin > .feedback:not(.quiet))");
}

function close(turn) {
  turn?.querySelector(".margin > .done")?.click();
}

function go(by) {
  const all = stops();
  const at = all.indexOf(current());
  const next = all[at + by] ?? (at < 0 ? all[0] : undefined);
  if (!next) return;
  for (const one of all) one.ariaCurrent = null;
  next.ariaCurrent = "true";
  const target = next.matches("[tabindex]") ? next : next.querySelector("a.open");
  target.focus({ preventScroll: true });
  next.scrollIntoView({ block: next.matches(".exchange") ? "start" : "nearest" });
  const open = opened();
  if (!open || open === next) return;
  close(open);
  next.querySelector(".margin > .judge")?.click();
}

bind({
  j: () => go(1),
  k: () => go(-1),
  o: () => current()?.querySelector("a.open")?.click(),
  Escape: () => close(opened()),
});

// What is pressed on a turn without its form waits for the form (interaction.js presses its buttons).
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Escape" && event.target.matches(".margin :is(input, textarea)")) {
      return event.target.closest(".exchange").focus({ preventScroll: true }); // first out of the field
    }
    if (!/^[1-9w]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const turn = current();
    if (turn?.querySelector("input:focus, textarea:focus") || document.querySelector("dialog[open]")) return;
    const judge = turn?.querySelector(".margin:has(> .quiet) > .judge");
    if (!judge) return;
    event.preventDefault();
    event.stopPropagation();
    const again = new KeyboardEvent("keydown", { key: event.key, bubbles: true, cancelable: true });
    turn.addEventListener("htmx:afterSettle", () => turn.dispatchEvent(again), { once: true });
    turn.focus({ preventScroll: true });
    judge.click();
  },
  { capture: true },
);

// Whoever pressed Judge or Done is in what came.
const state = { margin: null };
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const margin = detail.target.closest(".margin");
  state.margin = margin?.contains(document.activeElement) ? margin : null;
});
document.addEventListener("htmx:afterSettle", () => {
  const { margin } = state;
  state.margin = null;
  if (!margin || (margin.contains(document.activeElement) && document.activeElement.checkVisibility())) return;
  const form = margin.querySelector(".feedback:not(.quiet)");
  (form?.querySelector(".seg button, input:not([type=hidden])") ?? margin.querySelector(".judge"))?.focus();
});
