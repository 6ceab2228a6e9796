// Images, large. Every `a.zoom` that leads to an image opens here (page_frame.js loads this on the
// first click); without scripts it opens the image itself. What a page must and may do:
//
//   <a class="zoom" href="image" data-caption="text" data-aside="#selector"><img alt="…"></a>
//
// * The arrows walk the links of the nearest ancestor `[data-gallery]`, `.transcript` or `.talk`
//   (else of the page), in the order of the document.
// * `data-caption` stands below; without it the text of the figure's <figcaption>.
// * `data-aside` is a selector of what is copied beside the image where there is room (also of a
//   <template>); without it, in a conversation, the turn that holds the image and the answer.
// * `open(link)` opens one from a script; the document hears `lightbox:show` (detail: { link })
//   for each that is shown, and the focus goes back to the link that was shown last.

import { make } from "../site/html.js";

const STEP = 1.25;
const MAX_SCALE = 16;
const PAN = 80; // pixels that an arrow moves an image larger than the window
const STILL = 4; // pixels that a pointer may move in a click
const WHOLE = { scale: 1, x: 0, y: 0, turns: 0, isFitted: true };

function button(text, name, action, className = "") {
  const made = make("button", { type: "button", className: `small ${className}`, ariaLabel: name, title: name }, text);
  made.addEventListener("click", action);
  return made;
}

class Lightbox {
  links = []; // of the gallery
  at = 0; // the one shown
  view = WHOLE;
  pointers = new Map();
  moved = 0; // pixels, since the first pointer came down

  position = make("span", { className: "position" });
  zoomed = make("span", { className: "muted zoomed", role: "status" });
  textSwitch = button("Text", "Show or hide the text (i)", () => this.toggleText(), "aside-switch");
  image = make("img", { draggable: false });
  room = make("div", {
    className: "lightbox-room",
    tabIndex: 0,
    role: "group",
    ariaLabel: "The image. Arrows step or move, plus and minus zoom, r rotates",
  }, this.image);
  text = make("div", { className: "lightbox-aside", tabIndex: 0, role: "group", ariaLabel: "What was said" });
  caption = make("p", { className: "lightbox-caption" });

  constructor() {
    const bar = make(
      "div",
      { className: "lightbox-bar" },
      button("←", "Image before (←)", () => this.show(this.at - 1), "step"),
      this.position,
      button("→", "Next image (→)", () => this.show(this.at + 1), "step"),
      button("−", "Smaller (−)", () => this.zoom(1 / STEP)),
      button("+", "Larger (+)", () => this.zoom(STEP)),
      button("Fit", "Fit the window (0)", () => this.fit()),
      button("100 %", "100 %, actual size (1)", () => this.zoomTo(1)),
      button("⟳", "Rotate (r)", () => this.rotate()),
      this.zoomed,
      this.textSwitch,
      button("Close", "Close (Esc)", () => this.dialog.close(), "close"),
    );
    const parts = [bar, this.room, this.text, this.caption];
    this.dialog = make("dialog", { className: "lightbox", ariaLabel: "Image" }, ...parts);
    this.dialog.addEventListener("keydown", (event) => this.press(event));
    this.dialog.addEventListener("close", () => this.links[this.at]?.focus());
    this.image.addEventListener("load", () => this.fit());
    this.room.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.room.addEventListener("pointerdown", (event) => this.down(event));
    this.room.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.room.addEventListener(name, (event) => this.up(event));
    addEventListener("resize", () => this.dialog.open && (this.view.isFitted ? this.fit() : this.draw()));
    document.body.append(this.dialog);
  }

  open(link) {
    const gallery = link.closest("[data-gallery], .transcript, .talk") ?? document;
    this.links = [...gallery.querySelectorAll("a.zoom")];
    this.dialog.showModal();
    this.show(this.links.indexOf(link));
    this.room.focus(); // the first button may just have been hidden
  }

  show(index) {
    const { links, image, text } = this;
    this.at = (index + links.length) % links.length;
    const link = links[this.at];
    image.src = link.href;
    image.alt = link.querySelector("img")?.alt ?? "";
    const figure = link.closest("figure");
    this.caption.textContent = link.dataset.caption ?? figure?.querySelector("figcaption")?.textContent ?? "";
    this.position.textContent = links.length > 1 ? `${this.at + 1} of ${links.length}` : "";
    for (const step of this.dialog.querySelectorAll(".step")) step.hidden = links.length < 2;
    text.replaceChildren(...textOf(link));
    text.scrollTop = 0;
    this.dialog.classList.toggle("alone", !text.hasChildNodes());
    this.textSwitch.hidden = !text.hasChildNodes();
    this.view = WHOLE;
    if (image.complete && image.naturalWidth) this.fit();
    for (const near of [this.at + 1, this.at - 1]) new Image().src = links.at(near % links.length).href;
    document.dispatchEvent(new CustomEvent("lightbox:show", { detail: { link } }));
  }

  toggleText() {
    this.dialog.classList.toggle("alone");
    if (this.view.isFitted) this.fit();
  }

  // The size of the image as it lies, in its own pixels.
  get size() {
    const { naturalWidth: width, naturalHeight: height } = this.image;
    return this.view.turns % 2 ? [height, width] : [width, height];
  }

  get fitting() {
    const [width, height] = this.size;
    return Math.min(1, (this.room.clientWidth - 32) / width, (this.room.clientHeight - 32) / height);
  }

  get isLarger() {
    return this.view.scale > this.fitting * 1.001;
  }

  fit() {
    if (!this.image.naturalWidth) return;
    this.change({ scale: this.fitting, x: 0, y: 0, isFitted: true });
  }

  rotate() {
    this.view = { ...this.view, turns: (this.view.turns + 1) % 4 };
    this.fit();
  }

  // Larger or smaller, with the point at `x`, `y` (from the middle of the room) staying where it is.
  zoom(factor, x = 0, y = 0) {
    this.zoomTo(this.view.scale * factor, x, y);
  }

  zoomTo(wanted, x = 0, y = 0) {
    const { view } = this;
    const scale = Math.min(MAX_SCALE, Math.max(Math.min(0.05, this.fitting), wanted));
    const factor = scale / view.scale;
    this.change({ scale, x: x - (x - view.x) * factor, y: y - (y - view.y) * factor, isFitted: false });
  }

  pan(x, y) {
    this.change({ x: this.view.x + x, y: this.view.y + y });
  }

  change(changes) {
    this.view = { ...this.view, ...changes };
    this.draw();
  }

  draw() {
    const { room, image, view } = this;
    const { scale, turns } = view;
    const beyond = (length, shown) => Math.max(0, (length * scale - shown) / 2 + 16);
    const [mostX, mostY] = [beyond(this.size[0], room.clientWidth), beyond(this.size[1], room.clientHeight)];
    const x = Math.min(mostX, Math.max(-mostX, view.x));
    const y = Math.min(mostY, Math.max(-mostY, view.y));
    this.view = { ...view, x, y };
    const offset = `translate(-50%, -50%) translate(${x}px, ${y}px)`;
    image.style.transform = `${offset} scale(${scale}) rotate(${90 * turns}deg)`;
    room.classList.toggle("larger", this.isLarger);
    image.classList.toggle("pixels", scale >= 3);
    this.zoomed.textContent = `${Math.round(scale * 100)} %`;
  }

  fromMiddle({ clientX, clientY }) {
    const box = this.room.getBoundingClientRect();
    return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
    this.zoom(Math.exp(-lines / (event.ctrlKey ? 100 : 400)), ...this.fromMiddle(event));
  }

  down(event) {
    if (event.button) return;
    this.room.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, event);
    if (this.pointers.size === 1) this.moved = 0;
  }

  // One pointer moves the image; two pinch it.
  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const other = [...this.pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    this.pointers.set(event.pointerId, event);
    const [x, y] = [event.clientX - last.clientX, event.clientY - last.clientY];
    this.moved += Math.hypot(x, y);
    if (!other) {
      if (this.moved > STILL) this.pan(x, y);
      return;
    }
    const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    this.zoom(apart(event) / Math.max(1, apart(last)), ...this.fromMiddle(other));
  }

  up(event) {
    const wasAlone = this.pointers.size === 1;
    if (!this.pointers.delete(event.pointerId) || event.type !== "pointerup") return;
    if (!wasAlone || this.moved > STILL) return;
    const isOn = document.elementFromPoint(event.clientX, event.clientY) === this.image;
    if (!isOn) this.dialog.close();
    else if (!this.view.isFitted) this.fit();
    else this.zoomTo(this.view.scale < 1 ? 1 : 2, ...this.fromMiddle(event));
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest(".lightbox-aside") && event.key.startsWith("Arrow")) return; // it scrolls
    const action = this.actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  get actions() {
    const { at, links } = this;
    const [before, next] = [() => this.show(at - 1), () => this.show(at + 1)];
    const [zoomIn, zoomOut] = [() => this.zoom(STEP), () => this.zoom(1 / STEP)];
    return {
      ...(links.length > 1 && {
        ArrowLeft: before, k: before, PageUp: before, Home: () => this.show(0),
        ArrowRight: next, j: next, PageDown: next, End: () => this.show(links.length - 1),
      }),
      "+": zoomIn,
      "=": zoomIn,
      "-": zoomOut,
      0: () => this.fit(),
      1: () => this.zoomTo(1),
      r: () => this.rotate(),
      i: () => this.toggleText(),
      ...(this.isLarger && {
        ArrowLeft: () => this.pan(PAN, 0),
        ArrowRight: () => this.pan(-PAN, 0),
        ArrowUp: () => this.pan(0, PAN),
        ArrowDown: () => this.pan(0, -PAN),
      }),
    };
  }
}

// What is shown beside the image.
function textOf(link) {
  const named = link.dataset.aside && document.querySelector(link.dataset.aside);
  if (named) return copies([...(named.content ?? named).childNodes]);
  const turn = link.closest(".turn");
  const answer = turn?.closest(".talk")?.querySelector(".turn.answer");
  return copies([turn, answer === turn ? null : answer].filter(Boolean));
}

// Without what may stand only once on a page.
function copies(nodes) {
  return nodes.map((node) => {
    const copy = node.cloneNode(true);
    for (const one of copy.querySelectorAll?.("figure, input, label, script") ?? []) one.remove();
    for (const one of [copy, ...(copy.querySelectorAll?.("[id], [hx-get]") ?? [])]) {
      for (const name of ["id", "hx-get", "hx-trigger"]) one.removeAttribute?.(name);
    }
    return copy;
  });
}

const lightbox = new Lightbox();
export const open = (link) => lightbox.open(link);
