// A line at the foot of the window: what a key did, or why it did nothing.

import { make } from "./html.js";

const SHOWN = 5000; // milliseconds

const line = make("p", { id: "status-line", className: "status-line", role: "status" });
document.body.append(line);
const timer = { id: 0 };

export function say(text) {
  clearTimeout(timer.id);
  line.textContent = "";
  // Apart from its region's coming, and from the same text before, else nobody hears it.
  timer.id = setTimeout(() => {
    line.textContent = text;
    timer.id = setTimeout(() => (line.textContent = ""), SHOWN);
  }, 30);
}
