// The dialog "Go to": the list of /go/ as one types, by keyboard alone; loaded on first use.

import { make, request } from "./html.js";

class GoToDialog {
  static only = null;

  at = 0; // the chosen link
  newest = null; // promise that the last answer is shown

  constructor({ href, dataset }) {
    this.address = href;
    this.input = make("input", {
      type: "search", role: "combobox", placeholder: "Paste an id, or type a name", autocomplete: "off",
      ariaLabel: "An id, or the name of a page, action, view or project", ariaExpanded: false,
      ariaAutoComplete: "list", spellcheck: false,
    });
    this.input.setAttribute("aria-controls", "ways-to");
    this.room = make("div", { className: "room", tabIndex: 0, role: "region", ariaLabel: "Found" });
    const hint = make("footer", {}, "↓ ↑ choose, Enter opens, Esc closes");
    this.dialog = make("dialog", { className: "go-to", ariaLabel: "Go to" }, this.input, this.room, hint);
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.press(event));
    // Also for a place on this very page, which the browser then shows.
    this.dialog.addEventListener("click", ({ target }) => {
      if (target === this.dialog || target.closest("a")) this.dialog.close();
    });
    document.body.append(this.dialog);
    this.styled = loadStyle(dataset.css);
  }

  get links() {
    return [...this.room.querySelectorAll(".way")];
  }

  choose(n) {
    const { links, input } = this;
    this.at = links.length ? (n + links.length) % links.length : 0;
    links.forEach((link, i) => {
      Object.assign(link, { id: `way-${i}`, tabIndex: -1, role: "option", ariaSelected: i === this.at });
      for (const around of [link.parentElement, link.closest("li")]) around.role = "presentation";
    });
    const list = this.room.querySelector("ul");
    if (list) Object.assign(list, { id: "ways-to", role: "listbox", ariaLabel: "Where to" });
    input.ariaExpanded = Boolean(list);
    const chosen = links[this.at];
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  // The newest answer counts; Enter waits for it.
  ask() {
    const address = new URL(this.address);
    address.searchParams.set("q", this.input.value);
    address.searchParams.set("at", location.pathname + location.search);
    const mine = this.show(address, () => this.newest === mine);
    this.newest = mine;
  }

  async show(address, isNewest) {
    try {
      const answer = await request(address);
      const text = await answer.text();
      if (!isNewest() || answer.redirected) return; // to the login page
      this.room.innerHTML = text;
      this.choose(0);
    } catch {
      if (isNewest()) this.room.textContent = "The server does not answer. Try again.";
    }
  }

  async press(event) {
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      this.choose(this.at + steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      for (let last; last !== this.newest; ) await (last = this.newest);
      this.links[this.at]?.click();
    }
  }

  async open() {
    if (this.styled) this.styled = await this.styled; // waits once
    if (this.dialog.open) return this.input.select();
    this.input.value = "";
    this.dialog.showModal();
    this.input.focus();
    this.ask();
  }
}

// Its style comes with it: the first page does not pay for what few open.
function loadStyle(href) {
  return new Promise((done) => {
    document.head.append(make("link", { rel: "stylesheet", href, onload: () => done(), onerror: () => done() }));
  });
}

export function open(link) {
  GoToDialog.only ??= new GoToDialog(link);
  return GoToDialog.only.open();
}
