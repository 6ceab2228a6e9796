// Parts of feedback that came from the server take their places by their ids. What is typed in a
// section meanwhile, and the focus there, stay.

import { make } from "../site/html.js";

const FIELDS = ".why textarea, .number";
const sent = new WeakMap(); // field → what was sent of it

export function partsOf(html) {
  return [...make("template", { innerHTML: html }).content.children];
}

// What stands in the fields of a form is on its way, and nothing that only stands here.
export function noteSent(form) {
  for (const field of form.querySelectorAll(FIELDS)) sent.set(field, field.value);
}

const metricOf = (field) => field.form?.elements.metric?.value;

// The field that took the place of another one.
function successor(section, field) {
  return [...section.querySelectorAll(field.localName)].find(
    (one) => one.name === field.name && metricOf(one) === metricOf(field),
  );
}

function keepTyped(old, part) {
  for (const field of old.querySelectorAll(FIELDS)) {
    const next = successor(part, field);
    if (!next) continue;
    if (field.value !== (sent.get(field) ?? field.defaultValue)) next.value = field.value;
    const why = next.closest(".why");
    if (why && field === document.activeElement) why.open = true;
  }
}

function keepFocus(old, part, focused) {
  const next = document.getElementById(focused.id) ?? (focused.matches(FIELDS) ? successor(part, focused) : null);
  if (!next || !part.contains(next)) return;
  next.focus({ preventScroll: true });
  if (focused.matches(FIELDS)) next.setSelectionRange(focused.selectionStart, focused.selectionEnd);
}

export function put(parts) {
  for (const part of parts) {
    part.removeAttribute("hx-swap-oob");
    const old = document.getElementById(part.id);
    if (!old) continue; // the person has gone on
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    keepTyped(old, part);
    old.replaceWith(part);
    htmx.process(part);
    if (focused) keepFocus(old, part, focused);
  }
}
