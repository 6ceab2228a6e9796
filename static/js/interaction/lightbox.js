// Images, large. Every `a.zoom` that leads to a picture opens here (page_frame.js loads this when the first
// one is clicked); without scripts it opens the picture itself. What a page must and may do:
//
//   <a class="zoom" href="picture" data-caption="text" data-aside="#selector"><img alt="…"></a>
//
// * The links of the nearest ancestor `[data-gallery]`, `.transcript` or `.talk` (else of the page) are
//   walked by the arrows, in the order of the document.
// * `data-caption` stands below; without it the text of the figure's <figcaption>.
// * `data-aside` is a selector of what is shown beside the picture where there is room (a copy; also
//   of a <template>); without it, in a conversation, the turn that holds it and the answer.
// * `open(link)` opens one from a script; the document hears `lightbox:show` (detail: { link })
//   for each that is shown, and focus goes back to the link that was shown last.

const STEP = 1.25;
const MOST = 16;
const PAN = 80; // pixels that an arrow moves a picture larger than the window
const STILL = 4; // pixels that a pointer may move in a click

let dialog, room, picture, caption, aside, place, zoomed, asideSwitch;
let links = [];
let at = 0;
let view = { scale: 1, x: 0, y: 0, turns: 0, fits: true };
const pointers = new Map();
let moved = 0;

function make(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function button(text, name, act, className = "") {
  const made = make("button", `small ${className}`, text);
  made.type = "button";
  made.setAttribute("aria-label", name);
  made.title = name;
  made.addEventListener("click", act);
  return made;
}

function build() {
  place = make("span", "place");
  zoomed = make("span", "muted zoomed");
  zoomed.setAttribute("role", "status");
  asideSwitch = button("Text", "Show or hide the text (i)", toggleAside, "aside-switch");
  const bar = make(
    "div",
    "lightbox-bar",
    button("←", "Image before (←)", () => show(at - 1), "step"),
    place,
    button("→", "Next image (→)", () => show(at + 1), "step"),
    button("−", "Smaller (−)", () => zoom(1 / STEP)),
    button("+", "Larger (+)", () => zoom(STEP)),
    button("Fit", "Fit the window (0)", fit),
    button("100 %", "100 %, actual size (1)", () => zoomTo(1)),
    button("⟳", "Rotate (r)", rotate),
    zoomed,
    asideSwitch,
    button("Close", "Close (Esc)", () => dialog.close(), "close"),
  );
  picture = make("img", "");
  picture.draggable = false;
  picture.addEventListener("load", fit);
  room = make("div", "lightbox-room", picture);
  room.tabIndex = 0;
  room.setAttribute("role", "group");
  room.setAttribute("aria-label", "The image. Arrows step or move, plus and minus zoom, r rotates");
  aside = make("div", "lightbox-aside");
  aside.tabIndex = 0;
  aside.setAttribute("role", "group");
  aside.setAttribute("aria-label", "What was said");
  caption = make("p", "lightbox-caption");
  dialog = make("dialog", "lightbox", bar, room, aside, caption);
  dialog.setAttribute("aria-label", "Image");
  dialog.addEventListener("keydown", keys);
  dialog.addEventListener("close", () => links[at]?.focus());
  room.addEventListener("wheel", wheel, { passive: false });
  for (const [name, act] of Object.entries({ pointerdown: down, pointermove: move, pointerup: up, pointercancel: up })) {
    room.addEventListener(name, act);
  }
  addEventListener("resize", () => dialog.open && (view.fits ? fit() : draw()));
  document.body.append(dialog);
}

function show(index) {
  at = (index + links.length) % links.length;
  const link = links[at];
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  const figure = link.closest("figure");
  caption.textContent = link.dataset.caption ?? figure?.querySelector("figcaption")?.textContent ?? "";
  place.textContent = links.length > 1 ? `${at + 1} of ${links.length}` : "";
  for (const step of dialog.querySelectorAll(".step")) step.hidden = links.length < 2;
  aside.replaceChildren(...beside(link));
  aside.scrollTop = 0;
  dialog.classList.toggle("alone", !aside.hasChildNodes());
  asideSwitch.hidden = !aside.hasChildNodes();
  view = { scale: 1, x: 0, y: 0, turns: 0, fits: true };
  if (picture.complete && picture.naturalWidth) fit();
  for (const near of [at + 1, at - 1]) new Image().src = links.at(near % links.length).href;
  document.dispatchEvent(new CustomEvent("lightbox:show", { detail: { link } }));
}

// Copies, without what must stand only once on a page.
function beside(link) {
  const named = link.dataset.aside && document.querySelector(link.dataset.aside);
  if (named) return copies([...(named.content ?? named).childNodes]);
  const turn = link.closest(".turn");
  const answer = turn?.closest(".talk")?.querySelector(".turn.answer");
  return copies([turn, answer === turn ? null : answer].filter(Boolean));
}

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

function toggleAside() {
  dialog.classList.toggle("alone");
  if (view.fits) fit();
}

// The size of the picture as it lies, in its own pixels.
function size() {
  const [width, height] = [picture.naturalWidth, picture.naturalHeight];
  return view.turns % 2 ? [height, width] : [width, height];
}

function fitting() {
  const [width, height] = size();
  return Math.min(1, (room.clientWidth - 32) / width, (room.clientHeight - 32) / height);
}

function fit() {
  if (!picture.naturalWidth) return;
  view = { ...view, scale: fitting(), x: 0, y: 0, fits: true };
  draw();
}

function rotate() {
  view.turns = (view.turns + 1) % 4;
  fit();
}

// Larger or smaller, with the point at `x`, `y` (from the middle of the room) staying where it is.
function zoom(factor, x = 0, y = 0) {
  zoomTo(view.scale * factor, x, y);
}

function zoomTo(wanted, x = 0, y = 0) {
  const scale = Math.min(MOST, Math.max(Math.min(0.05, fitting()), wanted));
  const factor = scale / view.scale;
  view = { ...view, scale, x: x - (x - view.x) * factor, y: y - (y - view.y) * factor, fits: false };
  draw();
}

function pan(x, y) {
  view.x += x;
  view.y += y;
  draw();
}

function draw() {
  const [width, height] = size().map((length) => length * view.scale);
  const [mostX, mostY] = [width - room.clientWidth, height - room.clientHeight].map((n) => Math.max(0, n / 2 + 16));
  view.x = Math.min(mostX, Math.max(-mostX, view.x));
  view.y = Math.min(mostY, Math.max(-mostY, view.y));
  picture.style.transform = `translate(-50%, -50%) translate(${view.x}px, ${view.y}px) scale(${view.scale}) rotate(${90 * view.turns}deg)`;
  room.classList.toggle("larger", isLarger());
  picture.classList.toggle("pixels", view.scale >= 3);
  zoomed.textContent = `${Math.round(view.scale * 100)} %`;
}

function isLarger() {
  return view.scale > fitting() * 1.001;
}

function fromMiddle({ clientX, clientY }) {
  const box = room.getBoundingClientRect();
  return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
}

function wheel(event) {
  event.preventDefault();
  const lines = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
  zoom(Math.exp(-lines / (event.ctrlKey ? 100 : 400)), ...fromMiddle(event));
}

function down(event) {
  if (event.button) return;
  room.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, event);
  if (pointers.size === 1) moved = 0;
}

// One pointer moves the picture; two pinch it.
function move(event) {
  const last = pointers.get(event.pointerId);
  if (!last) return;
  const other = [...pointers.values()].find((one) => one.pointerId !== event.pointerId);
  pointers.set(event.pointerId, event);
  const [x, y] = [event.clientX - last.clientX, event.clientY - last.clientY];
  moved += Math.hypot(x, y);
  if (!other) {
    if (moved > STILL) pan(x, y);
    return;
  }
  const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  zoom(apart(event) / Math.max(1, apart(last)), ...fromMiddle(other));
}

function up(event) {
  const wasAlone = pointers.size === 1;
  if (!pointers.delete(event.pointerId) || event.type !== "pointerup") return;
  if (!wasAlone || moved > STILL) return;
  const isOn = document.elementFromPoint(event.clientX, event.clientY) === picture;
  if (!isOn) dialog.close();
  else if (view.fits && view.scale < 1) zoomTo(1, ...fromMiddle(event));
  else if (view.fits) zoomTo(2, ...fromMiddle(event));
  else fit();
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest(".lightbox-aside") && event.key.startsWith("Arrow")) return; // it scrolls
  const moves = isLarger() && { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };
  const act = {
    ...(links.length > 1 && {
      ArrowLeft: () => show(at - 1),
      ArrowRight: () => show(at + 1),
      k: () => show(at - 1),
      j: () => show(at + 1),
      PageUp: () => show(at - 1),
      PageDown: () => show(at + 1),
      Home: () => show(0),
      End: () => show(links.length - 1),
    }),
    "+": () => zoom(STEP),
    "=": () => zoom(STEP),
    "-": () => zoom(1 / STEP),
    0: fit,
    1: () => zoomTo(1),
    r: rotate,
    i: toggleAside,
    ...(moves && Object.fromEntries(Object.entries(moves).map(([key, by]) => [key, () => pan(...by)]))),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

export function open(link) {
  if (!dialog) build();
  const gallery = link.closest("[data-gallery], .transcript, .talk") ?? document;
  links = [...gallery.querySelectorAll("a.zoom")];
  dialog.showModal();
  show(links.indexOf(link));
  room.focus(); // the first button may just have been hidden
}
