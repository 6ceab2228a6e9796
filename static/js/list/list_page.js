// The list of interactions: rows, the keys j, k and o, the menu of columns, Escape, and an empty project.

import { bind, isTyping } from "../site/key_bindings.js";
import "../interaction/feedback_keys.js";
import { openPage, opened } from "./open_interaction.js";
import { keepInMiddle } from "./places.js";

const main = document.querySelector("main");

// Nothing fades in, so htmx's 20 ms would be lost; at 0 it would settle before the request is over.
htmx.config.defaultSettleDelay = 1;

// The whole row opens, but for its links and while text is selected.
main.addEventListener("click", (event) => {
  const row = event.target.closest(".rows tbody tr");
  if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
  row.querySelector("a.open")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 }));
});

// One listener for some 400 links: htmx would need 40 ms to process them.
main.addEventListener("click", (event) => {
  const link = event.target.closest(".rows tbody a[href^='?']:not(.open)");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  htmx.ajax("GET", link.href, { target: "#results" });
});

// htmx would send an event to each of 2,500 elements of rows that go, 40 ms in all, and look for the old
// one of each row that comes; nothing of it is in a row.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.shouldSwap && detail.target.id === "results") main.querySelector(".rows tbody")?.replaceChildren();
});

// Columns move at once; without scripts the server moves them.
main.addEventListener("click", (event) => {
  const button = event.target.closest("#display-menu .move");
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
  j: () => opened.step(1),
  k: () => opened.step(-1),
  o: () => (opened.isOpen ? openPage() : opened.step(1)),
});

// Arrows go from row to row without opening one.
main.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target)) return;
  const row = event.target.closest(".rows tbody tr");
  if (!row && event.target.id !== "results") return;
  const links = [...main.querySelectorAll(".rows a.open")];
  const next = links[links.indexOf(row?.querySelector("a.open")) + by];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  keepInMiddle(next.closest("tr"));
});

// Wait for the first interaction.
const EVERY = 2000; // milliseconds
setInterval(() => {
  const first = document.querySelector("#first");
  if (!first || document.hidden) return;
  first.hidden = false;
  htmx.trigger(first, "check");
}, EVERY);
