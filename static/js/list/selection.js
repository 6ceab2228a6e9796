// Ticking rows of the list: one, a range, the page, or all that match but some. What is ticked
// stays while one pages through the filter, and goes with it. Without this the boxes are a form.

import { bind, leave } from "../site/key_bindings.js";

const KEY = "selection"; // in sessionStorage: of this tab alone
let ticked = read();
let anchor = null; // where a range begins

function fresh(filter) {
  return { filter, all: false, ids: new Set() }; // `ids` are in it, or if `all`, left out of it
}

function read() {
  try {
    const { filter, all, ids } = JSON.parse(sessionStorage.getItem(KEY));
    return { filter, all, ids: new Set(ids) };
  } catch {
    return fresh(null); // there is none
  }
}

function keep() {
  sessionStorage.setItem(KEY, JSON.stringify({ ...ticked, ids: [...ticked.ids] }));
  paint();
}

const bar = () => document.querySelector("#selection");
const boxes = () => [...document.querySelectorAll(".rows .pick input[name=id]")];
const isTicked = (box) => ticked.all !== ticked.ids.has(box.value);
const isEmpty = () => !ticked.all && ticked.ids.size === 0;

function tick(box, isOn) {
  if (isOn === ticked.all) ticked.ids.delete(box.value);
  else ticked.ids.add(box.value);
}

// Beside a filter's rows stands how many there are, when that has been counted.
function counted() {
  return document.querySelector("#count b")?.textContent.trim() ?? "";
}

function said() {
  const n = ticked.ids.size.toLocaleString("en");
  if (!ticked.all) return `${n} selected`;
  const all = counted();
  const left = Number(all.replaceAll(",", "")) - ticked.ids.size;
  if (all && !Number.isNaN(left)) return `${left.toLocaleString("en")} selected`;
  return ticked.ids.size ? `all ${all} but ${n} selected` : `all ${all} selected`;
}

function paint() {
  const form = bar();
  if (!form) return;
  const shown = boxes();
  for (const box of shown) {
    box.checked = isTicked(box);
    box.closest("tr").classList.toggle("ticked", box.checked);
  }
  const page = document.querySelector("#pick-page");
  const n = shown.filter((box) => box.checked).length;
  page.closest("label").hidden = false;
  page.checked = n > 0 && n === shown.length;
  page.indeterminate = n > 0 && n < shown.length;
  form.classList.toggle("on", !isEmpty());
  form.querySelector("output").value = isEmpty() ? "" : said();
  const all = form.querySelector(".all");
  all.hidden = ticked.all && ticked.ids.size === 0;
  all.textContent = `select all ${counted()} matching`;
  form.querySelector(".none").hidden = false;
}

// Another filter's rows: what was ticked among others is let go.
function adopt() {
  const filter = bar()?.dataset.filter;
  if (filter === undefined) return;
  if (ticked.filter !== filter) {
    ticked = fresh(filter);
    keep();
  } else paint();
  anchor = null;
}

function range(to, isOn) {
  const shown = boxes();
  const from = shown.findIndex((box) => box.value === anchor);
  const end = shown.indexOf(to);
  const [first, last] = from < 0 ? [end, end] : [Math.min(from, end), Math.max(from, end)];
  for (const box of shown.slice(first, last + 1)) tick(box, isOn);
}

document.addEventListener("click", ({ target, shiftKey }) => {
  if (target.id === "pick-page") {
    for (const box of boxes()) tick(box, target.checked);
  } else if (target.matches?.(".rows .pick input")) {
    if (shiftKey) range(target, target.checked);
    else tick(target, target.checked);
    anchor = target.value;
  } else if (target.matches?.("#selection .all")) {
    ticked = { ...fresh(ticked.filter), all: true };
  } else if (target.closest?.("#selection .none")) {
    ticked = fresh(ticked.filter);
  } else return;
  keep();
});

document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.matches("#selection")) return; // its `id` is the boxes of that name
  formData.delete("id");
  formData.set("of", ticked.all ? "all" : "ticked");
  formData.set(ticked.all ? "excepts" : "ids", [...ticked.ids].join(","));
  sessionStorage.removeItem(KEY); // what is sent is used: the list is found again without ticks
});

// The row that keys speak of: where the focus is, else the open one, else where one was last.
function current() {
  const row =
    document.activeElement.closest(".rows tbody tr") ??
    document.querySelector(".rows tr[aria-selected=true]");
  const shown = boxes();
  return row?.querySelector(".pick input") ?? shown.find((box) => box.value === anchor) ?? shown[0];
}

function toggle(isRange) {
  const box = current();
  if (!box) return;
  if (isRange) range(box, true);
  else tick(box, !isTicked(box));
  anchor = box.value;
  keep();
}

function press(act) {
  bar()?.querySelector(`button[value=${act}]`)?.click();
}

bind({
  x: () => toggle(false),
  X: () => toggle(true),
  A: () => {
    ticked = { ...fresh(ticked.filter), all: isEmpty() || !ticked.all };
    keep();
  },
  // Once an interaction is open, interaction.js takes this key and hands it on.
  l: (event) => {
    if (isEmpty()) leave(event);
    else press("label");
  },
  Delete: () => {
    if (!isEmpty()) press("delete");
  },
  e: () => {
    if (isEmpty()) ticked = { ...fresh(ticked.filter), all: true };
    keep();
    press("export");
  },
  z: () => {
    if (bar()) location.assign(bar().dataset.lastAct);
  },
});

document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "results") adopt();
  else if (target.id === "count") paint();
});
addEventListener("pageshow", () => {
  ticked = read();
  adopt();
});
