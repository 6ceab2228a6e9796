// The interaction open beside the rows. Its neighbours are fetched before they are asked for, so
// a step of j or k only puts what is already parsed in its place. Walking is one step for Back.

import { bind } from "./keys.js";

const FRESH = 60_000; // milliseconds that a fetched one may be shown
const KEPT = 40;
const AT_ONCE = 2; // so that walking ahead never takes the server from who asks
const RESTS = 200; // after the last step: then the address follows (browsers limit how often)

const results = document.querySelector("#results");
const peek = document.querySelector("#peek");
const cache = new Map(); // address of the open link: { asked, parsed }
let current = openNow(); // the id of the row that is marked
let wanted = null; // the address whose answer shall be shown when it comes
let queue = [];
let running = 0;
let noting = 0;
let entering = ""; // "first" or "last": the row to open on the page that is on its way
let isPushed = false; // whether the step before in history is this list with nothing open
let way = 1; // the direction of the last step

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

// What an address shows, from memory or the server; parsed once, and put in place as a copy.
function fetched(address) {
  const known = cache.get(address);
  if (known && Date.now() - known.asked < FRESH) return known.parsed;
  const parsed = ask(address);
  cache.delete(address);
  cache.set(address, { asked: Date.now(), parsed });
  parsed.then(
    (content) => {
      const entry = cache.get(address);
      if (entry?.parsed === parsed) entry.content = content;
    },
    () => cache.delete(address),
  );
  if (cache.size > KEPT) cache.delete(cache.keys().next().value);
  return parsed;
}

async function ask(address) {
  const headers = { "HX-Request": "true", "HX-Target": "peek", "HX-Current-URL": location.href };
  const answer = await fetch(address, { headers });
  if (new URL(answer.url).pathname === "/login/") location.reload(); // the session has ended
  if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  return template.content;
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
  while (running < AT_ONCE && queue.length) {
    const address = queue.shift();
    const known = cache.get(address);
    if (known && Date.now() - known.asked < FRESH) continue;
    running += 1;
    fetched(address)
      .catch(() => {}) // it is asked for again when it is wanted, and told then
      .finally(() => {
        running -= 1;
        pump();
      });
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
  said.textContent = at < 0 ? "" : `${at + 1} of ${all.length} on this page`;
}

function put(content) {
  peek.replaceChildren(content.cloneNode(true));
  htmx.process(peek);
  peek.scrollTop = 0;
  peek.removeAttribute("aria-busy");
  place();
}

function told(error) {
  const note = document.createElement("p");
  note.className = "state error";
  note.setAttribute("role", "alert");
  note.textContent = `${error.message}. Choose the row again to try again.`;
  peek.replaceChildren(note);
}

// Show a row. `note` is how the address follows: "push" from the list, "replace" while walking.
function show(link, note) {
  current = idOf(link);
  mark(current);
  link.focus({ preventScroll: true });
  wanted = link.href;
  const ready = cache.get(wanted);
  if (ready?.content && Date.now() - ready.asked < FRESH) put(ready.content);
  else arrive(wanted);
  noteAddress(link.href, note);
  prefetch();
}

async function arrive(address) {
  peek.setAttribute("aria-busy", "true");
  try {
    const content = await fetched(address);
    if (wanted === address) put(content);
  } catch (error) {
    if (wanted === address) told(error);
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
  const isOpen = Boolean(peek.firstElementChild);
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
  const isOpen = Boolean(peek.firstElementChild);
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
    if (link && event.detail === 0 && idOf(link) === current && peek.firstElementChild) {
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
  o: () => (peek.firstElementChild ? openPage() : step(1)),
});

// Rows came: of another filter, of another page, or again.
document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "peek") {
    current = openNow() ?? current;
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
  if (detail.requestConfig?.verb !== "get") cache.clear();
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
      wanted = link.href;
      mark(id);
      arrive(wanted);
    } else location.reload();
  },
  { capture: true },
);

mark(current);
place();
prefetch();
