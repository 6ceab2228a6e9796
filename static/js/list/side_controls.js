// What the panel to narrow by does once somebody comes near: its edge, dragged or moved by the arrow keys, and
// Alt with a click on a value. `side_panel.js` loads this then, and at once for a width of one's own.

import { ResizeEdge } from "./resize_edge.js";

const MIN = 200;
const MAX = 360;
const USUAL = 232;
const STEP = 8;

const side = document.querySelector("#side");

const edge = new ResizeEdge(
  "side-width",
  { className: "side-edge", label: "Width of the panel to narrow by", controls: "side", min: MIN, max: MAX },
  {
    set(pixels) {
      const width = Math.round(Math.min(MAX, Math.max(MIN, pixels)));
      edge.sheet.replaceSync(`.desk, .beside-facets { --side-width: ${width}px; }`);
      edge.element.ariaValueNow = width;
      return width;
    },
    at: ({ clientX }) => clientX - side.getBoundingClientRect().left,
    by(key) {
      const now = Number(edge.element.ariaValueNow);
      return { ArrowLeft: now - STEP, ArrowRight: now + STEP, Home: MIN, End: MAX }[key];
    },
    // The stylesheet has a width for each size of screen.
    unset: () => (edge.element.ariaValueNow = Math.round(side.offsetWidth) || USUAL),
  },
);
edge.restore();
side.after(edge.element);

// Alt and a click: anything but this value. (A browser would download the page.)
side.addEventListener("click", (event) => {
  if (!event.altKey) return;
  const not = event.target.closest("li a.is")?.parentElement.querySelector("a.not");
  if (!not) return;
  event.preventDefault();
  event.stopPropagation();
  not.click();
}, true);
