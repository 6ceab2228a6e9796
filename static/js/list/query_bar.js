// The query bar: what could be written at the caret, by the keyboard as ARIA's combobox has it;
// and the keys of the time control. Without scripts the bar is a plain input.

import { bind } from "../site/key_bindings.js";

const PAUSE = 90; // ms after the last key until the server is asked

class QueryBar extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.popup = document.createElement("div");
    this.popup.className = "suggestions";
    this.popup.hidden = true;
    this.status = document.createElement("span");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    this.append(this.popup, this.status);
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": "bar-options",
    })) {
      this.input.setAttribute(name, value);
    }
    this.held = [];
    this.input.addEventListener("input", () => {
      this.held = []; // they were for what had been typed by then
      this.ask(PAUSE);
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("paste", (event) => this.paste(event));
    this.input.form.addEventListener("submit", () => this.close());
    // The input keeps the focus while the mouse picks.
    this.popup.addEventListener("mousedown", (event) => event.preventDefault());
    this.popup.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.accept(option);
    });
  }

  disconnectedCallback() {
    this.close();
    this.popup.remove();
    this.status.remove();
  }

  get options() {
    return this.popup.hidden ? [] : [...this.popup.querySelectorAll("[role=option]")];
  }

  get active() {
    return this.popup.querySelector("[aria-selected=true]");
  }

  // What is shown was offered for an earlier text, and its answer is on the way.
  get isBusy() {
    return this.popup.getAttribute("aria-busy") === "true";
  }

  // Ask what could stand at the caret; only the last question's answer counts.
  ask(pause = 0) {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.popup.setAttribute("aria-busy", String(!this.popup.hidden));
    this.mark(null);
    this.timer = setTimeout(async () => {
      this.asking = new AbortController();
      const { value } = this.input;
      // Characters, as the server counts them: an emoji is one.
      const at = [...value.slice(0, this.input.selectionStart)].length;
      const asked = new URLSearchParams({ bar: value, at });
      try {
        const { signal } = this.asking;
        const answer = await fetch(`${this.dataset.from}?${asked}`, { signal });
        if (answer.ok && !answer.redirected) this.show(await answer.text(), value);
        else this.close();
      } catch (error) {
        if (error.name !== "AbortError") this.close();
      }
    }, pause);
  }

  show(html, value) {
    if (document.activeElement !== this.input) return;
    this.popup.innerHTML = html;
    this.popup.setAttribute("aria-busy", "false");
    this.value = value;
    const n = this.popup.querySelectorAll("[role=option]").length;
    this.popup.hidden = n === 0 && !this.popup.querySelector("p");
    this.input.setAttribute("aria-expanded", String(!this.popup.hidden));
    this.mark(null);
    this.status.textContent = n === 1 ? "1 suggestion" : `${n} suggestions`;
    this.letGo();
  }

  // The keys that were held; an Enter that finds nothing to take submits, as it does by itself.
  letGo() {
    for (const key of this.held.splice(0)) {
      if (!this.press(key) && key === "Enter") return this.input.form.requestSubmit();
    }
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.held = [];
    this.mark(null);
    this.popup.setAttribute("aria-busy", "false");
    this.popup.hidden = true;
    this.popup.replaceChildren();
    this.status.textContent = "";
    this.input.setAttribute("aria-expanded", "false");
  }

  mark(option) {
    this.active?.removeAttribute("aria-selected");
    this.input.removeAttribute("aria-activedescendant");
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  step(by) {
    const { options } = this;
    if (!options.length) return this.ask();
    const at = options.indexOf(this.active);
    const from = at < 0 && by < 0 ? 0 : at;
    return this.mark(options[(from + by + options.length) % options.length]);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.shiftKey && event.key === "Tab") return;
    const isOurs = this.isBusy && event.key !== "Escape" ? this.hold(event.key) : this.press(event.key);
    if (!isOurs) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // What a key does with what is offered; false if it is for others.
  press(key) {
    const isOpen = this.options.length > 0;
    const act = {
      ArrowDown: () => this.step(1),
      ArrowUp: () => this.step(-1),
      Escape: isOpen && (() => this.close()),
      Enter: this.active && (() => this.accept(this.active)),
      Tab: isOpen && (() => this.accept(this.active ?? this.options[0])),
    }[key];
    if (act) act();
    return Boolean(act);
  }

  // Fast fingers mean what will be offered for what they have typed, not what is still shown.
  // Enter alone submits what is written, and a second Tab leaves.
  hold(key) {
    const isHeld = {
      ArrowDown: true,
      ArrowUp: true,
      Enter: this.held.length > 0,
      Tab: !this.held.includes("Tab"),
    }[key];
    if (isHeld) this.held.push(key);
    return isHeld;
  }

  accept(option) {
    const letters = [...this.input.value];
    const asked = [...this.value];
    const { text } = option.dataset;
    const start = Number(option.dataset.start);
    // Clicked while a newer answer is on the way: what was typed meanwhile is replaced, too.
    const end = Number(option.dataset.end) + letters.length - asked.length;
    const rest = letters.slice(end).join("");
    const around = asked.slice(0, start).join("") + asked.slice(option.dataset.end).join("");
    if (end < start || letters.slice(0, start).join("") + rest !== around) return;
    const isName = text.endsWith(":");
    const space = isName || rest.startsWith(" ") || rest.startsWith(")") ? "" : " ";
    const before = letters.slice(0, start).join("") + text + space;
    this.input.value = before + rest;
    this.input.setSelectionRange(before.length, before.length);
    this.close();
    if ("goesOn" in option.dataset) this.ask();
  }

  // Lines become one line; a plain input would join them without a space.
  paste(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = this.input;
    this.input.setRangeText(text.trim().split(/\s*[\r\n]+\s*/).join(" "), selectionStart, selectionEnd, "end");
    this.ask(PAUSE);
  }
}

customElements.define("query-bar", QueryBar);

const shift = (where) => document.querySelector(`[data-shift="${where}"]`)?.click();

bind({
  "/": () => {
    const bar = document.querySelector("#bar");
    bar?.focus();
    bar?.setSelectionRange(bar.value.length, bar.value.length);
  },
  "[": () => shift("earlier"),
  "]": () => shift("later"),
});

// A span up to now and two ends exclude each other: what is written last counts.
document.addEventListener("input", ({ target }) => {
  const ends = ["since", "until"];
  const others = { span: ends, since: ["span"], until: ["span"] }[target.name];
  for (const name of others ?? []) {
    const other = target.form?.elements[name];
    if (other && target.value) other.value = "";
  }
});
