// Selecting rows of the list: one, a range, the page, or all that match but some. A selection
// holds over the pages of one filter.

import { bind, isBound, leave } from "../site/key_bindings.js";

const KEY = "selection"; // in sessionStorage, which is a tab's
const FEW = 100; // rows at most, and not all that match: done without leaving the list
const IN_PLACE = ["label", "unlabel", "feedback", "withdraw", "delete"];

const bar = () => document.querySelector("#selection");
const boxes = () => [...document.querySelectorAll(".rows .pick input[name=id]")];

class Selection {
  filter = null; // whose rows are selected
  all = false;
  ids = new Set(); // selected, or if `all`, left out
  anchor = null; // where a range begins

  read() {
    const { filter, all, ids } = JSON.parse(sessionStorage.getItem(KEY)) ?? new Selection();
    Object.assign(this, { filter, all, ids: new Set(ids) });
    this.adopt();
  }

  reset(all = false) {
    this.all = all;
    this.ids.clear();
    this.keep();
  }

  keep() {
    const { filter, all, ids } = this;
    sessionStorage.setItem(KEY, JSON.stringify({ filter, all, ids: [...ids] }));
    this.paint();
  }

  adopt() {
    const filter = bar()?.dataset.filter;
    if (filter === undefined) return;
    this.anchor = null;
    if (this.filter === filter) return this.paint();
    this.filter = filter;
    this.reset();
  }

  get isEmpty() {
    return !this.all && this.ids.size === 0;
  }

  get areFew() {
    return !this.all && this.ids.size <= FEW;
  }

  has(box) {
    return this.all !== this.ids.has(box.value);
  }

  tick(box, isOn) {
    if (isOn === this.all) this.ids.delete(box.value);
    else this.ids.add(box.value);
  }

  tickRange(to, isOn) {
    const shown = boxes();
    const from = shown.findIndex((box) => box.value === this.anchor);
    const end = shown.indexOf(to);
    const [first, last] = from < 0 ? [end, end] : [Math.min(from, end), Math.max(from, end)];
    for (const box of shown.slice(first, last + 1)) this.tick(box, isOn);
  }

  // The focused row, else the open one, else the last one.
  toggle(isRange) {
    const row =
      document.activeElement.closest(".rows tbody tr") ??
      document.querySelector(".rows tr[aria-selected=true]");
    const shown = boxes();
    const box = row?.querySelector(".pick input") ?? shown.find(({ value }) => value === this.anchor) ?? shown[0];
    if (!box) return;
    if (isRange) this.tickRange(box, true);
    else this.tick(box, !this.has(box));
    this.anchor = box.value;
    this.keep();
  }

  toString() {
    const n = this.ids.size.toLocaleString("en");
    if (!this.all) return `${n} selected`;
    const all = counted();
    const left = Number(all.replaceAll(",", "")) - this.ids.size;
    if (all && !Number.isNaN(left)) return `${left.toLocaleString("en")} selected`;
    return this.ids.size ? `all ${all} but ${n} selected` : `all ${all} selected`;
  }

  paint() {
    const form = bar();
    if (!form) return;
    const shown = boxes();
    for (const box of shown) {
      box.checked = this.has(box);
      box.closest("tr").classList.toggle("ticked", box.checked);
    }
    const page = document.querySelector("#pick-page");
    const n = shown.filter((box) => box.checked).length;
    page.checked = n > 0 && n === shown.length;
    page.indeterminate = n > 0 && n < shown.length;
    form.classList.toggle("on", !this.isEmpty);
    form.querySelector("output").value = this.isEmpty ? "" : this;
    const all = form.querySelector(".all");
    all.hidden = this.all && this.ids.size === 0;
    all.textContent = `select all ${counted()} matching`;
    form.querySelector(".none").hidden = false;
  }
}

// How many rows match, when that has been counted.
function counted() {
  return document.querySelector("#count b")?.textContent.trim() ?? "";
}

const selection = new Selection();

document.addEventListener("click", ({ target, shiftKey }) => {
  if (target.id === "pick-page") {
    for (const box of boxes()) selection.tick(box, target.checked);
  } else if (target.matches?.(".rows .pick input")) {
    if (shiftKey) selection.tickRange(target, target.checked);
    else selection.tick(target, target.checked);
    selection.anchor = target.value;
  } else if (target.matches?.("#selection .all")) return selection.reset(true);
  else if (target.closest?.("#selection .none")) return selection.reset();
  else return;
  selection.keep();
});

// It opens at once, so that what is typed from now on is for it; what it holds comes then.
async function openPopover(button) {
  const from = document.activeElement;
  const dialog = document.querySelector("#bulk-popover");
  let typed = "";
  const gather = (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    typed += event.key;
  };
  document.querySelector("#toast").replaceChildren(); // it would cover the buttons
  dialog.close();
  dialog.replaceChildren();
  dialog.addEventListener("keydown", gather);
  dialog.show();
  dialog.focus();
  button.closest("details")?.removeAttribute("open");
  const body = new FormData(bar(), button);
  selection.keep(); // nothing is sent yet
  const { fill } = await import("./bulk_popover.js");
  await fill(dialog, { action: bar().getAttribute("action"), body, from });
  dialog.removeEventListener("keydown", gather);
  if (document.activeElement.matches("#bulk-popover input[type=text]")) document.activeElement.value ||= typed;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#selection button[name=action]");
  if (!button || !IN_PLACE.includes(button.value) || !selection.areFew || selection.isEmpty) return;
  event.preventDefault();
  openPopover(button);
});

// Reads the rows anew after a bulk action in place, or an undoing; `by` says what it was.
export async function showChanged(by, activeElement) {
  const dialog = document.querySelector("#bulk-popover");
  const isOpen = dialog?.open;
  dialog?.close(); // before anything is awaited: the keys work again
  const { placeOf, refresh } = await import("./changed_rows.js");
  const place = isOpen ? (await import("./bulk_popover.js")).close() : placeOf(activeElement);
  if (by === "delete") {
    const { opened } = await import("./open_interaction.js");
    if (opened.isOpen && selection.has({ value: opened.id })) opened.forget();
    selection.reset();
  }
  refresh(place);
}

document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.matches("#selection")) return; // its `id` is the boxes of that name
  const { all, ids } = selection;
  formData.delete("id");
  formData.set("of", all ? "all" : "ticked");
  formData.set(all ? "excepts" : "ids", [...ids].join(","));
  sessionStorage.removeItem(KEY); // used once it is sent
});

function press(action) {
  bar()?.querySelector(`button[value=${action}]`)?.click();
}

// Of what is ticked, or with nothing ticked of all that match; `otherwise` says why there is no such button.
function pressOfAll(action, otherwise) {
  if (!bar()) return "No interaction is listed, so there is nothing to take.";
  if (!bar().querySelector(`[value=${action}]`)) return otherwise;
  if (selection.isEmpty) selection.reset(true);
  press(action);
}

bind({
  x: () => selection.toggle(false),
  X: () => selection.toggle(true),
  A: () => selection.reset(selection.isEmpty || !selection.all),
  f: () => (selection.isEmpty ? "No row is ticked to give feedback on: x ticks one." : press("feedback")),
  Delete: () => (selection.isEmpty ? "No row is ticked to be deleted: x ticks one." : press("delete")),
  e: () => pressOfAll("export", "You may not download files of this project."),
  d: () => pressOfAll("dataset", "You may not make datasets in this project."),
});
// Whichever script comes first, the key is that of interaction.js where that is loaded.
if (!isBound("l")) bind({ l: (event) => (selection.isEmpty ? leave(event) : press("label")) });

document.body.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "results") selection.adopt();
  else if (target.id === "count") selection.paint();
});
// What was ticked while this script was on its way.
const early = boxes().filter((box) => box.checked || document.querySelector("#pick-page").checked);
selection.read();
for (const box of early) {
  selection.tick(box, true);
  selection.anchor = box.value;
}
if (early.length) selection.keep();
addEventListener("pageshow", () => selection.read()); // also after Back
