// The builder of datasets: the preview follows the form, Ctrl+Enter makes the dataset.

const form = document.querySelector("#builder");

// A field that is wrong says so itself, too; what is wrong with it comes with the preview.
function markFaults() {
  for (const fault of form.querySelectorAll(".fault")) {
    for (const field of form.querySelectorAll(`[aria-describedby~="${fault.id}"]`)) {
      if (fault.textContent.trim()) field.setAttribute("aria-invalid", "true");
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
