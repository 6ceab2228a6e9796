// The builder of datasets: the preview follows the form, Ctrl+Enter makes the dataset.

const form = document.querySelector("#builder");

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
form.addEventListener("change", () => (typing.in = null), true);

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
