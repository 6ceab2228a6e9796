// The chart, and the panel's groups in view, are asked for few at a time, and again for another
// filter; what is under way is given up. (htmx would report that as an error.)

import { bind } from "../site/key_bindings.js";

const AT_ONCE = 2; // so that rows never wait behind counts

const panel = document.querySelector("#facets");
const chart = document.querySelector("#histogram");
const stale = new Set([chart]);
const inView = new Set([chart, panel]);
const running = new Map(); // and what gives each up
let isFiltering = false; // rows are on their way
let filter = filterNow();
let wasFaulty = isFaulty();

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inView.add(target);
    else inView.delete(target);
  }
  mark();
  run();
});

function parts() {
  return [chart, panel, ...panel.querySelectorAll(".values, .ways")];
}

// What may not hold any more is dimmed.
function mark() {
  for (const part of parts()) {
    part.ariaBusy = running.has(part) || (inView.has(part) && (isFiltering || stale.has(part)));
  }
  const count = document.querySelector("#count");
  if (count) count.ariaBusy = isFiltering;
}

const comparing = (of) => new URLSearchParams(of).get("compare");

function filterNow() {
  const inputs = [...document.querySelectorAll("#state input")];
  return new URLSearchParams(inputs.map(({ name, value }) => [name, value])).toString();
}

function isFaulty() {
  return document.querySelector("#results .faults") !== null;
}

function run() {
  if (isFiltering) return;
  for (const part of parts()) {
    if (running.size >= AT_ONCE) return;
    if (stale.has(part) && inView.has(part) && !running.has(part)) load(part);
  }
}

async function load(part) {
  const given = new AbortController();
  stale.delete(part);
  running.set(part, given);
  mark();
  try {
    const html = await fetched(part.dataset.from, given.signal);
    const focused = part.contains(document.activeElement) && named(document.activeElement);
    htmx.swap(part, html, { swapStyle: "innerHTML" });
    if (part === panel) watch();
    if (part === chart) stopOnce();
    if (focused) (findNamed(part, focused) ?? part.querySelector("a"))?.focus();
  } catch (error) {
    if (!given.signal.aborted) part.replaceChildren(told(error));
  }
  if (running.get(part) === given) {
    running.delete(part);
    mark();
  }
  run();
}

// Who works by keyboard stays where they were.
const FOCUSED = "a, input[type=search], summary";
const named = (one) => one.getAttribute("aria-label") ?? one.querySelector(".name")?.textContent ?? one.textContent;
const findNamed = (part, name) => [...part.querySelectorAll(FOCUSED)].find((one) => named(one) === name);

async function fetched(from, signal) {
  const address = `${from}${from.includes("?") ? "&" : "?"}${filter}`;
  const answer = await fetch(address, { signal, headers: { "HX-Request": "true" } });
  if (new URL(answer.url).pathname.endsWith("/login/")) location.reload(); // the session has ended
  if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
  return answer.text();
}

function told(error) {
  const note = document.createElement("p");
  note.className = "note error";
  note.textContent = `${error.message}. Reload the page to try again.`;
  return note;
}

document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id !== "results") return;
  isFiltering = true;
  for (const [part, given] of running) {
    stale.add(part);
    given.abort();
  }
  running.clear();
  mark();
});

document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.target?.id !== "results") return;
  isFiltering = false;
  mark();
  if (!detail.successful) run();
});

// An open interaction was given feedback or a label (interaction.js).
document.body.addEventListener("recount", () => {
  for (const part of parts()) if (part !== panel || comparing(filter)) stale.add(part);
  mark();
  run();
});

document.body.addEventListener("filtered", () => {
  const was = filter;
  const isTurned = wasFaulty !== isFaulty();
  filter = filterNow();
  wasFaulty = isFaulty();
  if (filter !== was) {
    for (const part of parts()) stale.add(part); // else another page of the rows
    // Which groups stand first, and what stands out, hangs on the filter only when comparing.
    if (!comparing(filter) && !comparing(was) && !isTurned) stale.delete(panel);
  }
  mark();
  run();
});

function watch() {
  observer.disconnect();
  for (const part of inView) if (!part.isConnected) inView.delete(part);
  for (const part of panel.querySelectorAll(".values, .ways")) {
    if (part.matches(".values")) stale.add(part);
    observer.observe(part);
  }
  mark();
}

document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target === panel) watch();
});

// A click with Alt takes anything but this value. (A browser would download the page.)
panel.addEventListener("click", (event) => {
  if (!event.altKey) return;
  const not = event.target.closest("li a.is")?.parentElement.querySelector("a.not");
  if (!not) return;
  event.preventDefault();
  event.stopPropagation();
  not.click();
}, true);

// Tab stops at the bars once.
function stopOnce() {
  const bars = [...chart.querySelectorAll("time-chart a[data-at]")];
  for (const bar of bars) bar.setAttribute("tabindex", bar === bars.at(-1) ? 0 : -1);
}

const control = () => import("../charts/histogram.js");
for (const coming of ["pointerover", "focusin"]) chart.addEventListener(coming, control, { once: true });
const zoom = async (isCloser) => (await control()).zoom(isCloser);
bind({ "+": () => zoom(true), "=": () => zoom(true), "-": () => zoom(false) });

document.addEventListener("DOMContentLoaded", run);
