// Hints for whoever comes for the first time, one after another beside what they are about. They take
// no focus and block nothing; Escape ends them. The server remembers that somebody has seen them.

import { make, request } from "../site/html.js";

const BUSY = "dialog[open], details.menu[open], .suggestions:not([hidden]), #open-interaction > *"; // takes Escape
const GAP = 10; // pixels between a hint and its place

class Tour {
  constructor(card, seen) {
    this.card = card;
    this.seen = seen;
    this.hints = [...card.querySelectorAll("section")];
    const [next, skip] = card.querySelectorAll("button");
    next.addEventListener("click", () => this.show(1));
    skip.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.end();
    });
    const { signal } = (this.over = new AbortController());
    document.addEventListener("keydown", (event) => this.key(event), { capture: true, signal });
    addEventListener("resize", () => this.place(), { signal });
    document.body.addEventListener("htmx:afterSettle", () => this.place(), { signal });
    document.querySelector(".skip").after(card); // so that few Tabs lead there
    this.show(0);
  }

  get hint() {
    return this.hints.find((hint) => !hint.hidden);
  }

  // What is not on the screen, as the facets on a phone, has no hint.
  target(hint) {
    const target = document.querySelector(hint.dataset.place);
    return target?.checkVisibility() && target.getBoundingClientRect().height ? target : null;
  }

  show(by) {
    const from = this.hints.indexOf(this.hint) + by;
    const next = this.hints.slice(from).find((hint) => this.target(hint));
    if (!next) return this.end();
    for (const hint of this.hints) hint.hidden = hint !== next;
    const isLast = !this.hints.slice(this.hints.indexOf(next) + 1).some((hint) => this.target(hint));
    const [button, skip] = this.card.querySelectorAll("button");
    button.textContent = isLast ? "End the tour" : "Next hint";
    skip.hidden = isLast;
    this.place();
  }

  place() {
    document.querySelector(".tour-place")?.classList.remove("tour-place");
    const target = this.target(this.hint);
    if (!target) return;
    target.classList.add("tour-place");
    const { left, right, top, bottom, height } = target.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const { offsetWidth, offsetHeight } = this.card;
    const isBeside = height > clientHeight / 3; // a panel
    const x = isBeside ? right + GAP : left;
    const below = isBeside ? top + 24 : bottom + GAP;
    const y = below + offsetHeight > clientHeight ? top - offsetHeight - GAP : below;
    this.card.style.left = `${Math.max(8, Math.min(x, clientWidth - offsetWidth - 8))}px`;
    this.card.style.top = `${Math.max(8, Math.min(y, clientHeight - offsetHeight - 8))}px`;
  }

  key(event) {
    if (event.key !== "Escape" || document.querySelector(BUSY)) return;
    event.stopPropagation();
    this.end();
  }

  end() {
    this.over.abort();
    document.querySelector(".tour-place")?.classList.remove("tour-place");
    const { form } = this.card.querySelector("button");
    this.card.remove();
    this.seen();
    return request(form.action, { method: "POST", body: new FormData(form) });
  }
}

export async function start(address, seen) {
  const answer = await request(address);
  if (answer.status === 204) return seen();
  const card = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#tour");
  if (!card) return null; // somebody was logged out
  const styles = make("link", { rel: "stylesheet", href: card.dataset.css });
  document.head.append(styles);
  await new Promise((resolve) => styles.addEventListener("load", resolve, { once: true }));
  return new Tour(card, seen);
}
