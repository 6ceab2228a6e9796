// The list of interactions: rows, the keys j, k and o, the menu of columns, Escape, and an empty project.

import { bind, bindDigits, bindLate, isTyping } from "../site/key_bindings.js";

const main = document.querySelector("main");

// What opens an interaction is loaded at the first sign of a person; what is clicked until then waits.
const loaded = {};
async function opening() {
  return (loaded.opening ??= await import("./open_interaction.js"));
}

main.addEventListener("click", async (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("#results a.open, #open-interaction .neighbours a, #close-interaction");
  if (!link || loaded.opening) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await opening();
  link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail: event.detail }));
}, { capture: true });

for (const sign of ["pointerover", "keydown", "focusin"]) addEventListener(sign, opening, { once: true });
if (document.querySelector("#open-interaction > *")) opening();

// Back and forward, before htmx, which would read the page anew: it listens from when the page is ready, and a
// window calls its listeners in their order, whatever they say of capturing.
addEventListener("popstate", (event) => loaded.opening?.opened.restore(event));

// Nothing fades in, so htmx's 20 ms would be lost; at 0 it would settle before the request is over.
htmx.config.defaultSettleDelay = 1;

// The whole row opens, but for its links and while text is selected.
main.addEventListener("click", (event) => {
  const row = event.target.closest(".rows tbody tr");
  if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
  row.querySelector("a.open")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 }));
});

// One listener for some 500 links: htmx would need 40 ms to process those of the rows alone.
main.addEventListener("click", (event) => {
  const link = event.target.closest(
    ".rows tbody a[href^='?']:not(.open), :is(#histogram, #facets) a:not([hx-get])",
  );
  const isPlain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || event.defaultPrevented) return;
  event.preventDefault();
  htmx.ajax("GET", link.href.baseVal ?? link.href, { target: "#results" });
});

// htmx would send an event to each of 2,500 elements of rows that go, 40 ms in all, and look for the old
// one of each row that comes; nothing of it is in a row.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.shouldSwap && detail.target.id === "results") main.querySelector(".rows tbody")?.replaceChildren();
});

// Columns move at once; without scripts the server moves them.
main.addEventListener("click", (event) => {
  const button = event.target.closest("#columns-menu .move");
  if (!button) return;
  event.preventDefault();
  const line = button.closest("li");
  if (button.name === "up") line.previousElementSibling?.before(line);
  else line.nextElementSibling?.after(line);
  button.focus();
});

// An open menu takes Escape itself (page_frame.js).
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (!isTyping(event.target)) main.querySelector("#close-interaction")?.click();
});

bind({
  j: async () => (await opening()).opened.step(1),
  k: async () => (await opening()).opened.step(-1),
  o: async () => {
    const { openPage, opened } = await opening();
    return opened.isOpen ? openPage() : opened.step(1);
  },
});

// Ticks and bulk actions: from the first sign of a person, or at once where rows are ticked already.
const SIGNS = ["pointerover", "keydown", "focusin"];
function loadSelection() {
  for (const sign of SIGNS) removeEventListener(sign, loadSelection, true);
  bindLate(import("./selection.js"), opening()); // a step that was pressed first comes first
}
for (const sign of SIGNS) addEventListener(sign, loadSelection, true);
if (/"all":true|"ids":\["/.test(sessionStorage.getItem("selection"))) loadSelection();

// A bulk action was done in place, or something was undone.
document.body.addEventListener("rows-changed", async ({ detail }) => {
  const { activeElement } = document;
  (await import("./selection.js")).showChanged(detail.by, activeElement);
});

// Arrows go from row to row without opening one.
main.addEventListener("keydown", async (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target)) return;
  const row = event.target.closest(".rows tbody tr");
  if (!row && !event.target.matches("#results, #rows")) return;
  const links = [...main.querySelectorAll(".rows a.open")];
  const next = links[links.indexOf(row?.querySelector("a.open")) + by];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  const { keepInMiddle } = await import("./places.js");
  keepInMiddle(next.closest("tr"));
});

// At once when the script is there: a digit may move the focus for the keys that follow it.
const feedbackKeys = { press: null };
async function loadAndPress(key) {
  feedbackKeys.press = (await import("../interaction/feedback_keys.js")).press;
  await opening(); // a step before it
  return feedbackKeys.press(key);
}
bindDigits((key) => (feedbackKeys.press ?? loadAndPress)(key));

// Wait for the first interaction.
const EVERY = 2000; // milliseconds
setInterval(() => {
  const first = document.querySelector("#first");
  if (!first || document.hidden) return;
  first.hidden = false;
  htmx.trigger(first, "check");
}, EVERY);

// The tour, where there are rows, for whoever has not seen it: the server knows who has, the browser that it
// need not ask again.
const { tour } = document.querySelector("#results").dataset;
const seen = () => localStorage.setItem("tour", tour);
if (main.querySelector(".rows") && localStorage.getItem("tour") !== tour) {
  import("./tour.js").then(({ start }) => start(tour, seen));
}
