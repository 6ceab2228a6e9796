// The splitter between the rows and the open interaction: dragged, or moved by the arrow keys. Until
// somebody moves it the stylesheet says how wide what is open is.

import { make } from "../site/html.js";

const KEY = "beside"; // in localStorage, since a width belongs to a screen; browsers hold it by this name
const MIN = 25; // percent of the columns
const LIST = 672; // pixels that the list keeps; desk.css has the same
const STEP = 2;

const columns = document.querySelector(".desk");
const panel = document.querySelector("#open-interaction");
const sheet = new CSSStyleSheet(); // a style attribute would be refused where htmx copies the page
document.adoptedStyleSheets.push(sheet);

const splitter = make("div", {
  className: "splitter",
  tabIndex: 0,
  role: "separator",
  ariaOrientation: "vertical",
  ariaLabel: "Width of the open interaction",
  ariaValueMin: MIN,
});
splitter.setAttribute("aria-controls", "open-interaction");

function percentNow() {
  return (panel.getBoundingClientRect().width / columns.clientWidth) * 100;
}

function set(percent) {
  const all = columns.clientWidth;
  const most = Math.floor((1 - LIST / all) * 100);
  const width = Math.round(Math.max(MIN, Math.min(percent, most)));
  const side = parseFloat(getComputedStyle(columns).getPropertyValue("--side-width"));
  const fits = all * (1 - width / 100) - side >= LIST;
  sheet.replaceSync(`.desk { --open-width: ${width}%; }`);
  columns.classList.toggle("side-fits", fits);
  columns.classList.toggle("no-side", !fits);
  splitter.ariaValueMax = most;
  splitter.ariaValueNow = width;
  return width;
}

function keep(percent) {
  localStorage.setItem(KEY, set(percent));
}

function reset() {
  localStorage.removeItem(KEY);
  sheet.replaceSync("");
  columns.classList.remove("side-fits", "no-side");
  splitter.ariaValueNow = Math.round(percentNow());
}

// The stored width, on whatever window there is now.
function restore() {
  const kept = Number(localStorage.getItem(KEY));
  if (kept) set(kept);
  else reset();
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
splitter.addEventListener("dblclick", reset);
splitter.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keep(percentNow() + by);
});

panel.before(splitter);
restore();
addEventListener("resize", restore);
