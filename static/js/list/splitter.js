// The splitter between the rows and the open interaction: dragged, or moved by the arrow keys.

import { make } from "../site/html.js";

const KEY = "beside"; // in localStorage, since a width belongs to a screen; browsers hold it by this name
const MIN = 25; // percent of the three columns
const MAX = 70;
const USUAL = 42;
const STEP = 2;

const columns = document.querySelector(".desk");
const sheet = new CSSStyleSheet(); // a style attribute would be refused where htmx copies the page
document.adoptedStyleSheets.push(sheet);

const splitter = make("div", {
  className: "splitter",
  tabIndex: 0,
  role: "separator",
  ariaOrientation: "vertical",
  ariaLabel: "Width of the open interaction",
  ariaValueMin: MIN,
  ariaValueMax: MAX,
});
splitter.setAttribute("aria-controls", "open-interaction");

function set(percent) {
  const width = Math.round(Math.min(MAX, Math.max(MIN, percent)));
  sheet.replaceSync(`.desk { --open-width: ${width}%; }`);
  splitter.ariaValueNow = width;
  return width;
}

function keep(percent) {
  localStorage.setItem(KEY, set(percent));
}

function drag({ clientX }) {
  const { right, width } = columns.getBoundingClientRect();
  keep(((right - clientX) / width) * 100);
}

splitter.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  splitter.setPointerCapture(event.pointerId);
  splitter.classList.add("dragged");
  splitter.addEventListener("pointermove", drag);
});
splitter.addEventListener("lostpointercapture", () => {
  splitter.classList.remove("dragged");
  splitter.removeEventListener("pointermove", drag);
});
splitter.addEventListener("dblclick", () => keep(USUAL));
splitter.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keep(Number(splitter.ariaValueNow) + by);
});

set(Number(localStorage.getItem(KEY)) || USUAL);
document.querySelector("#open-interaction").before(splitter);
