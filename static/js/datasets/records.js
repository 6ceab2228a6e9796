// The records of a dataset: rows, one of them open beside them, ticks, and the keys for all of it.

import { make, request } from "../site/html.js";
import { bind, isTyping } from "../site/key_bindings.js";
import { mark, restore } from "./drafts.js";
import { VERDICTS, bindRecord } from "./record_keys.js";

const rows = () => [...document.querySelectorAll("#rows > tr")];
const boxes = () => [...document.querySelectorAll("#rows .pick input")];
const bar = () => document.querySelector("#selection");

// Ticks hold on one page; `all` is every record that the filter leaves.
const ticks = { all: false, anchor: null };

function paint() {
  const form = bar();
  if (!form) return;
  const shown = boxes();
  for (const box of shown) {
    if (ticks.all) box.checked = true;
    box.closest("tr").classList.toggle("ticked", box.checked);
  }
  const n = shown.filter((box) => box.checked).length;
  const page = document.querySelector("#pick-page");
  page.checked = n > 0 && n === shown.length;
  page.indeterminate = n > 0 && n < shown.length;
  form.classList.toggle("on", n > 0);
  const all = form.querySelector(".all");
  const counted = document.querySelector("#count b")?.textContent.trim() ?? "";
  form.querySelector("output").value = ticks.all ? `all ${counted} selected` : n ? `${n} selected` : "";
  if (all) all.hidden = ticks.all || !n;
  form.querySelector(".none").hidden = !n;
  mark();
}

function clear() {
  ticks.all = false;
  for (const box of boxes()) box.checked = false;
  paint();
}

document.addEventListener("click", ({ target, shiftKey }) => {
  if (target.id === "pick-page") {
    for (const box of boxes()) box.checked = target.checked;
    ticks.all = false;
  } else if (target.matches?.("#rows .pick input")) {
    const shown = boxes();
    const [from, to] = [shown.indexOf(ticks.anchor), shown.indexOf(target)].sort((a, b) => a - b);
    if (shiftKey && from >= 0) for (const box of shown.slice(from, to + 1)) box.checked = target.checked;
    ticks.anchor = target;
    ticks.all = false;
  } else if (target.matches?.("#selection .all")) ticks.all = true;
  else if (target.matches?.("#selection .none")) return clear();
  else return;
  paint();
});

document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (target.id === "selection" && ticks.all) detail.parameters.of = "all";
});

// What is at an address in place of what is shown, scrolled and focused as before. Of the same rows only the open
// record is asked for.
async function show(address, { isBack = false, isAnew = false } = {}) {
  const isSameList = listOf(address) === listOf(location.href);
  const only = isSameList && !isAnew && !isBack ? "open-interaction" : "record-tools";
  const answer = await request(address, { headers: { "HX-Target": only } });
  if (!answer.ok) return `The server answered ${answer.status}.`;
  if (!isBack && new URL(address, location.href).href !== location.href) history.pushState(null, "", address);
  const html = await answer.text();
  const hadFocus = document.activeElement.closest("#open-interaction");
  if (only === "open-interaction") panel().innerHTML = html;
  else replace(html, isSameList);
  htmx.process(panel());
  markOpen();
  restore(panel());
  if (hadFocus) panel().focus({ preventScroll: true });
}

const panel = () => document.querySelector("#open-interaction");

function replace(html, isSameList) {
  const made = make("template", { innerHTML: html }).content;
  const row = document.activeElement.closest("#rows > tr")?.id;
  const top = document.querySelector("#results").scrollTop;
  const bar = document.activeElement.id === "bar" && document.activeElement.value;
  for (const id of ["record-tools", "results", "open-interaction"]) {
    document.getElementById(id).replaceWith(made.getElementById(id));
    htmx.process(document.getElementById(id));
  }
  const results = document.querySelector("#results");
  results.scrollTop = isSameList ? top : 0;
  if (row) document.querySelector(`#${row} a.open`)?.focus({ preventScroll: true });
  else if (bar !== false) document.querySelector("#bar").focus();
  const { facets } = document.querySelector("#record-tools").dataset;
  htmx.ajax("GET", facets, { target: "#record-facets" });
  ticks.all = false;
  ticks.anchor = null;
  paint();
}

function markOpen() {
  const id = panel().querySelector(".record")?.dataset.item;
  for (const row of rows()) row.ariaSelected = row.id === `row-${id}` ? "true" : null;
  const row = document.querySelector("#rows > [aria-selected]");
  row?.scrollIntoView({ block: "nearest" });
}

function listOf(address) {
  const url = new URL(address, location.href);
  url.searchParams.delete("open");
  return url.href;
}

const isPlain = (event) => !(event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

document.addEventListener("click", (event) => {
  if (!isPlain(event) || event.defaultPrevented) return;
  const inside = ":is(#desk, #record-tools)";
  const link = event.target.closest(`${inside} a[href^='?'], #record-facets a.is`);
  const row = event.target.closest("#rows > tr");
  if (link) {
    event.preventDefault();
    show(link.href);
  } else if (row && !event.target.closest("a, button, input, label") && !String(getSelection())) {
    show(row.querySelector("a.open").href);
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "query") return;
  event.preventDefault();
  const asked = [...new FormData(event.target)].filter(([, value]) => value);
  show(`${location.pathname}?${new URLSearchParams(asked)}`);
});

addEventListener("popstate", () => show(location.href, { isBack: true, isAnew: true }));
document.body.addEventListener("records-changed", () => show(location.href, { isAnew: true }));

function step(by) {
  const all = rows();
  const focused = document.activeElement.closest("#rows > tr");
  const open = document.querySelector("#rows > [aria-selected]");
  const at = all.indexOf(focused ?? open);
  const next = all[at < 0 ? 0 : at + by];
  if (!next) {
    const page = document.querySelector(`.pager a[rel=${by > 0 ? "next" : "prev"}]`);
    return page ? show(page.href) : `That was the ${by > 0 ? "last" : "first"} record.`;
  }
  const link = next.querySelector("a.open");
  link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  if (open) return show(link.href);
}

const current = () => document.activeElement.closest("#rows > tr") ?? document.querySelector("#rows > [aria-selected]");

function open() {
  const page = document.querySelector("#open-page");
  if (page && current()?.ariaSelected === "true") return page.click();
  current()?.querySelector("a.open").click();
}

// What is ticked, else the open record, else the focused row; there a verdict that it has is taken back.
function press(action) {
  const form = bar();
  if (!form) return "You may not change these records.";
  const isTicked = ticks.all || boxes().some((box) => box.checked);
  const button = form.querySelector(`button[value="${action}"]`);
  if (!button) return "Nothing to do here: put it back first.";
  if (isTicked) return button.click();
  const opened = document.querySelector(`#open-interaction [data-act="${action}"]`);
  if (opened) return opened.click();
  const box = current()?.querySelector(".pick input");
  if (!box) return "No record is ticked: x ticks one.";
  box.checked = true;
  const has = { approve: "approved", reject: "rejected" }[action];
  const isBack = has && current().dataset.review === has;
  (isBack ? form.querySelector("button[value=unreview]") : button).click();
}

bind({
  j: () => step(1),
  k: () => step(-1),
  o: open,
  x: () => {
    const box = current()?.querySelector(".pick input") ?? boxes()[0];
    if (box) box.click();
  },
  A: () => {
    if (!bar()?.querySelector(".all")) return "All of these cannot be ticked at once.";
    ticks.all = !ticks.all;
    if (ticks.all) paint();
    else clear();
  },
  ...Object.fromEntries(Object.entries(VERDICTS).map(([key, action]) => [key, () => press(action)])),
  Delete: () => press("remove"),
});
bindRecord();

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (isTyping(event.target)) event.target.blur();
  else document.querySelector("#close-interaction")?.click();
});

addEventListener("pageshow", paint);
