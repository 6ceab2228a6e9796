// Digits give feedback: they press the buttons of what is open, or of the turn in hand. On a row
// that is not open they give the project's primary metric, without opening it.

import { make, request } from "../site/html.js";
import { control, scope } from "./controls.js";

const READ_ONLY = "You may read this project, but not give feedback.";
const sending = { last: Promise.resolve() }; // one after the other, in the order of the keys

// The focused row, else the marked one.
function rowNow() {
  return document.activeElement.closest(".rows tbody tr") ?? document.querySelector(".rows tr[aria-selected=true]");
}

// The section, and in a list the marks, which stand on the page by their ids.
function put(parts) {
  for (const part of parts) {
    part.removeAttribute("hx-swap-oob");
    const old = document.getElementById(part.id);
    old?.replaceWith(part);
    if (old) htmx.process(part);
  }
}

async function give(id, key) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  body.set("key", key);
  const headers = { "HX-Current-URL": location.href };
  const address = `${location.pathname}${id}/feedback/by-key/`;
  const answer = await request(address, { method: "POST", body, headers }).catch(() => null);
  if (!answer) return "The server does not answer; the feedback may or may not be stored.";
  if (answer.status === 403) return READ_ONLY;
  if (answer.status === 404) return "This interaction is not there any more.";
  const { content } = make("template", { innerHTML: await answer.text() });
  const said = content.querySelector("#said")?.textContent;
  if (!said) return `The server answered ${answer.status}; no feedback is stored.`;
  const parts = [...content.children].filter((part) => part.id !== "said");
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
  if (!isOpen) return (sending.last = sending.last.then(() => give(id, key)).catch(tellOf));
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
