// Digits give feedback: they press the buttons of what is open, or of the turn in hand. On a row
// that is not open they give the project's primary metric, without opening it.

import { inOrder, request } from "../site/html.js";
import { control, scope } from "./controls.js";
import { partsOf, put } from "./feedback_parts.js";

const READ_ONLY = "You may read this project, but not give feedback.";

// The focused row, else the marked one.
function rowNow() {
  return document.activeElement.closest(".rows tbody tr") ?? document.querySelector(".rows tr[aria-selected=true]");
}

async function give(id, key) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  body.set("key", key);
  const headers = { "HX-Current-URL": location.href };
  const address = `${location.pathname}${id}/feedback/by-key/`;
  const answer = await request(address, { method: "POST", body, headers, keepalive: true }).catch(() => null);
  if (!answer) return "The server does not answer; the feedback may or may not be stored.";
  if (answer.status === 403) return READ_ONLY;
  if (answer.status === 404) return "This interaction is not there any more.";
  const all = partsOf(await answer.text());
  const said = all.find((part) => part.id === "said")?.textContent;
  if (!said) return `The server answered ${answer.status}; no feedback is stored.`;
  const parts = all.filter((part) => part.id !== "said");
  put(parts);
  if (parts.length) document.body.dispatchEvent(new Event("recount"));
  return said;
}

// Whatever went wrong with one key, the next is sent.
function tellOf(error) {
  console.error(error);
  return "Something went wrong; the feedback may or may not be stored. Reload the page to see.";
}

export function press(key) {
  const id = rowNow()?.id.slice("row-".length);
  const isOpen = !id || document.getElementById(`feedback-${id}`);
  if (!isOpen) return inOrder(() => give(id, key)).catch(tellOf);
  const shown = scope();
  const button = control(key);
  const field = shown?.querySelector(".metric-feedback.primary .number");
  if (button) button.click();
  else if (field) {
    field.focus();
    field.value = key;
  } else if (!shown) return "Go to a row first: j opens one, and a digit gives it feedback.";
  else if (!shown.querySelector(".give-feedback")) return READ_ONLY;
  else return `No value is on ${key} here.`;
}
