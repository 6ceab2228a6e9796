/* <copy-text value="…" label="Copy id">: a button that copies its value whole; with a `key`, which
   `interaction.js` listens to, that presses it. */

import { make } from "./html.js";

const SHOWN = 1500; // milliseconds that "Copied" stays

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Away from https and localhost there is no clipboard but the selection's.
  const area = make("textarea", { value: text, className: "visually-hidden" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser refused to copy");
}

class CopyText extends HTMLElement {
  connectedCallback() {
    if (this.firstChild) return;
    const button = make("button", { type: "button", className: "small" }, this.getAttribute("label"));
    const key = this.getAttribute("key");
    if (key) {
      button.dataset.key = key;
      button.ariaKeyShortcuts = key;
    }
    button.addEventListener("click", () => this.run(button));
    this.append(button, make("span", { className: "visually-hidden", role: "status" }));
  }

  async run(button) {
    let word = "Copied";
    try {
      await copy(this.getAttribute("value"));
    } catch {
      word = "Not copied";
    }
    button.textContent = word;
    this.lastChild.textContent = word;
    setTimeout(() => {
      button.textContent = this.getAttribute("label");
      this.lastChild.textContent = "";
    }, SHOWN);
  }
}

customElements.define("copy-text", CopyText);
