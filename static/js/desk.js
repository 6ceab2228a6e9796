// The interactions page by keyboard, and what the server's fragments do not reach.

import { bind, isTyping } from "./keys.js";

const main = document.querySelector("main");

// The row asked for last. Keys come faster than answers: until its answer is there, an earlier
// answer must not move the mark back.
let asked = null;

// The open row is marked wherever the address says one is open.
function mark(open = new URLSearchParams(location.search).get("open")) {
  for (const row of main.querySelectorAll(".rows tr[id]")) {
    const isOpen = row.id === `row-${open}`;
    if (isOpen) row.setAttribute("aria-selected", "true");
    else row.removeAttribute("aria-selected");
    if (isOpen) row.scrollIntoView({ block: "nearest" });
  }
}

main.addEventListener("click", (event) => {
  if (event.target.closest("#close-peek")) asked = null;
  const row = event.target.closest("a.open")?.closest("tr");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  asked = row.id.slice("row-".length);
  mark(asked);
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  const open = new URLSearchParams(location.search).get("open");
  if (event.target.id === "results" || open === asked) asked = null;
  if (asked === null) mark(open);
  if (["peek", "results"].includes(event.target.id)) event.target.scrollTop = 0;
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.body.addEventListener(failure, () => {
    asked = null;
    mark();
  });
}

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
  row.querySelector("a.open").click();
});

function step(by) {
  const links = [...main.querySelectorAll(".rows a.open")];
  const at = links.findIndex((link) => link.closest("tr").hasAttribute("aria-selected"));
  const next = links[at < 0 ? 0 : at + by];
  next?.click();
}

bind({
  j: () => step(1),
  k: () => step(-1),
  "/": () => main.querySelector("#text").focus(),
});

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
