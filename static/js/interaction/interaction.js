// The keys of an interaction on its page, beside the list, and in a session; folds; printing.

import { bind, bindDigits } from "../site/key_bindings.js";
import { control, scope } from "./controls.js";
import "./feedback_forms.js";
import { press as pressDigit } from "./feedback_keys.js";

function press(key, missing) {
  const found = control(key);
  if (!found) return missing;
  found.click();
}

// On the list the selected rows are labelled, if there are any (selection.js).
function label() {
  const ofSelection = document.querySelector("#selection.on button[value=label]");
  if (ofSelection) return ofSelection.click();
  const summary = control("l");
  if (!summary) return "No interaction is open whose labels you may change.";
  summary.parentElement.open = true;
  summary.parentElement.querySelector(".add input[name=key]").focus();
}

// To the reason of the feedback that is being given or was, else of the first that can be.
function reason() {
  const all = scope()?.querySelectorAll(".give-feedback:has(.seg)") ?? [];
  const forms = [...all].filter((one) => one.checkVisibility());
  const given = (one) => one.querySelector("[aria-pressed=true]");
  const form = forms.find((one) => one.ariaBusy) ?? forms.find(given) ?? forms[0];
  if (!form) return "No feedback can be given here, so it needs no reason.";
  form.querySelector(".why").open = true;
  form.querySelector(".why textarea").focus();
}

// Ctrl and Enter in a reason give the feedback again, with it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.repeat || !(event.ctrlKey || event.metaKey)) return;
  event.target.closest(".why")?.closest("form").querySelector("[aria-pressed=true]")?.click();
});

bindDigits(pressDigit);
bind({
  w: reason,
  l: label,
  r: () => press("r", "No interaction is open whose text could be shown raw."),
  c: () => press("c", "No interaction is open whose link could be copied."),
  s: () => press("s", "Nothing else answers this prompt."),
});

// A link to a place within a folded part opens what hides it.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let one = target; one; one = one.parentElement) {
    if (one.tagName === "DETAILS") one.open = true;
    if (one.classList?.contains("fold")) one.querySelector("input").checked = true;
  }
  target?.scrollIntoView({ block: "nearest" });
}
addEventListener("hashchange", reveal);
if (location.hash) reveal();

// Paper has no folds: what is closed is opened while printing, and every image is loaded.
const opened = [];
addEventListener("beforeprint", () => {
  const closed = ".one details:not([open], .fetch, .others, .history, .labels details)";
  opened.push(...document.querySelectorAll(closed));
  for (const details of opened) details.open = true;
  for (const image of document.querySelectorAll("img[loading=lazy]")) image.loading = "eager";
});
addEventListener("afterprint", () => {
  for (const details of opened.splice(0)) details.open = false;
});

// A label changes what is counted beside the list (side_panel.js).
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!detail.successful || detail.requestConfig.verb === "get") return;
  document.body.dispatchEvent(new Event("recount"));
});
