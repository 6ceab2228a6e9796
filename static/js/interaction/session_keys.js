// `j` and `k` go from one session to the next, or within one from turn to turn; `o` opens it. In a
// transcript a number or `w` opens the form of the turn in hand, which then follows; Esc closes it.
// What is pressed says how a turn is to be. It is brought there step by step, so that keys and answers may come in
// any order.

import { bind } from "../site/key_bindings.js";
import { fetchPart } from "../site/html.js";
import { allSent, failed } from "./feedback_forms.js";
import { partsOf, put } from "./feedback_parts.js";

function stops() {
  return [...document.querySelectorAll("main .stop")];
}

// Of the focused stop, else of the marked one.
function current() {
  return document.activeElement?.closest("main .stop") ?? document.querySelector("main .stop[aria-current]");
}

const wanted = new Map(); // turn on its way → whether its form is to be open, and the key to press in it

const isOpen = (turn) => Boolean(turn.querySelector(".margin > .feedback:not(.quiet)"));
const willBeOpen = (turn) => wanted.get(turn)?.isOpen ?? isOpen(turn);
const opened = () => [current(), ...document.querySelectorAll(".exchange")].find((one) => one && willBeOpen(one));

function want(turn, isOpen, key = null) {
  if (!turn.querySelector(".margin > .judge")) return; // no feedback can be given
  const now = wanted.get(turn);
  if (now) return Object.assign(now, { isOpen, key: key ?? now.key });
  wanted.set(turn, { isOpen, key });
  bring(turn);
}

async function bring(turn) {
  const now = wanted.get(turn);
  const isThere = () => now.key === null && now.isOpen === isOpen(turn);
  try {
    while (!isThere()) {
      if (isOpen(turn) && now.key !== null) press(turn, now);
      else if (!(await (isOpen(turn) ? close(turn, now) : show(turn, "judge")))) break;
    }
  } finally {
    wanted.delete(turn); // a key whose form did not come is not for one that comes later
  }
}

// What was given is to be read in what comes then.
async function close(turn, now) {
  await allSent();
  return now.isOpen || show(turn, "done");
}

// Whether it came.
async function show(turn, name) {
  const margin = turn.querySelector(".margin");
  const address = margin.querySelector(`.${name}`).getAttribute("hx-get");
  const asked = fetchPart(address, { headers: { "HX-Current-URL": location.href } });
  const html = await asked.catch(({ status }) => failed("get", status));
  if (html === undefined) return false;
  const wasThere = margin.contains(document.activeElement);
  document.querySelector("#failure")?.remove();
  put(partsOf(html));
  if (wasThere && !margin.querySelector(".feedback").contains(document.activeElement)) enter(margin);
  return true;
}

// Whoever pressed Judge or Done is in what came.
function enter(margin) {
  const form = margin.querySelector(".feedback:not(.quiet)");
  (form?.querySelector(".seg button, input:not([type=hidden])") ?? margin.querySelector(".judge"))?.focus();
}

// interaction.js presses the buttons of the turn in hand.
function press(turn, now) {
  const { key } = now;
  now.key = null;
  const isHere = now.isOpen && current() === turn;
  if (isHere) turn.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  else turn.querySelector(`.margin [data-key="${key}"]`)?.click(); // somebody went on meanwhile
}

function go(by) {
  const all = stops();
  const at = all.indexOf(current());
  const next = all[at + by] ?? (at < 0 ? all[0] : undefined);
  if (!next) return;
  const open = opened();
  for (const one of all) one.ariaCurrent = null;
  next.ariaCurrent = "true";
  const target = next.matches("[tabindex]") ? next : next.querySelector("a.open");
  target.focus({ preventScroll: true });
  next.scrollIntoView({ block: next.matches(".exchange") ? "start" : "nearest" });
  if (!open || open === next) return;
  want(open, false);
  want(next, true);
}

bind({
  j: () => go(1),
  k: () => go(-1),
  o: () => current()?.querySelector("a.open")?.click(),
  Escape: () => {
    const open = opened();
    if (open) want(open, false);
  },
});

// What is pressed on a turn without its form waits for the form; of several keys the last one counts.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Escape" && event.target.matches(".margin :is(input, textarea)")) {
      return event.target.closest(".exchange").focus({ preventScroll: true }); // first out of the field
    }
    if (!/^[1-9w]$/.test(event.key) || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const turn = current();
    if (turn?.querySelector("input:focus, textarea:focus") || document.querySelector("dialog[open]")) return;
    if (!turn?.querySelector(".margin > .judge") || (isOpen(turn) && willBeOpen(turn))) return;
    event.preventDefault();
    event.stopPropagation();
    turn.focus({ preventScroll: true });
    want(turn, true, event.key);
  },
  { capture: true },
);

// Before htmx, which is there for what is clicked before this script.
document.addEventListener(
  "click",
  (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest(".margin > :is(.judge, .done)");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    want(link.closest(".exchange"), link.matches(".judge"));
  },
  { capture: true },
);
