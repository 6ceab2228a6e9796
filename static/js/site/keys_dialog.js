// The dialog of all keys, which is the list of /keys/; loaded on first use.

import { make } from "./html.js";

function build(address) {
  const close = make("button", { type: "button", className: "small" }, "Close");
  const bar = make("header", {}, make("h1", { id: "sheet-title" }, "Keys"), close);
  const list = make("div", { className: "key-room", tabIndex: 0, role: "group", ariaLabel: "All keys" });
  const dialog = make("dialog", { id: "keys-dialog", className: "key-sheet" }, bar, list);
  dialog.setAttribute("aria-labelledby", "sheet-title");
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("keydown", ({ key }) => key === "?" && dialog.close());
  document.body.append(dialog);
  htmx.ajax("GET", address, { target: list, swap: "innerHTML" });
  return dialog;
}

export function open(link) {
  const dialog = document.querySelector("#keys-dialog") ?? build(link.getAttribute("href"));
  if (!dialog.open) dialog.showModal();
}
