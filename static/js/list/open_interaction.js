// The interaction open beside the rows, loaded at the first sign of a person (list_page.js). Its neighbours are
// prefetched, so that a step of j or k only shows what is already parsed. All steps are one for Back.

import { make, tellSeen } from "../site/html.js";
import { bindLate } from "../site/key_bindings.js";
import { Places, keepInMiddle } from "./places.js";
import { Prefetcher } from "./prefetch.js";

const PAUSE = 200; // ms from the last step to its address (browsers limit how many)
const NARROW = matchMedia("(width < 760px)");

const results = document.querySelector("#results");
const panel = document.querySelector("#open-interaction");

const links = () => [...results.querySelectorAll("a.open")];
const linkOf = (id) => results.querySelector(`#row-${CSS.escape(id ?? "")} a.open`);
const idOf = (link) => link.closest("tr").id.slice("row-".length);
const idInAddress = () => new URLSearchParams(location.search).get("open");

function closedAddress() {
  const url = new URL(location.href);
  url.searchParams.delete("open");
  return url.pathname + url.search.replace(/%3A/gi, ":");
}

function mark(id, isWalk = false) {
  for (const row of results.querySelectorAll("tr[aria-selected]")) row.ariaSelected = null;
  const row = linkOf(id)?.closest("tr");
  if (!row) return;
  row.ariaSelected = "true";
  if (isWalk) keepInMiddle(row);
  else row.scrollIntoView({ block: "nearest" });
}

function showPosition() {
  const position = panel.querySelector(".position");
  const at = position ? links().findIndex((link) => idOf(link) === position.dataset.one) : -1;
  if (position) position.textContent = at < 0 ? "" : places.words(at);
}

function showError({ message }) {
  panel.ariaBusy = null;
  const text = `${message}. Choose the row again to try again.`;
  panel.replaceChildren(make("p", { className: "state error", role: "alert" }, text));
}

const places = new Places(results, links);

class OpenInteraction {
  id = idInAddress(); // of the marked row
  isOpen = Boolean(panel.firstElementChild); // or loading
  wanted = null; // the address to show when it comes
  entering = ""; // "first" or "last": the row to open on the page being loaded
  isPushed = false; // whether Back leads to this list with nothing open
  direction = 1; // of the last step
  list = closedAddress();
  prefetcher = new Prefetcher(panel, () => {
    if (this.wanted && !this.prefetcher.recent(this.wanted)) this.load(this.wanted);
  });

  mark(id, isOpen = Boolean(id), isWalk = false) {
    this.id = id;
    this.isOpen = isOpen;
    mark(id, isWalk);
  }

  // Mostly in the direction of the last step.
  prefetch() {
    const all = links();
    const at = all.findIndex((link) => idOf(link) === this.id);
    if (at < 0) return;
    const near = [1, 2, -1, 3].map((steps) => all[at + steps * this.direction]);
    this.prefetcher.prefetch(near.filter(Boolean).map((link) => link.href));
  }

  put(content) {
    this.wanted = null;
    panel.replaceChildren(content.cloneNode(true));
    htmx.process(panel);
    panel.scrollTop = 0;
    panel.ariaBusy = null;
    showPosition();
    // On a narrow screen it covers the rows.
    if (NARROW.matches) panel.focus();
  }

  // While j is held down faster than the server answers, interactions are skipped.
  async load(address) {
    this.wanted = address;
    const answer = this.prefetcher.recent(address);
    if (answer) tellSeen(panel, [new URL(address).searchParams.get("open")]);
    if (answer?.content) return this.put(answer.content);
    panel.ariaBusy = "true";
    if (!answer && this.prefetcher.isBusy) return; // until it is free
    try {
      const content = await this.prefetcher.fetch(address);
      if (this.wanted === address) this.put(content);
    } catch (error) {
      if (this.wanted !== address) return;
      this.wanted = null;
      showError(error);
    }
  }

  open(link) {
    this.show(link, !this.isOpen);
  }

  show(link, isPush = false, isWalk = false) {
    this.mark(idOf(link), true, isWalk);
    link.focus({ preventScroll: true });
    this.load(link.href);
    this.noteAddress(link.href, isPush);
    this.prefetch();
  }

  // The link to a neighbour, which may stand on another page of the list.
  follow(link) {
    this.direction = link.rel === "next" ? 1 : -1;
    const id = new URL(link.href).searchParams.get("open");
    const row = linkOf(id);
    if (row) return this.show(row, false, true);
    this.mark(id, true);
    this.load(link.href);
    this.noteAddress(link.href, false);
  }

  noteAddress(address, isPush) {
    clearTimeout(this.timer);
    if (isPush) this.isPushed = true;
    if (isPush) history.pushState({ htmx: true }, "", address);
    else this.timer = setTimeout(() => history.replaceState({ htmx: true }, "", address), PAUSE);
  }

  close() {
    this.clear();
    if (this.isPushed) history.back(); // so that Back does not open it again
    else history.pushState({ htmx: true }, "", closedAddress());
    this.isPushed = false;
    linkOf(this.id)?.focus({ preventScroll: true });
  }

  clear() {
    clearTimeout(this.timer);
    this.wanted = null;
    this.isOpen = false;
    panel.ariaBusy = null;
    panel.replaceChildren();
    mark(null);
  }

  // What was open has been deleted: its address leads nowhere.
  forget() {
    this.clear();
    this.isPushed = false;
    history.replaceState({ htmx: true }, "", closedAddress());
  }

  step(by) {
    this.direction = by;
    const all = links();
    if (!all.length) return "No row is here.";
    const at = all.findIndex((link) => idOf(link) === this.id);
    if (at < 0 || !this.isOpen) return this.open(all[Math.max(at, 0)]);
    if (all[at + by]) return this.show(all[at + by], false, true);
    const beyond = results.querySelector(`.pager a[rel=${by > 0 ? "next" : "prev"}]`);
    if (!beyond) return by > 0 ? "This is the last row." : "This is the first row.";
    if (this.entering) return;
    this.entering = by > 0 ? "first" : "last";
    clearTimeout(this.timer);
    beyond.click();
  }

  // What was still on its way is of the rows of before.
  showRows() {
    clearTimeout(this.timer);
    this.wanted = null;
    this.isPushed = false;
    places.arrive(closedAddress());
    requestAnimationFrame(() => (results.scrollTop = 0)); // not now: that lays out the page twice
    if (this.entering) {
      const link = links().at(this.entering === "first" ? 0 : -1);
      this.entering = "";
      if (link) this.show(link);
    } else this.mark(idInAddress());
  }

  showPanel() {
    this.mark(idInAddress() ?? this.id, Boolean(panel.firstElementChild));
    showPosition();
    panel.scrollTop = 0;
  }

  // Back and forward within the list need no new rows (list_page.js).
  restore(event) {
    if (closedAddress() !== this.list) return; // htmx reloads
    event.stopImmediatePropagation();
    const id = idInAddress();
    const link = linkOf(id);
    this.isPushed = Boolean(id);
    if (!id) this.clear();
    else if (link) {
      this.mark(id);
      this.load(link.href);
    } else location.reload();
  }
}

export const opened = new OpenInteraction();
export const openPage = () => panel.querySelector("#open-page")?.click();

// Scripts that only an open interaction needs.
const furnished = new MutationObserver(furnish);
function furnish() {
  if (!panel.firstElementChild) return;
  furnished.disconnect();
  bindLate(import("../interaction/interaction.js"), import("../site/copy_text.js"), import("./splitter.js"));
}
furnished.observe(panel, { childList: true });
furnish();
if (localStorage.getItem("beside")) import("./splitter.js"); // before it opens, at the width it had

// Styles that only an open interaction needs.
for (const sheet of document.querySelectorAll("link[data-open-interaction]")) sheet.disabled = false;

// Before htmx and the row's own listener.
document.querySelector("main").addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("#results a.open");
  const neighbour = event.target.closest("#open-interaction .neighbours a");
  if (!link && !neighbour && !event.target.closest("#close-interaction")) return;
  event.preventDefault();
  if (neighbour) return opened.follow(neighbour);
  if (!link) return opened.close();
  const isEnter = event.detail === 0;
  if (isEnter && opened.isOpen && opened.id === idOf(link)) return openPage();
  opened.direction = 1;
  opened.open(link);
}, { capture: true });

const on = (name, listener) => document.body.addEventListener(name, listener);
on("htmx:afterSettle", ({ target }) => {
  if (target === panel) opened.showPanel();
  else if (target === results) opened.showRows();
  else if (target.id === "count") showPosition();
});
// What is open stays until the next page is there.
on("htmx:oobBeforeSwap", (event) => {
  if (opened.entering && event.detail.target === panel) event.detail.shouldSwap = false;
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) on(failure, () => (opened.entering = ""));
// Feedback or a label changes what was prefetched.
on("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig?.verb !== "get") opened.prefetcher.answers.clear();
});
on("recount", () => opened.prefetcher.answers.clear());
on("htmx:pushedIntoHistory", () => (opened.list = closedAddress()));

places.arrive(closedAddress());
mark(opened.id);
showPosition();
opened.prefetch();
