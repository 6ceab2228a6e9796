// The dialog of all keys, which is the list of /keys/; loaded on first use.

import { make } from "./html.js";

function build(address) {
  const close = make("button", { type: "button", className: "small" }, "Close");
  const bar = make("header", {}, make("h1", { id: "keys-title" }, "Keyboard shortcuts"), close);
  const list = make("div", { className: "keys-list", tabIndex: 0, role: "group", ariaLabel: "All shortcuts" });
  const dialog = make("dialog", { id: "keys-dialog", className: "keys-dialog" }, bar, list);
  dialog.setAttribute("aria-labelledby", "keys-title");
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "?") return;
    event.stopPropagation(); // the page's own `?` would open it again
    dialog.close();
  });
  document.body.append(dialog);
  htmx.ajax("GET", address, { target: list, swap: "innerHTML" });
  return dialog;
}

export function open(link) {
  const dialog = document.querySelector("#keys-dialog") ?? build(link.getAttribute("href"));
  if (!dialog.open) dialog.showModal();
}
