// The interactions page by mouse and keyboard, and what the server's fragments do not reach.

import { bind, isTyping } from "./keys.js";

const main = document.querySelector("main");

// One menu at a time; a click elsewhere or Escape closes it.
function closeMenus(except) {
  for (const menu of main.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

// The whole row opens, not only its text; a selection being made, or a link, is left alone.
main.addEventListener("click", (event) => {
  const row = event.target.closest(".rows tbody tr");
  if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
  row.querySelector("a.open")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1 }));
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

bind({ "/": () => main.querySelector("#text").focus() });

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const menu = main.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (!isTyping(event.target)) {
    main.querySelector("#close-peek")?.click();
  }
});

// An empty project is looked at again every other second, while somebody looks at the page.
const LOOK = 2000; // milliseconds
setInterval(() => {
  const first = document.querySelector("#first");
  if (first && !document.hidden) htmx.trigger(first, "look");
}, LOOK);
for (const watched of document.querySelectorAll("#first .watched")) watched.hidden = false;
