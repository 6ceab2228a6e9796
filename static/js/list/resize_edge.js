// An edge between two parts of a page that is dragged or moved by keys, and put back by a double click.
// The width is kept in localStorage, since it belongs to a screen.

import { make } from "../site/html.js";

// `set` applies a width and returns the one that fits; `at` says which a pointer points to, and `by` to
// which a key leads, if to any; `unset` goes back to the stylesheet's.
export class ResizeEdge {
  sheet = new CSSStyleSheet(); // a style attribute would be refused where htmx copies the page

  constructor(key, { className, label, controls, min, max = null }, { set, at, by, unset }) {
    Object.assign(this, { key, set, unset });
    document.adoptedStyleSheets.push(this.sheet);
    this.element = make("div", {
      className,
      tabIndex: 0,
      role: "separator",
      ariaOrientation: "vertical",
      ariaLabel: label,
      ariaValueMin: min,
      ariaValueMax: max,
    });
    this.element.setAttribute("aria-controls", controls);
    const drag = (event) => this.keep(at(event));
    this.on("pointerdown", (event) => {
      event.preventDefault();
      this.element.setPointerCapture(event.pointerId);
      this.element.classList.add("dragged");
      this.on("pointermove", drag);
    });
    this.on("lostpointercapture", () => {
      this.element.classList.remove("dragged");
      this.element.removeEventListener("pointermove", drag);
    });
    this.on("dblclick", () => this.reset());
    this.on("keydown", (event) => {
      const to = by(event.key);
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.keep(to);
    });
  }

  on(name, listener) {
    this.element.addEventListener(name, listener);
  }

  keep(width) {
    localStorage.setItem(this.key, this.set(width));
  }

  reset() {
    localStorage.removeItem(this.key);
    this.sheet.replaceSync("");
    this.unset();
  }

  // The kept width, on whatever window there is now.
  restore() {
    const kept = Number(localStorage.getItem(this.key));
    if (kept) this.set(kept);
    else this.unset();
  }
}
