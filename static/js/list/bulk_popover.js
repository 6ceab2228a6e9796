// Bulk actions on few rows, in a popover above the bar, without leaving the list.

import { fetchPart, make } from "../site/html.js";
import { isTyping } from "../site/key_bindings.js";
import { placeOf } from "./changed_rows.js";

const state = { place: "" }; // where the focus was before

const dialog = () => document.querySelector("#bulk-popover");

// Digits press the buttons of the primary metric, which is the first.
function hearKeys(event) {
  const { key, target } = event;
  const isDigit = /^[1-9]$/.test(key) && !event.repeat && !isTyping(target);
  const buttons = isDigit && dialog().querySelectorAll(".metric:first-child .seg > *");
  if (key !== "Escape" && !buttons?.[key - 1]) return;
  event.preventDefault();
  event.stopPropagation(); // what is open behind it stays
  if (key === "Escape") close();
  else buttons[key - 1].click();
}

export async function fill(shown, { action, body, from }) {
  state.place = placeOf(from);
  shown.addEventListener("keydown", hearKeys);
  try {
    htmx.swap(shown, await fetchPart(action, { method: "POST", body }), { swapStyle: "innerHTML" });
  } catch (error) {
    const button = make("button", { type: "button", className: "cancel", autofocus: true }, "Close");
    shown.replaceChildren(make("h2", { id: "bulk-popover-title" }, error.message), button);
  }
  (shown.querySelector("[autofocus]") ?? shown.querySelector("button"))?.focus();
}

// Puts the focus back, and returns its place.
export function close() {
  const { place } = state;
  dialog()?.close();
  dialog()?.replaceChildren();
  if (place) document.querySelector(place)?.focus({ preventScroll: true });
  return place;
}

document.addEventListener("click", ({ target }) => {
  if (!dialog()?.open || !target.isConnected) return;
  if (target.closest("#bulk-popover .cancel") || !target.closest(".bulk")) close();
});
