// The interactions page by mouse and keyboard, and what the server's fragments do not reach.

import { isTyping } from "../site/key_bindings.js";

const main = document.querySelector("main");

// Nothing here fades in, so 20 ms would be waited for nothing. (Without any delay htmx would settle
// before it says that the request is over.)
htmx.config.defaultSettleDelay = 1;

// The whole row opens, not only its text; a selection being made, or a link, is left alone.
main.addEventListener("click", (event) => {
  const row = event.target.closest(".rows tbody tr");
  if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
  row.querySelector("a.open")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 }));
});

// Some 400 links of the rows narrow the filter: one listener for all, since htmx needs 40 ms to
// make itself known to each.
main.addEventListener("click", (event) => {
  const link = event.target.closest(".rows tbody a[href^='?']:not(.open)");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  htmx.ajax("GET", link.href, { target: "#results" });
});

// In the menu of columns the arrows move a column at once; without scripts they ask the server.
main.addEventListener("click", (event) => {
  const button = event.target.closest("#display-menu .move");
  if (!button) return;
  event.preventDefault();
  const line = button.closest("li");
  if (button.name === "up") line.previousElementSibling?.before(line);
  else line.nextElementSibling?.after(line);
  button.focus();
});

// A menu that is open takes Escape for itself (page_frame.js).
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (!isTyping(event.target)) main.querySelector("#close-peek")?.click();
});

// An empty project is looked at again every other second, while somebody looks at the page.
const LOOK = 2000; // milliseconds
setInterval(() => {
  const first = document.querySelector("#first");
  if (!first || document.hidden) return;
  first.hidden = false;
  htmx.trigger(first, "look");
}, LOOK);
