// Groups by keyboard: j and k walk them, Enter opens one, x ticks it, c compares two that are ticked,
// d adds what is ticked to a dataset, or all.

import { bind } from "../site/key_bindings.js";

const main = document.querySelector("main");

function lines() {
  return [...main.querySelectorAll(".grid tbody tr")];
}

function current() {
  return document.activeElement.closest(".grid tbody tr");
}

function step(by) {
  const all = lines();
  const at = all.indexOf(current());
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  (next?.querySelector("a.open") ?? next?.querySelector("a, input"))?.focus();
}

function tick() {
  current()?.querySelector(".tick input")?.click();
}

// A button says what it takes; without scripts the next page does.
function count() {
  const n = main.querySelectorAll(".tick input:checked").length;
  const dataset = main.querySelector("[data-act=dataset]");
  if (dataset) {
    dataset.hidden = false;
    dataset.textContent = n ? `Add ${n} selected to dataset` : "Add all to dataset";
  }
  const compare = main.querySelector("[data-act=compare]");
  if (!compare) return;
  compare.disabled = n !== 2;
  compare.title = n === 2 ? "Compare them (c)" : "Tick two groups to compare them";
  main.querySelector("[data-act=open]").disabled = n === 0;
}

main.addEventListener("formdata", ({ target, formData }) => {
  if (target.id !== "groups-to-dataset") return; // its groups are the ticks of the table
  for (const { value } of main.querySelectorAll(".tick input:checked")) formData.append("group", value);
});

count();
main.addEventListener("change", count);
main.addEventListener("htmx:afterSettle", count);
addEventListener("pageshow", count); // Back brings the ticks back

bind({
  j: () => step(1),
  k: () => step(-1),
  x: tick,
  c: () => main.querySelector("[data-act=compare]:enabled")?.click(),
  d: () => {
    const button = main.querySelector("[data-act=dataset]");
    return button ? button.click() : "You may not make datasets in this project.";
  },
  o: () => current()?.querySelector("a.open")?.click(),
});
