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

// A form that came this moment is not htmx's yet: a click on its link would leave the page.
function close(turn) {
  const done = turn?.querySelector(".margin > .done");
  if (done && !done["htmx-internal-data"]) setTimeout(() => close(turn), 20);
  else done?.click();
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

// What is pressed on a turn without its form waits for the form (interaction.js presses its buttons); of
// several keys the last one counts.
const waiting = new Map(); // turn whose form is on its way → key
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Escape" && event.target.matches(".margin :is(input, textarea)")) {
      return event.target.closest(".exchange").focus({ preventScroll: true }); // first out of the field
    }
    if (!/^[1-9w]$/.test(event.key) || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const turn = current();
    if (turn?.querySelector("input:focus, textarea:focus") || document.querySelector("dialog[open]")) return;
    const judge = turn?.querySelector(".margin:has(> .quiet) > .judge");
    if (!judge) return;
    event.preventDefault();
    event.stopPropagation();
    const isComing = waiting.has(turn);
    waiting.set(turn, event.key);
    turn.focus({ preventScroll: true });
    if (!isComing) judge.click();
  },
  { capture: true },
);

document.addEventListener("htmx:afterSettle", ({ target }) => {
  const turn = target.closest(".exchange");
  const key = waiting.get(turn);
  waiting.delete(turn);
  if (!key || !turn.querySelector(".margin > .feedback:not(.quiet)")) return;
  if (current() === turn) turn.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  else turn.querySelector(`.margin [data-key="${key}"]`)?.click(); // somebody went on meanwhile
});
// No form has come (page_frame.js says so): the key is not for one that comes later.
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (!detail.successful) waiting.delete(target.closest(".exchange"));
});

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
