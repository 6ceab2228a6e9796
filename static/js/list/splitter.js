// The edge between the rows and the open interaction: dragged, or moved by the arrow keys.

const KEY = "beside"; // in this browser's memory: a width belongs to a screen
const LEAST = 25; // percent of the desk
const MOST = 70;
const STEP = 2;

const desk = document.querySelector(".desk");
const edge = document.createElement("div");
const sheet = new CSSStyleSheet(); // a style attribute would be refused where htmx copies the page
document.adoptedStyleSheets.push(sheet);

function set(percent) {
  const width = Math.round(Math.min(MOST, Math.max(LEAST, percent)));
  sheet.replaceSync(`.desk { --beside: ${width}%; }`);
  edge.setAttribute("aria-valuenow", width);
  return width;
}

function keep(percent) {
  localStorage.setItem(KEY, set(percent));
}

function drag({ clientX }) {
  const { right, width } = desk.getBoundingClientRect();
  keep(((right - clientX) / width) * 100);
}

edge.className = "edge";
edge.tabIndex = 0;
for (const [name, value] of Object.entries({
  role: "separator",
  "aria-orientation": "vertical",
  "aria-label": "Width of the open interaction",
  "aria-controls": "peek",
  "aria-valuemin": LEAST,
  "aria-valuemax": MOST,
})) edge.setAttribute(name, value);

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
edge.addEventListener("dblclick", () => keep(42));
edge.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  keep(Number(edge.getAttribute("aria-valuenow")) + by);
});

set(Number(localStorage.getItem(KEY)) || 42);
document.querySelector("#peek").before(edge);
