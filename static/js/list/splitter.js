// The splitter between the rows and the open interaction: dragged, or moved by the arrow keys. Until
// somebody moves it the stylesheet says how wide what is open is.

import { ResizeEdge } from "./resize_edge.js";

const MIN = 25; // percent of the columns
const LIST = 672; // pixels that the list keeps; desk.css has the same
const STEP = 2;

const columns = document.querySelector(".desk");
const panel = document.querySelector("#open-interaction");

function percentNow() {
  return (panel.getBoundingClientRect().width / columns.clientWidth) * 100;
}

function set(percent) {
  const all = columns.clientWidth;
  const most = Math.floor((1 - LIST / all) * 100);
  const width = Math.round(Math.max(MIN, Math.min(percent, most)));
  const side = parseFloat(getComputedStyle(columns).getPropertyValue("--side-width"));
  const fits = all * (1 - width / 100) - side >= LIST;
  splitter.sheet.replaceSync(`.desk { --open-width: ${width}%; }`);
  columns.classList.toggle("side-fits", fits);
  columns.classList.toggle("no-side", !fits);
  splitter.element.ariaValueMax = most;
  splitter.element.ariaValueNow = width;
  return width;
}

function unset() {
  columns.classList.remove("side-fits", "no-side");
  splitter.element.ariaValueNow = Math.round(percentNow());
}

function at({ clientX }) {
  const { right, width } = columns.getBoundingClientRect();
  return ((right - clientX) / width) * 100;
}

function by(key) {
  const step = { ArrowLeft: STEP, ArrowRight: -STEP }[key];
  return step && percentNow() + step;
}

const splitter = new ResizeEdge(
  "beside", // browsers hold it by this name
  { className: "splitter", label: "Width of the open interaction", controls: "open-interaction", min: MIN },
  { set, at, by, unset },
);
panel.before(splitter.element);
splitter.restore();
addEventListener("resize", () => splitter.restore());
