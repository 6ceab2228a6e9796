// The points of a chart are one tab stop, and the arrows go from one to the next; the text of a point
// is shown below while it has the focus or the pointer.

class TrendChart extends HTMLElement {
  connectedCallback() {
    this.points = [...this.querySelectorAll(".plot a")];
    this.readout = this.querySelector(".readout");
    for (const point of this.points) {
      point.setAttribute("tabindex", point === this.points.at(-1) ? 0 : -1);
    }
    this.addEventListener("keydown", (event) => this.walk(event));
    for (const name of ["focusin", "pointerover"]) this.addEventListener(name, (event) => this.tell(event));
    for (const name of ["focusout", "pointerleave"]) this.addEventListener(name, () => this.rest());
  }

  walk(event) {
    const at = this.points.indexOf(event.target.closest("a"));
    const last = this.points.length - 1;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    const point = this.points[to];
    if (at < 0 || !point || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.points[at].setAttribute("tabindex", -1);
    point.setAttribute("tabindex", 0);
    point.focus();
  }

  tell(event) {
    const point = event.target.closest(".plot a");
    if (!point) return;
    this.readout.textContent = point.ariaLabel;
    this.readout.classList.add("is-told");
  }

  rest() {
    const point = this.contains(document.activeElement) ? document.activeElement.closest(".plot a") : null;
    this.readout.textContent = point?.ariaLabel ?? this.readout.dataset.said;
    this.readout.classList.toggle("is-told", Boolean(point));
  }
}

customElements.define("trend-chart", TrendChart);
