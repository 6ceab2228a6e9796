// What every page needs: the frame by keyboard, and word of what failed.

import { bind } from "./key_bindings.js";

const body = document.body;
const tabs = document.querySelector("#tabs");
const TABS = {
  i: "Interactions",
  s: "Sessions",
  g: "Groups",
  p: "Pairs",
  r: "Review",
  m: "Images",
  f: "Feedback",
  t: "Settings",
};

// The links are the server's: a tab takes the filter along.
function go(name) {
  [...(tabs?.children ?? [])].find((link) => link.textContent === name)?.click();
}

for (const [key, name] of Object.entries(TABS)) bind({ [`g ${key}`]: () => go(name) });

// Where the tabs scroll sideways, the current one is in view.
function showCurrent() {
  for (const row of document.querySelectorAll(".tabs")) {
    const current = row.querySelector("[aria-current]");
    if (current) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }
}
showCurrent();
addEventListener("resize", showCurrent);

// What a menu opens is in view, wherever the menu was wrapped to.
document.addEventListener(
  "toggle",
  ({ target }) => {
    const panel = target.matches(".menu[open]") && target.querySelector(":scope > .panel");
    if (!panel) return;
    panel.style.translate = "none";
    const { left, right } = panel.getBoundingClientRect();
    const beyond = Math.max(0, right + 8 - document.documentElement.clientWidth);
    panel.style.translate = `${Math.max(8 - left, 0) || -beyond}px`;
  },
  true,
);

// The query of this page.
function search(event) {
  const box = document.querySelector("#bar, main form [type=search]");
  if (!box) return false;
  event.preventDefault();
  box.focus();
  box.select?.();
  return true;
}

// Loaded when first asked for.
const loads = {
  keys: () => import("./keys_dialog.js"),
  go: () => import("./go_to_dialog.js"),
  image: () => import("../interaction/lightbox.js"),
};

async function show(name, link = document.querySelector(`[data-opens="${name}"]`)) {
  (await loads[name]()).open(link);
}

bind({
  "?": () => show("keys"),
  "/": (event) => search(event) || document.querySelector('[data-opens="search"]')?.click(),
});

// Ctrl-K and ⌘K, also while typing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "k" || event.ctrlKey === event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]:not(.go-to)")) show("go");
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens], a.zoom");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { opens = "image" } = link.dataset;
  if (opens === "search") return search(event);
  event.preventDefault();
  document.querySelector("#person").open = false;
  show(opens, link);
});

// One menu at a time; a click elsewhere or Escape closes it.
document.addEventListener("click", (event) => {
  const own = event.target.closest("details.menu");
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== own) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // what is open behind it stays so
  menu.open = false;
  menu.querySelector("summary").focus();
});

function say(text) {
  document.querySelector("#failure")?.remove();
  const note = document.createElement("p");
  note.id = "failure";
  note.className = "notice error";
  note.setAttribute("role", "alert");
  note.textContent = text;
  document.querySelector("#above").append(note);
}

body.addEventListener("htmx:beforeSwap", (event) => {
  document.querySelector("#failure")?.remove();
  // A session that ended answers with the login page.
  const { pathname } = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (pathname.endsWith("/login/")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

// A form that was refused (4xx) changed nothing, any other may have.
function advice({ requestConfig }, status = 0) {
  if (requestConfig?.verb === "get") return "Try again.";
  if (status >= 400 && status < 500) return "Nothing was changed.";
  return "It may or may not have been saved; reload the page to see.";
}

body.addEventListener("htmx:responseError", ({ detail }) => {
  say(`The server answered ${detail.xhr.status}. ${advice(detail, detail.xhr.status)}`);
});
body.addEventListener("htmx:sendError", ({ detail }) => {
  say(`The server does not answer. ${advice(detail)}`);
});
