// The sheet of all keys: `?`, or what says data-opens="keys", opens the list of /keys/ here.

import { bind } from "./keys.js";

const link = document.querySelector('[data-opens="keys"]');
let sheet;

function build() {
  sheet = document.createElement("dialog");
  sheet.className = "key-sheet";
  sheet.setAttribute("aria-labelledby", "sheet-title");
  const bar = document.createElement("header");
  const title = document.createElement("h1");
  title.id = "sheet-title";
  title.textContent = "Keys";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "small";
  close.textContent = "Close";
  close.addEventListener("click", () => sheet.close());
  bar.append(title, close);
  const room = document.createElement("div");
  room.className = "key-room";
  room.tabIndex = 0;
  room.setAttribute("role", "group");
  room.setAttribute("aria-label", "All keys");
  sheet.append(bar, room);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  sheet.addEventListener("keydown", (event) => event.key === "?" && sheet.close());
  document.body.append(sheet);
  return htmx.ajax("GET", link.getAttribute("href"), { target: room, swap: "innerHTML" });
}

function open() {
  if (!sheet) build();
  sheet.showModal();
}

if (link) {
  bind({ "?": open });
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!event.target.closest('[data-opens="keys"]')) return;
    event.preventDefault();
    document.querySelector("#person[open]")?.removeAttribute("open");
    open();
  });
}
