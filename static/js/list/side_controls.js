// What the panel to narrow by does once somebody comes near: its edge, dragged or moved by the arrow keys, and
// Alt with a click on a value. `side_panel.js` loads this then, and at once for a width of one's own.

import { make } from "../site/html.js";

const KEY = "side-width"; // in localStorage, since a width belongs to a screen
const MIN = 200;
const MAX = 360;
const USUAL = 232;
const STEP = 8;

const side = document.querySelector("#side");
const sheet = new CSSStyleSheet(); // a style attribute would be refused where htmx copies the page
document.adoptedStyleSheets.push(sheet);

const edge = make("div", {
  className: "side-edge",
  tabIndex: 0,
  role: "separator",
  ariaOrientation: "vertical",
  ariaLabel: "Width of the panel to narrow by",
  ariaValueMin: MIN,
  ariaValueMax: MAX,
});
edge.setAttribute("aria-controls", "side");

function set(pixels) {
  const width = Math.round(Math.min(MAX, Math.max(MIN, pixels)));
  sheet.replaceSync(`.desk, .beside-facets { --side-width: ${width}px; }`);
  edge.ariaValueNow = width;
  return width;
}

function keep(pixels) {
  localStorage.setItem(KEY, set(pixels));
}

const drag = ({ clientX }) => keep(clientX - side.getBoundingClientRect().left);

edge.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  edge.setPointerCapture(event.pointerId);
  edge.classList.add("dragged");
  edge.addEventListener("pointermove", drag);
});
edge.addEventListener("lostpointercapture", () => {
  edge.classList.remove("dragged");
  edge.removeEventListener("pointermove", drag);
});

// Without a width of one's own the style sheet has one for each size of screen.
function forget() {
  localStorage.removeItem(KEY);
  sheet.replaceSync("");
  edge.ariaValueNow = Math.round(side.offsetWidth) || USUAL;
}

edge.addEventListener("dblclick", forget);
edge.addEventListener("keydown", (event) => {
  const now = Number(edge.ariaValueNow);
  const to = { ArrowLeft: now - STEP, ArrowRight: now + STEP, Home: MIN, End: MAX }[event.key];
  if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keep(to);
});

const own = Number(localStorage.getItem(KEY));
if (own) set(own);
else edge.ariaValueNow = Math.round(side.offsetWidth) || USUAL;
side.after(edge);

// Alt and a click: anything but this value. (A browser would download the page.)
side.addEventListener("click", (event) => {
  if (!event.altKey) return;
  const not = event.target.closest("li a.is")?.parentElement.querySelector("a.not");
  if (!not) return;
  event.preventDefault();
  event.stopPropagation();
  not.click();
}, true);
