// The interaction open beside the rows. Its neighbours are fetched before they are asked for, so
// a step of j or k only puts what is already parsed in its place. Walking is one step for Back.

import { fetched, forget, fresh, running, whenFree } from "./prefetch.js";
import { bind, bindLate } from "../site/key_bindings.js";

const AT_ONCE = 2; // so that walking ahead never takes the server from who asks
const RESTS = 200; // after the last step: then the address follows (browsers limit how often)

const NARROW = matchMedia("(width < 760px)");

const results = document.querySelector("#results");
const peek = document.querySelector("#peek");
let current = openNow(); // the id of the row that is marked
let isOpen = Boolean(peek.firstElementChild); // or will be, once it has come
let wanted = null; // the address whose answer shall be shown when it comes
let queue = [];
let noting = 0;
let entering = ""; // "first" or "last": the row to open on the page that is on its way
let isPushed = false; // whether the step before in history is this list with nothing open
let way = 1; // the direction of the last step

// What an open interaction needs comes with the first one.
const furnished = new MutationObserver(furnish);
function furnish() {
  if (!peek.firstElementChild) return;
  furnished.disconnect();
  bindLate(import("../interaction/interaction.js"), import("../site/copy_text.js"), import("./splitter.js"));
}
furnished.observe(peek, { childList: true });
furnish();

// Its styles come a little earlier, with the first move of whoever is there.
function dress() {
  for (const sheet of document.querySelectorAll("link[data-beside]")) sheet.disabled = false;
}
for (const coming of ["pointerover", "keydown", "focusin"]) addEventListener(coming, dress, { once: true });

function openNow() {
  return new URLSearchParams(location.search).get("open");
}

function links() {
  return [...results.querySelectorAll("a.open")];
}

function linkOf(id) {
  return results.querySelector(`#row-${CSS.escape(id ?? "")} a.open`);
}

function idOf(link) {
  return link.closest("tr").id.slice("row-".length);
}

// Ahead in the direction of the walk first, then one back.
function prefetch() {
  const all = links();
  const at = all.findIndex((link) => idOf(link) === current);
  if (at < 0) return;
  const near = [all[at + way], all[at + 2 * way], all[at - way], all[at + 3 * way]];
  queue = near.filter(Boolean).map((link) => link.href);
  pump();
}

function pump() {
  if (wanted && !fresh(wanted)) arrive(wanted);
  while (running() < AT_ONCE && queue.length) {
    fetched(queue.shift()).catch(() => {}); // told when it is wanted
  }
}

function mark(id) {
  for (const row of results.querySelectorAll("tr[aria-selected]")) row.removeAttribute("aria-selected");
  const row = linkOf(id)?.closest("tr");
  if (!row) return;
  row.setAttribute("aria-selected", "true");
  row.scrollIntoView({ block: "nearest" });
}

function place() {
  const said = peek.querySelector(".place");
  if (!said) return;
  const all = links();
  const at = all.findIndex((link) => idOf(link) === said.dataset.one);
  said.title = "On this page of the list";
  said.textContent = at < 0 ? "" : `${at + 1} of ${all.length}`;
}

function put(content) {
  wanted = null;
  peek.replaceChildren(content.cloneNode(true));
  htmx.process(peek);
  peek.scrollTop = 0;
  peek.removeAttribute("aria-busy");
  place();
  // On a narrow screen it is a page of its own, and the row lies below it.
  if (NARROW.matches) peek.focus();
}

function told(error) {
  peek.removeAttribute("aria-busy");
  const note = document.createElement("p");
  note.className = "state error";
  note.setAttribute("role", "alert");
  note.textContent = `${error.message}. Choose the row again to try again.`;
  peek.replaceChildren(note);
}

// Show a row. `note` is how the address follows: "push" from the list, "replace" while walking.
function show(link, note) {
  current = idOf(link);
  isOpen = true;
  mark(current);
  link.focus({ preventScroll: true });
  wanted = link.href;
  const ready = fresh(wanted)?.content;
  if (ready) put(ready);
  else arrive(wanted);
  noteAddress(link.href, note);
  prefetch();
}

// While j is held down faster than the server answers, steps in between are passed over.
async function arrive(address) {
  peek.setAttribute("aria-busy", "true");
  if (!fresh(address) && running() > AT_ONCE) return; // `pump` comes back to the last of them
  try {
    const content = await fetched(address);
    if (wanted === address) put(content);
  } catch (error) {
    if (wanted !== address) return;
    wanted = null;
    told(error);
  }
}

function noteAddress(address, note) {
  clearTimeout(noting);
  if (note === "push") {
    history.pushState({ htmx: true }, "", address);
    isPushed = true;
  }
  else noting = setTimeout(() => history.replaceState({ htmx: true }, "", address), RESTS);
}

function open(link) {
  show(link, isOpen ? "replace" : "push");
}

function close() {
  const link = linkOf(current);
  shut();
  if (isPushed) history.back(); // to where it was opened from, so that Back is not the way in again
  else history.pushState({ htmx: true }, "", closedAddress());
  isPushed = false;
  link?.focus({ preventScroll: true });
}

function shut() {
  clearTimeout(noting);
  wanted = null;
  isOpen = false;
  peek.removeAttribute("aria-busy");
  peek.replaceChildren();
  mark(null);
}

function closedAddress(address = location.href) {
  const url = new URL(address);
  url.searchParams.delete("open");
  return url.pathname + url.search.replace(/%3A/gi, ":");
}

function step(by) {
  way = by;
  const all = links();
  if (!all.length) return;
  const at = all.findIndex((link) => idOf(link) === current);
  if (at < 0 || !isOpen) return open(all[Math.max(at, 0)]);
  if (all[at + by]) return show(all[at + by], "replace");
  const beyond = results.querySelector(`.pager a[rel=${by > 0 ? "next" : "prev"}]`);
  if (!beyond || entering) return;
  entering = by > 0 ? "first" : "last";
  clearTimeout(noting);
  beyond.click();
}

// Before others: a click on a row's text, and on Close.
document.querySelector("main").addEventListener(
  "click",
  (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("#results a.open");
    if (link && event.detail === 0 && idOf(link) === current && isOpen) {
      event.preventDefault();
      openPage(); // Enter on the row that is open
    } else if (link) {
      event.preventDefault();
      way = 1;
      open(link);
    } else if (event.target.closest("#close-peek")) {
      event.preventDefault();
      close();
    }
  },
  { capture: true },
);

function openPage() {
  peek.querySelector("#open-page")?.click();
}

bind({
  j: () => step(1),
  k: () => step(-1),
  o: () => (isOpen ? openPage() : step(1)),
});

// Rows came: of another filter, of another page, or again.
document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "peek") {
    current = openNow() ?? current;
    isOpen = Boolean(peek.firstElementChild);
    mark(current);
    place();
    target.scrollTop = 0;
  }
  if (target.id !== "results") return;
  isPushed = false;
  requestAnimationFrame(() => (results.scrollTop = 0)); // now it would lay out the page twice
  if (entering) {
    const all = links();
    const link = entering === "first" ? all[0] : all.at(-1);
    entering = "";
    if (link) show(link, "replace");
  } else {
    current = openNow();
    isOpen = Boolean(current);
    mark(current);
  }
});
// While the walk goes on to the next page, what is open stays until its first row is there.
document.body.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (entering && event.detail.target.id === "peek") event.detail.shouldSwap = false;
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.body.addEventListener(failure, () => {
    entering = "";
  });
}
// A judgement or a label changes what was fetched.
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig?.verb !== "get") forget();
});

// Back and forward between the list and what is open in it need no new rows.
let list = closedAddress();
document.body.addEventListener("htmx:pushedIntoHistory", () => {
  list = closedAddress();
});
addEventListener(
  "popstate",
  (event) => {
    if (closedAddress() !== list) return; // htmx reloads
    event.stopImmediatePropagation();
    const id = openNow();
    const link = linkOf(id);
    isPushed = Boolean(id);
    if (!id) shut();
    else if (link) {
      current = id;
      isOpen = true;
      wanted = link.href;
      mark(id);
      arrive(wanted);
    } else location.reload();
  },
  { capture: true },
);

whenFree(pump);
mark(current);
place();
prefetch();
