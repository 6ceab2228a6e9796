// Loads the histogram and the facets in view, few at a time, and again for another filter, which
// aborts what still loads. (htmx would report that as an error.)

import { fetchPart, make } from "../site/html.js";
import { bind } from "../site/key_bindings.js";

const AT_ONCE = 2; // rows never wait behind counts

const panel = document.querySelector("#facets");
const histogram = document.querySelector("#histogram");
const stale = new Set([histogram]);
const inView = new Set([histogram, panel]);
const running = new Map(); // part → its AbortController
const rows = { filter: filterNow(), isFaulty: isFaulty(), areComing: false };

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inView.add(target);
    else inView.delete(target);
  }
  mark();
  run();
});

function parts() {
  return [histogram, panel, ...panel.querySelectorAll(".facet-values, .panel-links")];
}

// A group without values is not shown, so it is never in view: counted again it may have some. The links
// above the groups would lead to the filter before.
const isWanted = (part) => inView.has(part) || part.matches(".panel-links, :has(> .none)");

// What is stale is dimmed.
function mark() {
  for (const part of parts()) {
    part.ariaBusy = running.has(part) || (isWanted(part) && (rows.areComing || stale.has(part)));
  }
  const count = document.querySelector("#count");
  if (count) count.ariaBusy = rows.areComing;
}

const comparing = (filter) => new URLSearchParams(filter).get("compare");

function filterNow() {
  const inputs = [...document.querySelectorAll("#state input")];
  return new URLSearchParams(inputs.map(({ name, value }) => [name, value])).toString();
}

function isFaulty() {
  return document.querySelector("#results .faults") !== null;
}

function run() {
  if (rows.areComing) return;
  for (const part of parts()) {
    if (running.size >= AT_ONCE) return;
    if (stale.has(part) && isWanted(part) && !running.has(part)) load(part);
  }
}

async function load(part) {
  const controller = new AbortController();
  const { signal } = controller;
  const { from } = part.dataset;
  stale.delete(part);
  running.set(part, controller);
  mark();
  try {
    const html = await fetchPart(`${from}${from.includes("?") ? "&" : "?"}${rows.filter}`, { signal });
    const focused = part.contains(document.activeElement) && nameOf(document.activeElement);
    htmx.swap(part, html, { swapStyle: "innerHTML" });
    if (part === panel) watch();
    if (part === histogram) stopOnce();
    if (focused) (findNamed(part, focused) ?? part.querySelector("a"))?.focus();
  } catch (error) {
    const text = `${error.message}. Reload the page to try again.`;
    if (!signal.aborted) part.replaceChildren(make("p", { className: "note error" }, text));
  }
  if (running.get(part) === controller) {
    running.delete(part);
    mark();
  }
  run();
}

// The focus stays where it was.
const FOCUSED = "a, input[type=search], summary";
const nameOf = (control) => control.ariaLabel ?? control.querySelector(".name")?.textContent ?? control.textContent;
const findNamed = (part, name) => [...part.querySelectorAll(FOCUSED)].find((control) => nameOf(control) === name);

document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id !== "results") return;
  rows.areComing = true;
  for (const [part, controller] of running) {
    stale.add(part);
    controller.abort();
  }
  running.clear();
  mark();
});

document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.target?.id !== "results") return;
  rows.areComing = false;
  mark();
  if (!detail.successful) run();
});

// After feedback or a label (interaction.js, feedback_keys.js).
document.body.addEventListener("recount", () => {
  const count = document.querySelector("#count");
  if (count) htmx.ajax("GET", count.getAttribute("hx-get"), { source: count, target: count, swap: "innerHTML" });
  for (const part of parts()) if (part !== panel || comparing(rows.filter)) stale.add(part);
  mark();
  run();
});

document.body.addEventListener("filtered", () => {
  const { filter, isFaulty: wasFaulty } = rows;
  rows.filter = filterNow();
  rows.isFaulty = isFaulty();
  if (rows.filter !== filter) {
    for (const part of parts()) stale.add(part); // else it is another page of them
    // The order of the facets depends on the filter only when comparing.
    if (!comparing(rows.filter) && !comparing(filter) && rows.isFaulty === wasFaulty) stale.delete(panel);
  }
  mark();
  run();
});

function watch() {
  observer.disconnect();
  for (const part of inView) if (!part.isConnected) inView.delete(part);
  for (const part of panel.querySelectorAll(".facet-values, .panel-links")) {
    if (part.matches(".facet-values")) stale.add(part);
    observer.observe(part);
  }
  mark();
}

document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target === panel) watch();
});

// A group opened by hand is counted at once, also where its values begin below the edge.
panel.addEventListener("click", ({ target }) => {
  const group = target.closest("summary")?.parentElement;
  if (!group || group.open) return;
  inView.add(group.querySelector(".facet-values"));
  mark();
  run();
});

// One tab stop for all bars.
function stopOnce() {
  const bars = [...histogram.querySelectorAll("time-histogram a[data-at]")];
  for (const bar of bars) bar.setAttribute("tabindex", bar === bars.at(-1) ? 0 : -1);
}

// More is loaded when somebody comes near, and a width of one's own at once.
const control = () => import("../charts/histogram.js");
const controls = () => import("./side_controls.js");
for (const coming of ["pointerover", "focusin"]) {
  histogram.addEventListener(coming, control, { once: true });
  panel.parentElement.addEventListener(coming, controls, { once: true });
}
if (localStorage.getItem("side-width")) controls();
const zoom = async (isCloser) => (await control()).zoom(isCloser);
bind({ "+": () => zoom(true), "=": () => zoom(true), "-": () => zoom(false) });

document.addEventListener("DOMContentLoaded", run);
