// What every page needs: the frame by keyboard, and saying so when a request for a fragment fails.

import { bind } from "./keys.js";

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

// The links are the server's, so a tab takes the filter along whichever way one goes there.
function go(name) {
  [...(tabs?.children ?? [])].find((link) => link.textContent === name)?.click();
}

for (const [key, name] of Object.entries(TABS)) bind({ [`g ${key}`]: () => go(name) });

// On a narrow screen the tabs scroll sideways: the current one shall be in view.
function showCurrent() {
  for (const row of document.querySelectorAll(".tabs")) {
    const current = row.querySelector("[aria-current]");
    if (current) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }
}
showCurrent();
addEventListener("resize", showCurrent);

// What a menu opens stands at its edge, wherever the menu has been wrapped to: it shall be in view.
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

// The query of this page, or of the list where this page has none.
function search(event) {
  const box = document.querySelector("#bar, main form [type=search]");
  if (!box) return false;
  event.preventDefault();
  box.focus();
  box.select?.();
  return true;
}

async function showKeys() {
  const { open } = await import("./sheet.js");
  open(document.querySelector('[data-opens="keys"]').getAttribute("href"));
}

async function goTo() {
  const { open } = await import("./go.js");
  open(document.querySelector('[data-opens="go"]'));
}

// Also while typing: browsers have nothing of their own there that a page may not have.
document.addEventListener("keydown", (event) => {
  const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
  if (!isK || event.altKey || event.shiftKey || !document.querySelector('[data-opens="go"]')) return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]:not(.go-to)")) goTo();
});

bind({
  "?": () => showKeys(),
  "/": (event) => search(event) || document.querySelector('[data-opens="search"]')?.click(),
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.dataset.opens === "search") return search(event);
  event.preventDefault();
  document.querySelector("#person").open = false;
  if (link.dataset.opens === "go") goTo();
  else showKeys();
});

// An image, large: the first one that is clicked loads what shows it.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.zoom");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { open } = await import("./lightbox.js");
  open(link);
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
  // A session that ended answers with the login page; that is a page, not a fragment.
  const { pathname } = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (pathname.endsWith("/login/")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

// What to do about it: a form that was refused (4xx) changed nothing, any other may have.
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
