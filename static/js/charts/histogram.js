// The histogram as a control: a drag, or Shift with the arrows, chooses a span; `+`, `-` and the
// wheel zoom. What is chosen becomes a filter of the list. `side_panel.js` loads this on first use.

const SVG = "http://www.w3.org/2000/svg";
const REST = 250; // milliseconds between two zooms of a turning wheel

const number = new Intl.NumberFormat("en-GB");
const sum = (bars, name) => bars.reduce((all, bar) => all + Number(bar.dataset[name]), 0);

class TimeHistogram extends HTMLElement {
  connectedCallback() {
    this.svg = this.querySelector("svg");
    this.bars = [...this.svg.querySelectorAll("a")];
    this.count = Number(this.dataset.bars);
    this.first = Date.parse(this.dataset.first);
    this.span = null; // the numbers of the bars at both ends of what is being chosen
    this.turned = 0;
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.drag(event));
    this.svg.addEventListener("pointerup", (event) => this.release(event));
    this.svg.addEventListener("pointercancel", () => this.clear());
    this.svg.addEventListener("dragstart", (event) => event.preventDefault()); // of a bar's link
    this.svg.addEventListener("click", (event) => this.click(event), true);
    this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  // The number of the bar under the pointer; beyond the ends, the last one on that side.
  under({ clientX }) {
    const { left, width } = this.svg.getBoundingClientRect();
    const at = Math.floor(((clientX - left) / width) * this.count);
    return Math.min(this.count - 1, Math.max(0, at));
  }

  moment(at) {
    return new Date(this.first + at * Number(this.dataset.step) * 1000).toISOString().slice(0, 16);
  }

  get ends() {
    return [Math.min(...this.span), Math.max(...this.span) + 1];
  }

  choose(from, to) {
    this.span = [from, to];
    const [start, end] = this.ends;
    this.draw(start, end);
    const within = this.bars.filter(({ dataset: { at } }) => at >= start && at < end);
    const parts = [`${number.format(sum(within, "n"))} interactions`];
    if (sum(within, "bad") + sum(within, "good")) parts.push(`▼ ${number.format(sum(within, "bad"))} bad`);
    const [since, until] = [this.moment(start), this.moment(end)].map((at) => at.replace("T", " "));
    const label = this.querySelector(".brushed");
    label.textContent = `${since} – ${until} · ${parts.join(" · ")}`;
    const room = this.clientWidth - label.offsetWidth;
    const { left, width } = this.svg.getBoundingClientRect();
    const begin = left - this.getBoundingClientRect().left;
    const middle = begin + ((start + end) / 2 / this.count) * width - label.offsetWidth / 2;
    label.style.left = `${Math.max(0, Math.min(room, middle))}px`;
  }

  draw(start, end) {
    const [left, right] = [start, end].map((at) => (at / this.count) * 100);
    this.brush ??= this.svg.querySelector(".bars").appendChild(document.createElementNS(SVG, "g"));
    const shape = (name, attributes) => {
      const made = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      return made;
    };
    this.brush.replaceChildren(
      shape("rect", { class: "brush", x: `${left}%`, width: `${right - left}%`, height: "100%" }),
      ...[left, right].map((x) => shape("line", { class: "handle", x1: `${x}%`, x2: `${x}%`, y2: "100%" })),
    );
  }

  clear() {
    this.span = null;
    this.pressed = undefined;
    this.brush?.replaceChildren();
    this.querySelector(".brushed").textContent = "";
  }

  press(event) {
    if (event.button || event.pointerType === "touch") return; // a finger scrolls, or taps a bar
    this.pressed = this.under(event);
    this.wasDragged = false;
  }

  drag(event) {
    if (this.pressed === undefined) return;
    const at = this.under(event);
    if (at === this.pressed && !this.span) return;
    if (!this.span) this.svg.setPointerCapture(event.pointerId);
    this.wasDragged = true;
    this.choose(this.pressed, at);
  }

  release() {
    this.pressed = undefined;
    if (this.span) this.go();
  }

  // The click that ends a drag is not one on a bar.
  click(event) {
    if (!this.wasDragged) return;
    this.wasDragged = false;
    event.preventDefault();
    event.stopPropagation();
  }

  go() {
    const [start, end] = this.ends;
    this.clear();
    this.narrow(this.moment(start), this.moment(end));
  }

  narrow(since, until) {
    const { list, filter } = this.dataset;
    const address = `${list}${filter}${filter === "?" ? "" : "&"}since=${since}&until=${until}`;
    if (document.querySelector("#results")) htmx.ajax("GET", address, "#results");
    else location.assign(address);
  }

  // The half (or the double) of the time around a bar; the server's links have the middle.
  zoom(isCloser, around = (this.count - 1) / 2) {
    const part = isCloser ? 0.5 : 2;
    const half = Math.max(0.5, (this.count * part) / 2);
    const middle = isCloser ? Math.min(this.count - half, Math.max(half, around + 0.5)) : this.count / 2;
    if (isCloser && this.count < 3) return;
    const ends = [middle - half, middle + half].map((at) => Math.round(at));
    const [since, until] = ends.map((at) => this.moment(at));
    if (since >= "1970-01-01T00:00" && until < "3000") this.narrow(since, until);
  }

  wheel(event) {
    if (event.ctrlKey || Math.abs(event.deltaY) <= Math.abs(event.deltaX)) return;
    event.preventDefault();
    if (event.timeStamp - this.turned < REST) return;
    this.turned = event.timeStamp;
    this.zoom(event.deltaY < 0, this.under(event));
  }

  key(event) {
    const at = this.bars.indexOf(event.target.closest("a"));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.bars.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    const bar = this.bars[to];
    const numbered = (one) => Number(one.dataset.at);
    if (event.key === "Escape" && this.span) {
      event.stopPropagation(); // it would close the open interaction too
      this.clear();
    } else if (event.key === "Enter" && this.span) this.go();
    else if (!bar) return;
    else {
      if (event.shiftKey) this.choose(this.span?.[0] ?? numbered(this.bars[at]), numbered(bar));
      else this.clear();
      this.bars[at].setAttribute("tabindex", -1);
      bar.setAttribute("tabindex", 0);
      bar.focus();
    }
    event.preventDefault();
  }
}

customElements.define("time-histogram", TimeHistogram);

// A drag may end, or be given up, anywhere.
document.addEventListener("keydown", (event) => {
  const chart = document.querySelector("time-histogram");
  if (event.key === "Escape" && chart?.span) {
    chart.clear();
    chart.wasDragged = true; // the button is still down: its release is no click
    event.stopImmediatePropagation();
  }
}, true);

export function zoom(isCloser) {
  const chart = document.querySelector("time-histogram");
  const bar = document.activeElement?.closest("time-histogram a[data-at]");
  chart?.zoom(isCloser, bar ? Number(bar.dataset.at) : undefined);
}
