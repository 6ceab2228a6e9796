// Corrections that were typed and not saved yet: kept in the browser until they are stored or discarded, so that
// another record, Escape, a link or a reload loses nothing. `data-draft` names one, and whose it is.

import { make } from "../site/html.js";

const PREFIX = "correction:";
const unkept = new Map(); // drafts that the browser has no room for

function all() {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
}

function read(name) {
  return unkept.get(name) ?? JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
}

function forget(name) {
  unkept.delete(name);
  localStorage.removeItem(PREFIX + name);
}

function keep(name, draft) {
  unkept.delete(name);
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(draft));
  } catch {
    localStorage.removeItem(PREFIX + name);
    unkept.set(name, draft);
  }
}

addEventListener("beforeunload", (event) => unkept.size && event.preventDefault());

// The note beside the field, with the button that takes the stored answer again.
function describe(field, draft) {
  const place = field.form.querySelector(".unsaved");
  if (!place) return;
  place.hidden = !draft;
  if (!draft) return place.replaceChildren();
  const isStale = draft.from !== field.defaultValue;
  const said = isStale ? "Not saved. The answer was changed since you began." : "Not saved yet; kept in this browser.";
  if (place.firstChild?.textContent === said) return;
  const button = make("button", { type: "button", className: "plain" }, "Discard");
  button.addEventListener("click", () => {
    field.value = field.defaultValue;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    field.focus();
  });
  place.replaceChildren(make("span", {}, said), " ", button);
}

// What was typed stands in its field again, and the rows say which records have some.
export function restore(root = document) {
  for (const field of root.querySelectorAll("textarea[data-draft]")) {
    const draft = read(field.dataset.draft);
    if (!draft || draft.text === field.defaultValue) forget(field.dataset.draft);
    else {
      field.value = draft.text;
      field.closest("details").open = true;
      const { edited } = field.form.elements;
      if (edited) edited.value = "1";
      describe(field, draft);
    }
  }
  mark();
}

export function mark() {
  const items = new Set([...all(), ...unkept.keys()].map((name) => name.split(":").at(-1)));
  for (const row of document.querySelectorAll("#rows > tr")) {
    row.classList.toggle("has-draft", items.has(row.id.slice("row-".length)));
  }
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("textarea[data-draft]")) return;
  const name = target.dataset.draft;
  const draft = { text: target.value, from: read(name)?.from ?? target.defaultValue };
  const isChanged = target.value !== target.defaultValue;
  if (isChanged) keep(name, draft);
  else forget(name);
  const { edited } = target.form.elements;
  if (edited) edited.value = isChanged ? "1" : "";
  describe(target, isChanged ? draft : null);
  mark();
});

// Stored: what was typed meanwhile stays.
export function stored(body) {
  const item = body.get("item");
  for (const name of [...all(), ...unkept.keys()].filter((one) => one.endsWith(`:${item}`))) {
    if (body.has("original") || read(name)?.text === body.get("text")) forget(name);
  }
  mark();
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { elt, successful, requestConfig } = detail;
  if (successful && elt.querySelector?.("textarea[data-draft]")) stored(requestConfig.formData);
});
document.addEventListener("queue:stored", ({ detail }) => stored(detail));

restore();
