// Completion in the query bar (ARIA's combobox); loaded when somebody comes to the bar.

import { make } from "../site/html.js";
import { forget, recentQueries, remember } from "./recent_queries.js";

const PAUSE = 90; // ms from the last key to the request
const ID = /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}/i;

class QueryBar extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.popup = make("div", { className: "suggestions", hidden: true });
    this.status = make("span", { className: "visually-hidden", role: "status" });
    this.append(this.popup, this.status);
    const roles = { role: "combobox", ariaAutoComplete: "list", ariaHasPopup: "listbox", ariaExpanded: false };
    Object.assign(this.input, roles).setAttribute("aria-controls", "bar-options");
    this.held = [];
    this.input.addEventListener("input", () => {
      this.held = []; // they were for an earlier text
      this.ask(PAUSE);
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("paste", (event) => this.paste(event));
    // Somebody came here by Tab; a focus that a script gives back opens nothing.
    this.input.addEventListener("keyup", ({ key }) => key === "Tab" && this.offer());
    this.input.form.addEventListener("submit", () => {
      remember(this.dataset.from, this.input.value);
      this.close();
    });
    if (this.input.ariaInvalid) forget(this.dataset.from, this.input.value);
    // Typed while this was loading.
    if (document.activeElement === this.input && this.input.value !== this.input.defaultValue) this.ask();
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

  // From an empty bar Tab goes on, unless an option was chosen.
  get tabTakes() {
    return Boolean(this.active || this.input.value.trim());
  }

  get active() {
    return this.popup.querySelector("[aria-selected=true]");
  }

  // The options shown are for an earlier text.
  get isBusy() {
    return this.popup.ariaBusy === "true";
  }

  // What an empty query may begin with.
  offer() {
    if (this.popup.hidden && !this.input.value.trim()) this.ask();
  }

  ask(pause = 0) {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.popup.ariaBusy = !this.popup.hidden;
    this.mark(null);
    this.timer = setTimeout(async () => {
      this.asking = new AbortController();
      const { value } = this.input;
      // Characters, as the server counts them: an emoji is one.
      const at = [...value.slice(0, this.input.selectionStart)].length;
      const query = new URLSearchParams({ bar: value, at });
      if (ID.test(value)) query.set("within", location.search.slice(1)); // why is it not in these rows?
      try {
        const { signal } = this.asking;
        const answer = await fetch(`${this.dataset.from}?${query}`, { signal });
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
    if (!value.trim()) this.showRecent();
    this.popup.ariaBusy = false;
    this.value = value;
    const n = this.popup.querySelectorAll("[role=option]").length;
    this.popup.hidden = n === 0 && !this.popup.querySelector("p");
    this.input.ariaExpanded = !this.popup.hidden;
    this.mark(null);
    this.status.textContent = n === 1 ? "1 suggestion" : `${n} suggestions`;
    this.letGo();
  }

  showRecent() {
    const options = recentQueries(this.dataset.from).map((text, n) => {
      const option = make("div", { role: "option", id: `bar-recent-${n}`, className: "recent" });
      Object.assign(option.dataset, { text, start: 0, end: [...this.input.value].length, isWhole: "" });
      option.append(make("b", {}, text), " ", make("span", {}, "recent"));
      return option;
    });
    this.popup.querySelector("[role=listbox]")?.prepend(...options);
  }

  // An Enter that finds no option submits, as in any input.
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
    this.popup.ariaBusy = false;
    this.popup.hidden = true;
    this.popup.replaceChildren();
    this.status.textContent = "";
    this.input.ariaExpanded = false;
  }

  mark(option) {
    this.active?.removeAttribute("aria-selected");
    this.input.removeAttribute("aria-activedescendant");
    if (!option) return;
    option.ariaSelected = true;
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

  // Whether the key was for the options.
  press(key) {
    const isOpen = this.options.length > 0;
    const action = {
      ArrowDown: () => this.step(1),
      ArrowUp: () => this.step(-1),
      Escape: (isOpen || this.isBusy) && (() => this.close()),
      Enter: this.active && (() => this.accept(this.active)),
      Tab: isOpen && this.tabTakes && (() => this.accept(this.active ?? this.options[0])),
    }[key];
    if (action) action();
    return Boolean(action);
  }

  // Keys pressed while options load are for the options to come; but Enter alone submits, and a
  // second Tab leaves.
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
    if (option.dataset.href) return location.assign(option.dataset.href);
    const letters = [...this.input.value];
    const offered = [...this.value]; // the text that the options are for
    const { text } = option.dataset;
    const start = Number(option.dataset.start);
    // Clicked while newer options load: what was typed meanwhile is replaced, too.
    const end = Number(option.dataset.end) + letters.length - offered.length;
    const rest = letters.slice(end).join("");
    const around = offered.slice(0, start).join("") + offered.slice(option.dataset.end).join("");
    if (end < start || letters.slice(0, start).join("") + rest !== around) return;
    const isName = /[:"-]$/.test(text) && !("isWhole" in option.dataset);
    const space = isName || rest.startsWith(" ") || rest.startsWith(")") ? "" : " ";
    const before = letters.slice(0, start).join("") + text + space;
    this.input.value = before + rest;
    this.input.setSelectionRange(before.length, before.length);
    this.close();
    if ("goesOn" in option.dataset) this.ask();
  }

  // An input would join lines without a space.
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
