// The builder of datasets: the preview follows the form, Ctrl+Enter makes the dataset, 1 to 9 lead on.

import { bindDigits } from "../site/key_bindings.js";

const form = document.querySelector("#builder");

// The ways on where there are no pairs, by their numbers.
bindDigits((key) => {
  const way = document.querySelectorAll(".ways a")[key - 1];
  if (!way) return `${key} does nothing here. ? lists the keys.`;
  way.click();
});

const typing = { in: null };

// Half a number is no mistake yet: while somebody types, nothing is said, and an empty field asks for nothing.
form.addEventListener(
  "input",
  (event) => {
    typing.in = event.target;
    if (event.target.id === "n" && !event.target.value.trim()) event.stopPropagation();
  },
  true,
);
form.addEventListener(
  "change",
  ({ target }) => {
    typing.in = null;
    if (target.id === "sample" || target.id === "n") fillSample();
  },
  true,
);

// At once, and not with the preview: who comes to the field by Tab writes over what is in it.
function fillSample() {
  const [sample, n] = [form.querySelector("#sample").value, form.querySelector("#n")];
  if (sample === "all" || n.value.trim()) return;
  n.value = sample === "balanced" ? n.dataset.usualOfEach : n.dataset.usual;
}

// What was asked for before this choice is asked for no more.
document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const later = document.querySelector("#preview-later");
  if (detail.elt === form && later) htmx.trigger(later, "htmx:abort");
});

// A field that is wrong says so itself, too; what is wrong with it comes with the preview.
function markFaults() {
  for (const fault of form.querySelectorAll(".fault")) {
    for (const field of form.querySelectorAll(`[aria-describedby~="${fault.id}"]`)) {
      const isEarly = field === typing.in && field === document.activeElement;
      fault.hidden = isEarly;
      if (fault.textContent.trim() && !isEarly) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }
}

// Pressed twice, it would make two.
const sent = { is: false };
form.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "make") return;
  if (sent.is) event.preventDefault();
  sent.is = true;
});
addEventListener("pageshow", () => (sent.is = false)); // also after Back

const make = () => form.querySelector("button[value=make]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    make()?.click();
  } else if (event.target.matches("#builder input")) {
    event.preventDefault(); // Enter in a field is not yet a decision: the preview shows what comes of it
    htmx.trigger(event.target, "change");
  }
});

document.body.addEventListener("htmx:afterSettle", markFaults);
