/* Images of a conversation, large: a.zoom opens here; without this it opens the image itself. */

const STEP = 1.25;
const MOST = 8;

let dialog, picture, caption, place, zoomed;
let images = [];
let at = 0;
let scale = 0; // 0 fits the window, 1 is one pixel for each

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  dialog.setAttribute("aria-label", "Image");
  const bar = document.createElement("div");
  bar.className = "lightbox-bar";
  place = document.createElement("span");
  zoomed = document.createElement("span");
  zoomed.className = "muted";
  zoomed.setAttribute("role", "status");
  bar.append(
    place,
    button("←", "Image before", () => show(at - 1), "step"),
    button("→", "Next image", () => show(at + 1), "step"),
    button("−", "Smaller", () => zoom(1 / STEP)),
    button("+", "Larger", () => zoom(STEP)),
    button("Fit", "Fit the window", () => set(0)),
    button("100 %", "100 %, actual size", () => set(1)),
    zoomed,
    button("Close", "Close", () => dialog.close(), "close"),
  );
  const room = document.createElement("div");
  room.className = "lightbox-room";
  room.tabIndex = 0;
  room.setAttribute("role", "group");
  room.setAttribute("aria-label", "The image; arrow keys go to the others, plus and minus zoom");
  picture = document.createElement("img");
  picture.addEventListener("click", () => set(scale === 0 ? 1 : 0));
  picture.addEventListener("load", draw);
  room.append(picture);
  room.addEventListener("click", (event) => event.target === room && dialog.close());
  caption = document.createElement("p");
  dialog.append(bar, room, caption);
  dialog.addEventListener("keydown", keys);
  addEventListener("resize", () => dialog.open && draw());
  document.body.append(dialog);
}

function button(text, name, act, className = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `small ${className}`;
  made.textContent = text;
  made.setAttribute("aria-label", name);
  made.addEventListener("click", act);
  return made;
}

function show(index) {
  at = (index + images.length) % images.length;
  const link = images[at];
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  caption.textContent = link.closest("figure")?.querySelector("figcaption")?.textContent ?? "";
  place.textContent = images.length > 1 ? `${at + 1} of ${images.length}` : "";
  for (const step of dialog.querySelectorAll(".step")) step.hidden = images.length < 2;
  set(0);
}

function fitting() {
  const room = picture.parentElement;
  return Math.min(
    1,
    (room.clientWidth - 32) / picture.naturalWidth,
    (room.clientHeight - 32) / picture.naturalHeight,
  );
}

function zoom(factor) {
  set(Math.min(MOST, Math.max(0.05, (scale || fitting()) * factor)));
}

function set(to) {
  scale = to;
  if (picture.complete && picture.naturalWidth) draw();
}

function draw() {
  const now = scale || fitting();
  picture.width = Math.max(1, Math.round(picture.naturalWidth * now));
  picture.height = Math.max(1, Math.round(picture.naturalHeight * now));
  picture.classList.toggle("fits", scale === 0);
  zoomed.textContent = `${Math.round(now * 100)} %`;
}

function keys(event) {
  const act = {
    ArrowLeft: () => show(at - 1),
    ArrowRight: () => show(at + 1),
    "+": () => zoom(STEP),
    "=": () => zoom(STEP),
    "-": () => zoom(1 / STEP),
    0: () => set(0),
    1: () => set(1),
  }[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  const walks = event.key.startsWith("Arrow");
  if (walks && (images.length < 2 || scale > fitting())) return; // the arrows scroll then
  event.preventDefault();
  event.stopPropagation();
  act();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.zoom");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!dialog) build();
  images = [...(link.closest(".talk") ?? document).querySelectorAll("a.zoom")];
  dialog.showModal();
  show(images.indexOf(link));
  picture.parentElement.focus(); // the first button may just have been hidden
});
