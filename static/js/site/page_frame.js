// On every page: tabs, menus, dialogs, and notices of failed requests.

import { inOrder, make, reloadToLogIn } from "./html.js";
import { bind } from "./key_bindings.js";

const body = document.body;

// The server says a tab's key.
const tabs = document.querySelector("#tabs");
for (const { dataset: { key } } of tabs?.querySelectorAll("[data-key]") ?? []) {
  bind({ [key]: () => tabs.querySelector(`[data-key="${key}"]`).click() });
}

// Tabs may scroll sideways.
function showCurrent() {
  for (const row of document.querySelectorAll(".tabs")) {
    const current = row.querySelector("[aria-current]");
    if (current) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }
}
showCurrent();
addEventListener("resize", showCurrent);

// A menu may have been wrapped to either edge.
document.addEventListener(
  "toggle",
  ({ target }) => {
    const panel = target.matches(".menu[open]") && target.querySelector(":scope > .panel");
    if (!panel) return;
    panel.style.translate = "none";
    const { left, right } = panel.getBoundingClientRect();
    const beyond = Math.max(0, right + 8 - document.documentElement.clientWidth);
    panel.style.translate = `${Math.max(8 - left, 0) || -beyond}px`;
    enter(target);
  },
  true,
);

// An opened menu takes the focus into its first field, at once or when what it shows has come; not
// where a field would raise a keyboard over it.
function enter(menu) {
  const isFree = [menu.querySelector("summary"), document.body].includes(document.activeElement);
  if (!isFree || !matchMedia("(hover: hover)").matches) return;
  const field = menu.querySelector(".panel :is(input:not([type=hidden]), select, textarea)");
  (field ?? menu.querySelector(".panel :is(a, button)"))?.focus();
}
document.addEventListener("htmx:afterSettle", ({ target }) => {
  const menu = target.closest?.("details.menu[open]");
  if (menu) enter(menu);
});

function search(event) {
  const box = document.querySelector("#bar, main form [type=search]");
  if (!box) return false;
  event.preventDefault();
  box.focus();
  box.select?.();
  return true;
}

// Loaded on first use.
const dialogs = {
  keys: () => import("./keys_dialog.js"),
  go: () => import("./go_to_dialog.js"),
  image: () => import("../interaction/lightbox.js"),
};

const loaded = {};

async function show(name, link = document.querySelector(`[data-opens="${name}"]`)) {
  loaded[name] ??= await dialogs[name](); // at once from the second time on: who types goes on typing
  loaded[name].open(link);
}

bind({
  "?": () => show("keys"),
  "/": (event) => search(event) || document.querySelector('[data-opens="search"]')?.click(),
});

// The last change of the person, whatever it was, also if it is on its way; the answer is a toast.
bind({ z: () => inOrder(() => document.querySelector("#undo-last")?.requestSubmit()) });
body.addEventListener("htmx:afterSwap", async ({ target }) => {
  if (target.id === "toast") (await import("./toast.js")).shown(target);
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

// One menu at a time.
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
  event.stopImmediatePropagation(); // keep what is open behind it
  menu.open = false;
  menu.querySelector("summary").focus();
});

// htmx takes up what came a moment later, or much later where the processor is busy: a click until then
// would leave the page.
for (const name of ["click", "submit", "change", "input", "keydown"]) {
  addEventListener(name, ({ target }) => {
    const added = target.closest?.(".htmx-added");
    if (added) htmx.process(added);
  }, { capture: true });
}

function say(text) {
  document.querySelector("#failure")?.remove();
  const note = make("p", { id: "failure", className: "notice error", role: "alert" }, text);
  document.querySelector("#above").append(note);
}

body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  document.querySelector("#failure")?.remove();
  if (reloadToLogIn(detail.xhr.responseURL)) detail.shouldSwap = false;
});

// A refused form (4xx) changed nothing, any other may have.
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
