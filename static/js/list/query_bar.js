// The query bar's completion when somebody comes to the bar, the keys of the time control, and menus.

import { bind } from "../site/key_bindings.js";

const completion = () => import("./query_completion.js");

// The bar that was come to may have been replaced while this loads.
async function offer() {
  await completion();
  document.activeElement.closest("query-bar")?.offer();
}

for (const coming of ["pointerover", "focusin"]) {
  document.addEventListener(coming, ({ target }) => target.closest?.("query-bar") && completion());
}
document.addEventListener("click", ({ target }) => target.id === "bar" && offer());

const shift = (where) => document.querySelector(`[data-shift="${where}"]`)?.click();

bind({
  "/": () => {
    const bar = document.querySelector("#bar");
    bar?.focus();
    bar?.setSelectionRange(bar.value.length, bar.value.length);
    offer();
  },
  "[": () => shift("earlier"),
  "]": () => shift("later"),
});

// What is typed after Escape is for the page: `d` adds what was asked for to a dataset. With a text that is not asked
// for yet it only closes the suggestions, which may still be on their way: Enter then asks.
document.addEventListener("keydown", ({ key, target, defaultPrevented }) => {
  const isAsked = target.id === "bar" && target.value === target.defaultValue;
  if (key === "Escape" && isAsked && !defaultPrevented) target.blur();
});

// A span up to now and two ends exclude each other: the last one written counts.
document.addEventListener("input", ({ target }) => {
  const ends = ["from_time", "before_time"];
  const others = { span: ends, from_time: ["span"], before_time: ["span"] }[target.name];
  for (const name of others ?? []) {
    const other = target.form?.elements[name];
    if (other && target.value) other.value = "";
  }
});

// A menu puts the focus where one writes.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches("#tools details[open]") || matchMedia("(pointer: coarse)").matches) return;
    target.querySelector("[data-first], .edit .panel :is(input:not([type=hidden]), select)")?.focus();
  },
  true,
);

// Save view, here and in the dialog of pages, opens the menu of views at the name.
function saveView() {
  const menu = document.querySelector("#views-menu");
  const name = () => menu.querySelector("[name=name]")?.focus();
  menu.addEventListener("htmx:afterSettle", name, { once: true });
  menu.open = true;
  name();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("#save-what-is-shown") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  setTimeout(saveView); // after the click has closed other menus
});

const named = () => location.hash === "#view-name" && saveView();
addEventListener("hashchange", named);
addEventListener("load", named);
